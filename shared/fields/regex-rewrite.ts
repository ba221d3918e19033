import type { Field, Schema } from './field.ts';
import { readWritten } from './mapping-readers.ts';
import { readMap } from './read-fields.ts';

const FIELDS = {
  pattern: {
    outcome: 'built',
    type: 'pattern',
    default: 'required',
    required: true,
    doc: 'Regular expression (RE2) for a part of the path',
    read: readWritten,
  },
  substitution: {
    outcome: 'built',
    type: 'text',
    default: 'required',
    required: true,
    doc: 'What stands there instead; not empty',
    read: readWritten,
  },
} as const satisfies Record<string, Field>;

export const REGEX_REWRITE: Schema<typeof FIELDS> = {
  title: '`regex_rewrite`',
  header: [],
  fields: FIELDS,
  synonyms: {
    regex: { found: 'is none', fix: 'write `pattern`' },
    match: { found: "is Istio's name", fix: 'write `pattern`' },
    rewrite: { found: "is Istio's name", fix: 'write `substitution`' },
  },
};

export const readRegexRewrite = readMap(REGEX_REWRITE, "{pattern: '/v1/(.*)', substitution: '/\\1'}");
