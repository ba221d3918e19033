import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { positionAt } from '../shared/source.ts';
import { indexLines } from './lines.ts';

const text = fc.string({ unit: fc.constantFrom('a', '\n', '\r', '\r\n', '模') });

it('counts lines and columns as the core does, wherever they end', () => {
  fc.assert(
    fc.property(text, fc.nat({ max: 40 }), (source, offset) => {
      expect(indexLines(source).positionAt(offset)).toEqual(positionAt(source, offset));
    }),
  );
});

it.each([
  ['the first', 1, 'a'],
  ['one that ends as on Windows', 2, 'b'],
  ['the last, without an end', 3, 'c'],
  ['one behind the last', 4, ''],
])('gives a line without its end: %s', (_, number, line) => {
  expect(indexLines('a\nb\r\nc').line(number)).toBe(line);
});
