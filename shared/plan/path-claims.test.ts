import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PathClaims } from './path-claims.ts';
import type { PathClaim } from './path-claims.ts';

function claim(namespace: string, prefix: string, precedence = 0): PathClaim {
  return { namespace, prefix, precedence };
}

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
  ])('%s', (_, older, newer, taken) => {
    const claims = new PathClaims<PathClaim>();
    claims.add(older, older);

    expect(claims.findOther(newer)).toBe(taken ? older : undefined);
  });

  it('is found as by looking at every pair', () => {
    const prefixes = fc.array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 3 }).map(parts => `/${parts.join('/')}`);
    const claims = fc.record({
      namespace: fc.constantFrom('x', 'y', 'z'),
      prefix: prefixes,
      precedence: fc.constantFrom(0, 0, 1),
    });

    fc.assert(
      fc.property(fc.array(claims), claims, (older, newer) => {
        const index = new PathClaims<PathClaim>();
        for (const one of older) index.add(one, one);

        expect(index.findOther(newer) !== undefined).toBe(older.some(one => meet(one, newer)));
      }),
    );
  });
});

function meet(a: PathClaim, b: PathClaim): boolean {
  if (a.namespace === b.namespace) return false;
  const slashed = [a, b].map(({ prefix }) => `${prefix}/`.replace(/\/+/g, '/'));
  const [x = '', y = ''] = slashed;
  if (x.startsWith(y) || y.startsWith(x)) return true;
  const isOrdered = a.precedence !== 0 || b.precedence !== 0;
  return isOrdered && (a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix));
}
