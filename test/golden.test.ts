import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { compile } from '../shared/compile.ts';
import { admissionCases, admissionFile, admissionText } from './support/golden-admission.ts';
import { compiledText, goldenCases, goldenFile, hasTimes, readCase, reversed, textOf } from './support/golden.ts';

/** `UPDATE_GOLDEN=1` writes what is compiled now; whoever reviews the change reads the difference. */
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';

function isWritten(path: string, actual: string): void {
  if (isUpdate) writeFileSync(path, actual);

  expect(actual).toBe(existsSync(path) ? readFileSync(path, 'utf8') : '');
}

describe.each(goldenCases())('%s', name => {
  const { snapshot } = readCase(name);
  const text = textOf(compile(snapshot));

  it.each([
    ['output.yaml', text.output],
    ['findings.txt', text.findings],
  ])('has its %s', (file, actual) => isWritten(goldenFile(name, file), actual));

  if (hasTimes(snapshot)) {
    it('says the same of the input in reverse', () => {
      expect(compiledText(reversed(snapshot))).toEqual(compiledText(snapshot));
    });
  }
});

describe.each(admissionCases())('admission: %s', name => {
  const text = admissionText(name);

  it.each([
    ['admitted.yaml', text.output],
    ['findings.txt', text.findings],
  ])('has its %s', (file, actual) => isWritten(admissionFile(name, file), actual));
});
