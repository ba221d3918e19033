import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mapping, service } from '../../test/support/readings.ts';
import type { Complaint } from './complaint.ts';
import type { Node } from './node.ts';
import { parseYaml } from './parse.ts';
import { readPlainDocument } from './plain-document.ts';
import { MAX_TOKENS } from './tokens.ts';

const whole = (text: string) => ({ start: 0, end: text.length });

/** What the library makes of a text, with what there is to say about it. */
function byLibrary(text: string): { node: Node | undefined; complaints: Complaint[] } {
  const complaints: Complaint[] = [];
  const node = parseYaml(text, whole(text), { tokens: MAX_TOKENS }, complaint => complaints.push(complaint));
  return { node, complaints };
}

const word = fc.oneof(
  fc.constantFrom(
    'a',
    'resnet50',
    'v2024.05.01',
    '/models/',
    'cpu:50%,mem=2Gi',
    '20',
    '0',
    '007',
    '1.5',
    '1e3',
    'true',
    'True',
  ),
  fc.constantFrom(
    'null',
    'Null',
    'yes',
    '.inf',
    '0x1f',
    '0o17',
    '-1',
    '+1',
    '12:30',
    '2024-05-01',
    'a:b',
    'a: b',
    'a #b',
    'a#b',
    '~',
  ),
  fc.constantFrom(
    "'x y'",
    '"x # y"',
    '"x\\ny"',
    "'it''s'",
    '""',
    "''",
    '"',
    "'",
    '*a',
    '&a',
    '!t',
    '|',
    '>',
    '%50',
    '@x',
    '`',
    '1_000',
  ),
  fc.string({ maxLength: 6 }),
);
const plainWord = fc.constantFrom(
  'a',
  'resnet50',
  '/models/',
  'cpu:50%',
  '20',
  'true',
  "'x y'",
  '"x # y"',
  '""',
  'b.c',
);
const flowOf = (item: fc.Arbitrary<string>, key: fc.Arbitrary<string>) =>
  fc.oneof(
    fc.array(item, { maxLength: 4 }).map(items => `[${items.join(', ')}]`),
    fc
      .array(fc.tuple(key, item), { maxLength: 3 })
      .map(pairs => `{ ${pairs.map(([k, v]) => `${k}: ${v}`).join(',')} }`),
  );
const plainKey = fc.constantFrom('a', 'b', 'type', 'timeout_ms', 'model-path', '_', 'c', 'null', 'True');
const key = fc.constantFrom('a', '1', '"q"', '', '~', 'null', 'x y');
const rest = fc.constantFrom('', '', '', ' ', ' # c');
const plainLine = fc
  .tuple(plainKey, fc.constantFrom(': ', ':   '), fc.oneof(plainWord, flowOf(plainWord, plainKey)), rest)
  .map(parts => parts.join(''));
const oddLine = fc.oneof(
  fc
    .tuple(key, fc.constantFrom(':', ': '), fc.oneof(word, flowOf(word, key)), fc.constantFrom('', '# c', '\t', ' #'))
    .map(parts => parts.join('')),
  fc.constantFrom('', '  ', '# c', '  # c', '\t', '- a', '  b: c', '...', '--- x', '%Y', '? a', ' a: b'),
  fc.string({ maxLength: 8 }),
);
const mixed = fc.oneof(
  { arbitrary: plainLine, weight: 9 },
  { arbitrary: oddLine, weight: 2 },
  fc.constantFrom('', '# c', '  # c'),
);
const anyDocument = fc
  .tuple(fc.array(mixed, { maxLength: 5 }), fc.constantFrom('\n', '\n', '\r\n', '\n\n'), fc.constantFrom('', '\n'))
  .map(([lines, between, last]) => lines.join(between) + last);

describe('a plain document', () => {
  it('is read as the YAML library reads it, with the same places, and has no fault', () => {
    let plain = 0;
    fc.assert(
      fc.property(anyDocument, text => {
        const node = readPlainDocument(text, whole(text));
        if (node === undefined) return;
        plain++;
        expect(byLibrary(text)).toEqual({ node, complaints: [] });
      }),
      { numRuns: 5000 },
    );

    // Otherwise the law above would say nothing.
    expect(plain).toBeGreaterThan(100);
  });

  it.each([
    [
      'an InferenceService',
      service('hosts: [a.example.com, b.example.com]', 'replicas: {min: 1, max: 4}', 'metrics: cpu:50%,mem:2Gi'),
    ],
    [
      'a Mapping',
      mapping(
        "headers: {x-version: '2'}",
        'rewrite: /v1/models/resnet50:predict  # only the prefix',
        '',
        'timeout_ms: 0',
      ),
    ],
  ])('is %s as users write it', (_, text) => {
    expect(readPlainDocument(text, whole(text))).toEqual(byLibrary(text).node);
  });
});
