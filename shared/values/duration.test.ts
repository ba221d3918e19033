import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { durationMeant, MAX_DURATION, parseDuration, printDuration } from './duration.ts';

describe('a duration', () => {
  it.each([
    ['300s', 300_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['500ms', 500],
    ['1h30m15s250ms', 5_415_250],
    ['0s', 0],
    ['8760h', MAX_DURATION],
  ])('reads %s as %i ms', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each(['', '300', 's', '1.5s', '-1s', '+1s', '1s1h', '1d', '1 s', '1S', '8761h', '999999999999s', '0x1s', '１s'])(
    'is not %j',
    text => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it.each([
    ['0.5s', '500ms'],
    ['1.5h', '90m'],
    ['.25s', '250ms'],
    ['0.0001s', undefined],
    ['99999999999.5h', undefined],
    ['1us', undefined],
    ['500ms', undefined],
  ])('is meant by %s as %s', (text, expected) => {
    expect(durationMeant(text)).toBe(expected);
  });

  it('is printed so that it reads back as the same number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_DURATION }), milliseconds => {
        expect(parseDuration(printDuration(milliseconds))).toBe(milliseconds);
      }),
    );
  });
});
