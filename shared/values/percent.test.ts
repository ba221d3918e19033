import { expect, it } from '@jest/globals';
import { parsePercent } from './percent.ts';

it.each([
  ['20', 20, false],
  ['20%', 20, false],
  ['%20', 20, true],
  ['0%', 0, false],
  ['100%', 100, false],
])('reads %s', (text, value, signInFront) => {
  expect(parsePercent(text)).toEqual({ value, signInFront });
});

it.each(['', '%', '%%50', '50%%', '%50%', '101%', '-1%', '20.5%', '1e1', '２０', ' 20'])('refuses %j', text => {
  expect(parsePercent(text)).toBeUndefined();
});
