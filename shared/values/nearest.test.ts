import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { editDistance, nearestName } from './nearest.ts';

const FIELDS = ['type', 'model', 'modelPath', 'version', 'hosts', 'replicas', 'metrics', 'timeout_ms', 'prefix'];

describe('the nearest name', () => {
  it.each([
    ['model_path', 'modelPath'],
    ['modelpath', 'modelPath'],
    ['verison', 'version'],
    ['replica', 'replicas'],
    ['timeoutMs', 'timeout_ms'],
    ['Type', 'type'],
    ['host', 'hosts'],
    ['timeout', 'timeout_ms'],
  ])('of %s is %s', (name, expected) => {
    expect(nearestName(name, FIELDS)).toBe(expected);
  });

  it.each(['hpa', 'x', '', '__proto__', 'constructor', 'v'.repeat(10_000)])('of %j is none', name => {
    expect(nearestName(name, FIELDS)).toBeUndefined();
  });
});

describe('the distance of two names', () => {
  const word = fc.string({ maxLength: 12, unit: fc.constantFrom('a', 'b', 'c') });

  it('is none for the same, the same both ways, and never more than the limit', () => {
    fc.assert(
      fc.property(word, word, fc.integer({ min: 1, max: 20 }), (a, b, limit) => {
        expect(editDistance(a, a, limit)).toBe(0);
        expect(editDistance(a, b, limit)).toBe(editDistance(b, a, limit));
        expect(editDistance(a, b, limit)).toBe(Math.min(editDistance(a, b, 100), limit));
      }),
    );
  });

  it('counts a swap of neighbours as one change', () => {
    expect(editDistance('verison', 'version', 9)).toBe(1);
  });
});
