import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isMap, isScalar, parseDocument, stringify } from 'yaml';
import type { Scalar } from 'yaml';
import { rangeInSource } from './scalar-places.ts';

/** The scalar under the key `a`, and the text it stands in. */
function scalarIn(text: string): Scalar<string> {
  const { contents } = parseDocument(text);
  const node = isMap(contents)
    ? contents.items.find(({ key }) => isScalar(key) && key.value === 'a')?.value
    : undefined;
  if (!isScalar<string>(node)) throw new Error(`no scalar: ${text}`);
  return node;
}

/** What of the source is pointed at for `needle` of the value. */
function pointedAt(text: string, needle: string): string {
  const scalar = scalarIn(text);
  const start = scalar.value.indexOf(needle);
  if (start === -1) throw new Error(`'${needle}' is not in ${JSON.stringify(scalar.value)}`);
  const range = rangeInSource(text, scalar, { start, end: start + needle.length });
  return text.slice(range.start, range.end);
}

describe('a place in a value', () => {
  const exact: Record<string, { text: string; needle: string; source?: string }> = {
    'in a literal block stands behind the indentation': { text: 'a: |\n  b: 1\n  c: 2\n', needle: 'c: 2' },
    'in a literal block that is stripped': { text: 'a: |-\n  b: 1\n  c: 2', needle: 'c: 2' },
    'in a literal block that keeps its last lines': { text: 'a: |+\n  b: 1\n\n  c: 2\n\n\nd: 1\n', needle: 'c: 2' },
    'in a literal block with an indentation indicator': { text: 'a: |2\n    b: 1\n   c: 2\n', needle: ' c: 2' },
    'in a literal block behind a comment on its header': { text: 'a: | # why\n  b: 1\n  c: 2\n', needle: 'c: 2' },
    'in a literal block with empty lines that are too short': { text: 'a: |\n    b: 1\n \n    c: 2\n', needle: 'c: 2' },
    'in a literal block with Windows line ends': { text: 'a: |\r\n  b: 1\r\n  c: 2\r\n', needle: 'c: 2' },
    'in a literal block with tabs inside': { text: 'a: |\n  b:\t1\n  c:\t2\n', needle: 'c:\t2' },
    'in a plain scalar': { text: 'a: b c d\n', needle: 'c' },
    'in a plain scalar of two lines': { text: 'a: b\n  c d\n', needle: 'c d' },
    'in a single-quoted scalar behind an escape': { text: "a: 'it''s c'\n", needle: 's c' },
    'that is an escape itself': { text: "a: 'it''s'\n", needle: "'", source: "''" },
    'in a double-quoted scalar behind escapes': { text: 'a: "b: 1\\nc: \\u00e9\\x41 2"\n', needle: '2' },
    'that holds escapes': { text: 'a: "b: 1\\nc: \\t2"\n', needle: 'c: \t2', source: 'c: \\t2' },
    'behind an escape of two units': { text: 'a: "\\U0001F600 c"\n', needle: 'c' },
    'behind a pair of escapes, as JSON writes it': { text: '{"a": "\\ud83d\\ude00 c"}', needle: 'c' },
    'behind an escaped slash': { text: '{"a": "b\\/c"}', needle: 'c' },
    'in a double-quoted scalar of several lines': { text: 'a: "b\n\n  c\n  d"\n', needle: 'd' },
    'behind an escaped line end': { text: 'a: "b \\\n   c"\n', needle: 'c' },
    'behind a folded line end of Windows': { text: 'a: "b\r\n  c"\r\n', needle: 'c' },
  };

  it.each(Object.entries(exact))('%s', (_, { text, needle, source }) => {
    const got = pointedAt(text, needle);

    expect(got).toBe(source ?? needle);
  });

  it('is the start of the scalar where value and text do not agree', () => {
    const text = 'a: >\n  b\n  c\n';
    const scalar = scalarIn(text);
    scalar.value = 'b d\n';

    const got = rangeInSource(text, scalar, { start: 2, end: 3 });

    expect(got).toEqual({ start: 3, end: 4 });
  });

  it('at the end of the value is behind its last character', () => {
    const text = 'a: "b"\n';

    const got = rangeInSource(text, scalarIn(text), { start: 1, end: 1 });

    expect(got).toEqual({ start: 5, end: 5 });
  });

  it('in an empty value is the start of the scalar', () => {
    const text = 'a: ""\n';

    const got = rangeInSource(text, scalarIn(text), { start: 0, end: 0 });

    expect(got.start).toBe(3);
  });
});

describe('every character of a value', () => {
  const styles = ['BLOCK_FOLDED', 'BLOCK_LITERAL', 'PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE'] as const;
  const line = fc.string({
    unit: fc.constantFrom('a', 'b', ' ', ':', "'", '"', '\\', '\t', '#', 'é', '模', '\u{1F600}'),
  });

  it.each(styles)('is found where the style %s wrote it', style => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.nat(4), fc.constantFrom(0, 24), (lines, depth, lineWidth) => {
        const nested = Array.from({ length: depth }).reduce<unknown>(inner => ({ n: inner }), { a: lines.join('\n') });
        const text = stringify(nested, { defaultStringType: style, lineWidth });
        const scalar = deepest(text, depth);
        // What was read, not what was meant: a line of blanks alone does not survive every style.
        const { value } = scalar;

        for (let unit = 0; unit < value.length; unit++) {
          const range = rangeInSource(text, scalar, { start: unit, end: unit + 1 });
          const written = text.slice(range.start, range.end);
          const character = value[unit] ?? '';
          const isLineEnd = /^[ \n]$/.test(character) && /^(?:\\n|\s+)$/.test(written);
          const isEscape = written.startsWith('\\') || written === "''";
          expect({ unit, written, ok: written === character || isLineEnd || isEscape }).toMatchObject({ ok: true });
        }
      }),
    );
  });
});

function deepest(text: string, depth: number): Scalar<string> {
  const path = [...Array.from({ length: depth }, () => 'n'), 'a'];
  const node = parseDocument(text).getIn(path, true);
  if (!isScalar<string>(node)) throw new Error(`no scalar: ${text}`);
  return node;
}
