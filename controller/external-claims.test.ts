import { describe, expect, it } from '@jest/globals';
import { createExternalClaims } from './external-claims.ts';

describe('claims on numbers', () => {
  it('are in the order in which a holder got them, also while it moves from one to the other', () => {
    const claims = createExternalClaims();

    expect([claims.claim('shop/a', 5), claims.claim('shop/a', 3), claims.claim('shop/a', 5)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(claims.idsOf('shop/a')).toEqual([5, 3]);
    claims.release(5);
    expect(claims.idsOf('shop/a')).toEqual([3]);
    expect(claims.lastOf('shop/a')).toBeUndefined();
  });

  it('on what another one holds are a bug', () => {
    const claims = createExternalClaims();
    claims.claim('shop/a', 5);

    expect(() => claims.claim('shop/b', 5)).toThrow('number 5 for shop/b is held by shop/a');
  });

  it('that are released are remembered until somebody else has the number, or their holder another one', () => {
    const claims = createExternalClaims();
    for (const [holder, id] of [
      ['shop/a', 1],
      ['shop/b', 2],
    ] as const) {
      claims.claim(holder, id);
      claims.release(id);
    }
    expect([...claims.remembered]).toEqual([
      [1, 'shop/a'],
      [2, 'shop/b'],
    ]);

    claims.claim('shop/c', 1);
    claims.claim('shop/b', 4);
    expect([...claims.remembered]).toEqual([]);
    expect([claims.lastOf('shop/a'), claims.lastOf('shop/b')]).toEqual([undefined, undefined]);
  });

  it('that are learned begin with those that a Service has, and drop what is remembered of a holder that has one', () => {
    const claims = createExternalClaims();
    claims.claim('shop/before', 9);
    const held = new Map([
      [3, 'shop/a'],
      [5, 'shop/a'],
    ]);
    const remembered = new Map([
      [7, 'shop/a'],
      [5, 'shop/b'],
      [8, 'shop/c'],
    ]);
    claims.replace({ held, remembered }, (_, id) => id === 5);

    expect(claims.idsOf('shop/a')).toEqual([5, 3]);
    expect([...claims.remembered]).toEqual([[8, 'shop/c']]);
    expect(claims.held.has(9)).toBe(false);
  });
});
