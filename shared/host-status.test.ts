import { describe, expect, it } from '@jest/globals';
import { readHostStatus } from './host-status.ts';

const TIME = '2026-01-01T00:00:00.000Z';
const CONDITION = { type: 'Ready', status: 'True', reason: 'Serving', message: '', lastTransitionTime: TIME };
const MEMBER = {
  ...{ namespace: 'shop', name: 'web-a-1', uid: 'a', line: 'web/a/prod', ready: true },
  ...{ share: { wanted: 100, effective: 100 }, mirror: { wanted: 0, effective: 0 } },
  ...{ state: 'Active', since: TIME, reason: 'Leads', message: 'it leads' },
  record: { ledSince: TIME, size: 2 },
};
const STATUS = { conditions: [CONDITION], members: [MEMBER], active: 'web-a-1' };

describe('the status of a Host', () => {
  it('is taken as it is where it is whole', () => {
    expect(readHostStatus(STATUS)).toBe(STATUS);
  });

  it.each([
    ['there is none', undefined, undefined],
    ['it is no map', 'Ready', undefined],
    ['it has no lists', {}, { conditions: [], members: [] }],
    ['its lists are none', { conditions: {}, members: 'a' }, { conditions: [], members: [] }],
    ['a member is nothing', { ...STATUS, members: [null, MEMBER] }, STATUS],
    ['a member has no uid', { ...STATUS, members: [{ ...MEMBER, uid: undefined }, MEMBER] }, STATUS],
    ['a time of a member is none', { ...STATUS, members: [MEMBER, { ...MEMBER, since: 'now' }] }, STATUS],
    [
      'a time of a record is none, as a leap second',
      { ...STATUS, members: [MEMBER, { ...MEMBER, record: { ledSince: '2016-12-31T23:59:60Z' } }] },
      STATUS,
    ],
    ['a record is a text', { ...STATUS, members: [MEMBER, { ...MEMBER, record: 'x' }] }, STATUS],
    ['a size is no number', { ...STATUS, members: [MEMBER, { ...MEMBER, record: { size: '2' } }] }, STATUS],
    [
      'a condition has no time',
      { ...STATUS, conditions: [{ ...CONDITION, lastTransitionTime: 1 }, CONDITION] },
      STATUS,
    ],
    ['the time since when it is empty is none', { ...STATUS, emptySince: 'x' }, STATUS],
  ])('counts for so much where %s', (_, given, read) => {
    expect(readHostStatus(given)).toEqual(read);
  });
});
