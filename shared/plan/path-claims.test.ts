import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { underPrefix } from '../request-match.ts';
import type { PathMatch } from '../request-match.ts';
import { PathClaims, pathClaim } from './path-claims.ts';
import type { PathClaim } from './path-claims.ts';

function claim(namespace: string, value: string, precedence = 0, parts: Partial<PathMatch> = {}): PathClaim {
  const match = underPrefix(value);
  return pathClaim({ ...match, path: { ...match.path, ...parts } }, precedence, namespace);
}

const EXACT = { kind: 'exact' } as const;
const REGEX = { kind: 'regex' } as const;
const IN_ANY_CASE = { ignoresCase: true } as const;

describe('a path of another namespace', () => {
  it.each<[string, PathClaim, PathClaim, boolean]>([
    ['that is the same is taken', claim('a', '/models/'), claim('b', '/models/'), true],
    ['that differs by a slash at the end is taken', claim('a', '/models/'), claim('b', '/models'), true],
    ['that lies under it is taken', claim('a', '/models/'), claim('b', '/models/x/'), true],
    ['that lies above it is taken', claim('a', '/models/x/'), claim('b', '/models/'), true],
    ['that is the root is above everything', claim('a', '/models/'), claim('b', '/'), true],
    ['that begins alike inside a segment is free', claim('a', '/models'), claim('b', '/models-b/'), false],
    ['that lies beside it is free', claim('a', '/models/x/'), claim('b', '/models/y/'), false],
    ['of the same namespace is no matter', claim('a', '/models/'), claim('a', '/models/'), false],
    [
      'that asks to go in front is taken where its text begins alike',
      claim('a', '/models'),
      claim('b', '/mod', 1),
      true,
    ],
    ['is taken also where the older one asks to go in front', claim('a', '/mod', 1), claim('b', '/models'), true],
    ['that asks to go in front of nothing in its way is free', claim('a', '/models'), claim('b', '/other', 1), false],
    ['that is taken whole is taken', claim('a', '/models/'), claim('b', '/models/x', 0, EXACT), true],
    ['that is taken whole alone is taken too', claim('a', '/models/x', 0, EXACT), claim('b', '/models/x/'), true],
    ['that another word is taken whole beside is free', claim('a', '/models', 0, EXACT), claim('b', '/model'), false],
    ['that a pattern begins with is taken', claim('a', '/models/'), claim('b', '/models/[a-z]+', 0, REGEX), true],
    [
      'that a pattern can be longer than is taken also inside a segment',
      claim('a', '/models-a/'),
      claim('b', '/models.*/and/so/on', 0, REGEX),
      true,
    ],
    ['that an older pattern can be longer than is taken', claim('a', '/mod.*', 0, REGEX), claim('b', '/models/'), true],
    ['of a pattern that takes anything is taken', claim('a', '/models/'), claim('b', '.*', 0, REGEX), true],
    ['that a pattern cannot take is free', claim('a', '/models/'), claim('b', '/other/.*', 0, REGEX), false],
    ['in another case is free', claim('a', '/models/'), claim('b', '/Models/'), false],
    ['in any case is taken', claim('a', '/models/'), claim('b', '/Models/', 0, IN_ANY_CASE), true],
    [
      'is taken where the older one is in any case',
      claim('a', '/Models/', 0, IN_ANY_CASE),
      claim('b', '/models/'),
      true,
    ],
    ['that a pattern takes in any case is taken', claim('a', '/models/'), claim('b', '(?i)/MODELS/.*', 0, REGEX), true],
    [
      'that a pattern takes by a letter that is one of ASCII in another case is taken',
      claim('a', '/models/x/'),
      claim('b', '(?i)/modelſ/x/.*', 0, REGEX),
      true,
    ],
  ])('%s', (_, older, newer, taken) => {
    const claims = new PathClaims<PathClaim>();
    claims.add(older, older);

    expect(claims.findOther(newer)).toBe(taken ? older : undefined);
  });

  it('is found as by looking at every pair', () => {
    const paths = fc.array(fc.constantFrom('a', 'A', 'b', 'ab'), { maxLength: 3 }).map(parts => `/${parts.join('/')}`);
    const claims = fc.record({
      namespace: fc.constantFrom('x', 'y', 'z'),
      path: paths,
      ignoresCase: fc.constantFrom(false, false, true),
      isOrdered: fc.constantFrom(false, false, true),
    });

    fc.assert(
      fc.property(fc.array(claims), claims, claims, (older, between, newer) => {
        const index = new PathClaims<PathClaim>();
        for (const one of older) index.add(one, one);
        const first = index.findOther(between) !== undefined;
        index.add(between, between);

        expect(first).toBe(older.some(one => meet(one, between)));
        expect(index.findOther(newer) !== undefined).toBe([...older, between].some(one => meet(one, newer)));
      }),
      { numRuns: 1000 },
    );
  });
});

function meet(a: PathClaim, b: PathClaim): boolean {
  if (a.namespace === b.namespace) return false;
  const isFolded = a.ignoresCase || b.ignoresCase;
  const [x = '', y = ''] = [a, b].map(({ path }) => segments(isFolded ? path.toLowerCase() : path));
  if (x.startsWith(y) || y.startsWith(x)) return true;
  const [one = '', other = ''] = [a, b].map(({ path }) => path.toLowerCase());
  return (a.isOrdered || b.isOrdered) && (one.startsWith(other) || other.startsWith(one));
}

function segments(path: string): string {
  return `${path}/`.replace(/\/+/g, '/');
}
