import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { literalBeginning } from './literal-beginning.ts';

describe('what every path begins with that a pattern takes', () => {
  it.each<[string, string, string]>([
    ['is all of one without signs', '/models/x', '/models/x'],
    ['ends at a sign', '/models/[a-z]+', '/models/'],
    ['ends at a dot', '/models/.*', '/models/'],
    ['holds what a backslash makes a letter', String.raw`/v1\.0/\d+`, '/v1.0/'],
    ['ends before a letter that may be missing', '/models?/x', '/model'],
    ['ends before a letter that may come often or never', '/a*', '/'],
    ['ends behind a letter that comes at least once', '/a+b', '/a'],
    ['ends before a letter that is counted', '/a{0,2}', '/'],
    ['ends at a group', '/models/(a|b)/', '/models/'],
    ['is nothing where there is a choice', '/a|/b', ''],
    ['is nothing where there is a choice behind a group', '/(a)/|/b', ''],
    ['is nothing where there is a choice behind a bracket in a class', '/a[(]|/b', ''],
    ['is something where a class has the sign of a choice', '/a[|]', '/a'],
    ['is something where a class begins with its own end', '/a[]|]x', '/a'],
    ['is something where a class has a class', '/a[[:alpha:]|]', '/a'],
    ['is nothing of a quotation', String.raw`\Q/a(\E|/b`, ''],
    ['does not count where it begins', '^/a$', '/a'],
    ['is nothing of all', '.*', ''],
    ['ends before a letter that RE2 may take for one of ASCII', '/modelſ/x', '/model'],
  ])('%s', (_, pattern, expected) => {
    expect(literalBeginning(pattern)).toEqual({ text: expected, ignoresCase: false });
  });

  it('is in any case where all of the pattern is', () => {
    expect(literalBeginning('(?i)^/Models/.*')).toEqual({ text: '/Models/', ignoresCase: true });
    expect(literalBeginning('/a(?i)b')).toEqual({ text: '/a', ignoresCase: false });
  });

  it('is never more', () => {
    const piece = fc.constantFrom(
      '/',
      'a',
      'b',
      '|',
      '(',
      ')',
      '?',
      '*',
      '+',
      '[ab]',
      '[|]',
      '.',
      '{0}',
      '^',
      '$',
      '\\',
    );
    const patterns = fc.array(piece, { maxLength: 7 }).map(pieces => pieces.join(''));
    const paths = fc.array(fc.constantFrom('/', 'a', 'b', '|'), { maxLength: 4 }).map(signs => signs.join(''));

    fc.assert(
      fc.property(patterns.filter(isPattern), fc.array(paths, { maxLength: 20 }), (pattern, some) => {
        const { text } = literalBeginning(pattern);
        const taken = some.filter(path => new RegExp(`^(?:${pattern})$`).test(path));

        expect(taken.filter(path => !path.startsWith(text))).toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });
});

/** By itself: `)*(` would be one only between brackets. */
function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
