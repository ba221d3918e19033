import { describe, expect, it } from '@jest/globals';
import { replacedAll, takesWhole } from './pattern.ts';

describe('a pattern takes', () => {
  it.each([
    ['the whole of a text', '/a/.*', '/a/b', true],
    ['no part of one', '/a', '/ab', false],
    ['the longer one of two, where only that is the whole', '/a|/ab', '/ab', true],
    ['what it says the ends of', '^/a$', '/a', true],
    ['letters in any case, where it says so', '(?i)/A', '/a', true],
    ['no end of a line', '.', '\n', false],
    ['one byte for one sign', 'b.c', 'bäc', false],
    ['two bytes for a letter of two', 'b..c', 'bäc', true],
    ['letters of two bytes that it has itself', 'b(ä)+c', 'bääc', true],
    ['nothing, when no Envoy would have it', '(?=a)a', 'a', false],
  ])('%s', (_, pattern, text, expected) => {
    expect(takesWhole(pattern, text)).toBe(expected);
  });
});

/** As Envoy answers. */
describe('what a pattern takes is replaced', () => {
  it.each([
    ['by groups', '/f/([^/]+)', String.raw`/g/\1`, '/f/one/two', '/g/one/two'],
    ['everywhere', 'a', 'bb', '/h/aXa', '/h/bbXbb'],
    ['by a group that has nothing, and by all of it', '/j/(x)?(.*)', String.raw`/\2/\1/\0`, '/j/xyz', '/yz/x//j/xyz'],
    ['by a group that took no part', '/j/(x)?(.*)', String.raw`/\2/\1/\0`, '/j/', '////j/'],
    ['by a backslash and a sign of money', '/k/', String.raw`/\\$1`, '/k/a', String.raw`/\$1a`],
    ['nowhere', '/o/zzz', '/q', '/o/a', '/o/a'],
    ['in letters of any case', '(?i)/P/(.)', String.raw`/q/\1?x=`, '/p/ab', '/q/a?x=b'],
    ['between all signs, and not twice at the end of what was taken', 'a*', '-', '/aab', '-/-b-'],
    ['once, by what has the ends of a text', '^/l/(.*)$', String.raw`/m/\1`, '/l/l/', '/m/l/'],
  ])('%s', (_, pattern, substitution, text, expected) => {
    expect(replacedAll(pattern, substitution, text)).toBe(expected);
  });
});
