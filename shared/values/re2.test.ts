import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { groupsOf, MAX_PATTERN_BYTES, PATTERN_BUDGET, patternFault, substitutionFault, takes } from './re2.ts';
import { patternSize } from './re2-size.ts';

const faultOf = (pattern: string) => patternFault(pattern, { left: PATTERN_BUDGET });

describe('a pattern', () => {
  it.each([
    '.*',
    '/api/v[0-9]+/users/[^/]+(?:/.*)?',
    '(?i)get|head',
    '\\d{4}-\\d\\d',
    '(?P<name>a)(?<other>b)',
    '[[:alpha:]]+',
    '\\p{L}\\pN[\\p{Greek}]',
    'a{1000}',
    '\\Q.*',
    '/a{,5}',
  ])('%s is taken', pattern => {
    expect(faultOf(pattern)).toBeUndefined();
  });

  it.each([
    ['/a(?=b)', 'looks around', '(?='],
    ['/a(?!b)', 'looks around', '(?!'],
    ['(?<=a)b', 'looks around', '(?<='],
    ['(a)\\1', 'refers back', '\\1'],
    ['(?<n>a)\\k<n>', 'refers back', '\\k<'],
    ['(?>a)', 'atomic', '(?>'],
    ['/a++', 'possessive', '++'],
    ['/a*+b', 'possessive', '*+'],
    ['/a\\Z', 'anchor', '\\Z'],
    ['/\\h', "'\\h'", '\\h'],
    ['/\\u0041', 'JavaScript', '\\u0041'],
    ['(?x)a', "flag 'x'", '(?x'],
    ['/a(?#b)', 'comment', '(?#'],
    ['(?R)', 'calls itself', '(?R'],
    ['/[]a', 'empty class', '[]'],
    ['*.html', 'file names', '*'],
    ['/a**', 'invalid nested repetition', '**'],
    ['/a{1001}', 'invalid repeat count', '{1001}'],
    ['(a{11}){100}', 'invalid repeat count', '{100}'],
    ['/[z-a]', 'invalid character class range', 'z-a'],
    ['/(a', 'missing closing )', '/(a'],
    ['/a)', 'unexpected )', '/a)'],
    ['\\p{Klingon}', "'\\p{Klingon}'", '\\p{Klingon}'],
    ['[\\p{Kawi}]', "'\\p{Kawi}'", '\\p{Kawi}'],
    ['\\pX', "'\\pX'", '\\pX'],
    ['', '', ''],
  ])('%s is refused, and it is said why and where', (pattern, found, part) => {
    const fault = faultOf(pattern);

    expect(fault?.found).toContain(found);
    expect(pattern.slice(fault?.start, fault?.end)).toBe(part);
  });

  it('has as many bytes as Istio takes, at most', () => {
    expect(faultOf('a'.repeat(MAX_PATTERN_BYTES))).toBeUndefined();
    expect(faultOf('a'.repeat(MAX_PATTERN_BYTES + 1))?.found).toBe('but has 1025');
    expect(faultOf('é'.repeat(513))?.found).toBe('but has 1026');
  });

  it.each(['a{1000}'.repeat(140), '\\pL{999}', '((a{10}){10}){10}'.repeat(50), '(\\w{100}){10}'.repeat(9)])(
    'of counts that multiply is refused without being tried',
    pattern => {
      expect(faultOf(pattern)?.must).toContain('at most 4096 steps');
    },
  );

  it('shares a budget with the others of its text', () => {
    const budget = { left: PATTERN_BUDGET };
    const faults = Array.from({ length: 9 }, () => patternFault('a{1000}', budget));

    expect(faults.filter(fault => fault === undefined).length).toBe(8);
    expect(faults.at(-1)?.must).toContain('together with the other patterns');
  });
});

describe('the size of a pattern', () => {
  const atom = fc.constantFrom(
    'a',
    'é',
    '.',
    '[a-z]',
    '[^/]',
    '\\d',
    '\\W',
    '\\x41',
    '(a)',
    '(?:ab)',
    '^',
    '$',
    '\\.',
    '\\Qab\\E',
  );
  const count = fc.constantFrom('', '', '*', '+', '?', '{3}', '{2,}', '{2,5}', '{0,4}', '{0}');
  const { tree } = fc.letrec<{ tree: string }>(tie => ({
    tree: fc
      .array(
        fc.tuple(
          fc.oneof(
            { weight: 4, arbitrary: atom },
            { weight: 1, arbitrary: tie('tree').map(inner => `(?:${inner})`) },
            { weight: 1, arbitrary: tie('tree').map(inner => `(${inner}|b)`) },
          ),
          count,
        ),
        { minLength: 1, maxLength: 4 },
      )
      .map(parts => parts.map(([item, times]) => item + times).join('')),
  }));

  it('is never less than what is made of it', () => {
    fc.assert(
      fc.property(tree, fc.boolean(), (text, folded) => {
        const pattern = folded ? `(?i)${text}` : text;
        fc.pre(faultOf(pattern) === undefined);

        const made = RE2JS.compile(pattern).programSize();

        expect(patternSize(pattern)).toBeGreaterThanOrEqual(made);
      }),
      { numRuns: 500 },
    );
  });

  it('of any text is found at once', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 1024 }), text => {
        expect(patternSize(text)).toBeGreaterThan(0);
      }),
    );
  });
});

describe('what replaces a pattern', () => {
  it.each([
    ['/\\1/x', 1, undefined],
    ['/\\\\1', 0, undefined],
    ['\\0', 0, undefined],
    ['/\\2', 1, "must name groups of the pattern, which has 1, but names '\\2'"],
    ['/\\1', 0, "must name groups of the pattern, which has none, but names '\\1'"],
    ['/\\d', 1, "must have a digit behind every backslash, or a second backslash, but has '\\d'"],
    ['/a\\', 1, "must have a digit behind every backslash, or a second backslash, but has '\\'"],
  ])('%s with %i groups', (text, groups, fault) => {
    expect(substitutionFault(text, groups)).toBe(fault);
  });

  it('counts groups, and a pattern is compared with the whole text', () => {
    expect(groupsOf('(a)(?:b)(?P<c>c)')).toBe(2);
    expect(takes('GET|OPTIONS', 'OPTIONS')).toBe(true);
    expect(takes('OPT', 'OPTIONS')).toBe(false);
  });
});
