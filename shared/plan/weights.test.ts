import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { percentsAmong, percentsOf, validCount, wholePercents } from './weights.ts';
import type { Weights } from './weights.ts';

const NONE = undefined;
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

describe('the weights of a group', () => {
  it.each<[string, Weights, readonly number[]]>([
    ['leave the rest to those without one, in equal parts', [10, NONE, NONE], [10, 45, 45]],
    ['are equal where nobody has one, and the last has what rounding leaves', [NONE, NONE, NONE], [33, 33, 34]],
    ['mean nothing of one alone', [30], [100]],
    ['mean nothing of one alone, also 0', [0], [100]],
    ['of 100 leave those without one nothing', [NONE, 100, NONE], [0, 100, 0]],
    ['may leave one of them nothing', [0, 100], [0, 100]],
    ['round a half as Ambassador does, to the even side', [95, NONE, NONE], [95, 2, 3]],
    ['round a half as Ambassador does, also up', [97, NONE, NONE], [97, 2, 1]],
    ['keep their places', [NONE, 20, NONE, 30], [25, 20, 25, 30]],
    ['never give less than nothing', [95, ...Array<undefined>(8).fill(NONE)], [95, 1, 1, 1, 1, 1, 0, 0, 0]],
  ])('%s', (_, weights, expected) => {
    expect(validCount(weights)).toBe(weights.length);
    expect(percentsOf(weights)).toEqual(expected);
  });

  it.each<[string, Weights, number]>([
    ['over 100 leave the newest out', [60, 60], 1],
    ['under 100 with nobody to have the rest leave the newest out', [30, 30], 1],
    ['are valid again with what is missing', [30, 30, 40], 3],
    ['are valid again with one that has none', [30, 30, NONE], 3],
    ['leave out as many of the newest as need be', [50, 50, 10, 20], 2],
    ['that are all 0 leave only the oldest', [0, 0], 1],
    ['over 100 are none either beside one without', [NONE, 60, 50], 2],
  ])('%s', (_, weights, expected) => {
    expect(validCount(weights)).toBe(expected);
  });

  it.each<[string, Weights, readonly boolean[], readonly number[]]>([
    ['are as written while all are up', [30, 70], [true, true], [30, 70]],
    ['are as written while nobody is up', [30, 70], [false, false], [30, 70]],
    ['go to the one that is up', [90, 10], [false, true], [0, 100]],
    ['go to those without a weight', [10, NONE, NONE], [false, true, true], [0, 50, 50]],
    ['go to one without a weight before all others', [10, 20, NONE, NONE], [true, false, true, false], [10, 0, 90, 0]],
    ['go to the others by theirs', [50, 20, 10, 20], [false, true, true, true], [0, 40, 20, 40]],
    ['never go to one that is written to have nothing', [100, 0], [false, true], [100, 0]],
    ['of 100 go to those without while it is down', [100, NONE], [false, true], [0, 100]],
  ])('%s', (_, weights, isUp, expected) => {
    expect(percentsAmong(weights, isUp)).toEqual(expected);
  });

  const weight = fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined });
  const groups = fc.array(weight, { minLength: 1, maxLength: 8 }).map(all => all.slice(0, validCount(all)));

  it('are whole, none below 0, and add up to 100, whoever is up', () => {
    fc.assert(
      fc.property(groups, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (weights, ups) => {
        const percents = percentsAmong(weights, ups.slice(0, weights.length));

        expect(percents.filter(one => !Number.isInteger(one) || one < 0)).toEqual([]);
        expect(sum(percents)).toBe(100);
      }),
    );
  });

  it('are as written by everyone who writes one, while all are up', () => {
    fc.assert(
      fc.property(groups, weights => {
        fc.pre(weights.length > 1);
        const percents = percentsOf(weights);

        expect(percents.map((one, index) => (weights[index] === undefined ? undefined : one))).toEqual(weights);
      }),
    );
  });
});

describe('whole percents', () => {
  it.each<[string, readonly number[], readonly number[]]>([
    ['of thirds give the first one more', [1, 1, 1], [34, 33, 33]],
    ['of one are all', [7], [100]],
    ['give a percent to who loses most', [1, 5], [17, 83]],
    ['of what divides evenly are exact', [4500, 5500], [45, 55]],
    ['may leave a small one nothing', [1, 999], [0, 100]],
  ])('%s', (_, shares, expected) => {
    expect(wholePercents(shares)).toEqual(expected);
  });
});
