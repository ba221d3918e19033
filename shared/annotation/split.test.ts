import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { splitDocuments } from './split.ts';

const split = (text: string) => splitDocuments(text).map(({ start, end }) => text.slice(start, end));

describe('documents', () => {
  it.each([
    ['one', 'a: 1\n', ['a: 1\n']],
    ['two', 'a: 1\n---\nb: 2', ['a: 1\n', 'b: 2']],
    ['a leading separator', '---\na: 1\n', ['a: 1\n']],
    ['a separator at the end', 'a: 1\n---\n', ['a: 1\n']],
    ['a separator with blanks and a comment', 'a: 1\n---  # next\nb: 2\n', ['a: 1\n', 'b: 2\n']],
    ['Windows line ends', 'a: 1\r\n---\r\nb: 2\r\n', ['a: 1\r\n', 'b: 2\r\n']],
    ['empty ones and ones of comments only', '\n---\n# nothing\n---\n\n---\na: 1', ['a: 1']],
    ['a comment in front belongs to its document', '# first\na: 1\n', ['# first\na: 1\n']],
    ['content behind the dashes does not split, as for Kubernetes', 'a: 1\n--- b\n', ['a: 1\n--- b\n']],
    ['four dashes do not split', 'a: 1\n----\nb: 2\n', ['a: 1\n----\nb: 2\n']],
    ['indented dashes do not split', 'a: |\n  x\n  ---\n  y\n', ['a: |\n  x\n  ---\n  y\n']],
    ['dashes at the margin end a block scalar too', 'a: |\n  x\n---\nb: 2\n', ['a: |\n  x\n', 'b: 2\n']],
  ])('%s', (_, text, expected) => {
    expect(split(text)).toEqual(expected);
  });

  it('are disjoint pieces of the text, in order, whatever it is', () => {
    const piece = fc.constantFrom('---', '---\n', '\n', '\r\n', '# c', 'a: 1', ' ', '\t', '--- x');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
        const text = pieces.join('');
        let last = 0;
        for (const { start, end } of splitDocuments(text)) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          last = end;
        }
      }),
    );
  });
});
