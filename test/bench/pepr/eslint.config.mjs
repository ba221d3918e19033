import parser from '@typescript-eslint/parser';

// `pepr build` lints what it builds, and wants a configuration to do so.
export default [{ files: ['**/*.ts'], languageOptions: { parser } }];
