import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalQuantity } from './quantity.ts';

describe('a quantity', () => {
  it.each([
    ['500m', '500m'],
    ['0.5', '500m'],
    ['1500m', '1500m'],
    ['2000m', '2'],
    ['1.25', '1250m'],
    ['1000', '1k'],
    ['2Gi', '2Gi'],
    ['2048Mi', '2Gi'],
    ['1.5Gi', '1536Mi'],
    ['0.5Ki', '512'],
    ['1024Ki', '1Mi'],
    ['1e3', '1e3'],
    ['1500e0', '1500'],
    ['12E2', '1200'],
    ['1E', '1E'],
    ['100u', '100u'],
    ['+1', '1'],
    ['0.0000000001', '1n'],
    ['007', '7'],
    ['1.0009765625Ki', '1025'],
    ['98994.874Mi', '103803649k'],
  ])('%s is stored by the API server as %s', (text, expected) => {
    expect(canonicalQuantity(text)).toBe(expected);
  });

  it.each(['', '0', '0Gi', '-1', '1 Gi', '1gi', '1K', '.5', '1e', '1e3Gi', '50%', '1_000', '9E3G', '1e99', 'Gi'])(
    '%j is none, or none that can be scaled by',
    text => {
      expect(canonicalQuantity(text)).toBeUndefined();
    },
  );

  it('is canonical already once it has been made so', () => {
    const suffix = fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'Ti', 'e2', 'e-3');
    const number = fc.tuple(fc.integer({ min: 1, max: 999_999 }), fc.option(fc.integer({ min: 0, max: 999 })));
    fc.assert(
      fc.property(number, suffix, ([whole, fraction], unit) => {
        const canonical = canonicalQuantity(`${whole}${fraction === null ? '' : `.${fraction}`}${unit}`);
        expect(canonical).toBeDefined();
        expect(canonicalQuantity(canonical ?? '')).toBe(canonical);
      }),
    );
  });
});
