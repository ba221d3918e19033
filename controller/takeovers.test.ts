import { describe, expect, it } from '@jest/globals';
import type { HostMember, HostStatus } from '../shared/host.ts';
import { takeoverIn } from './takeovers.ts';

function member(name: string, failed?: string): HostMember {
  return {
    namespace: 'shop',
    name,
    uid: name,
    line: 'serving/a/prod',
    ready: true,
    share: { wanted: 0, effective: 0 },
    mirror: { wanted: 0, effective: 0 },
    state: 'Waiting',
    since: '',
    reason: '',
    message: '',
    record: { ...(failed !== undefined && { failed }) },
  };
}

function status(active: string | undefined, ...members: readonly HostMember[]): HostStatus {
  return { conditions: [], members, ...(active !== undefined && { active }) };
}

describe('a change of what a Host says', () => {
  it.each<[string, HostStatus | undefined, HostStatus, string | undefined]>([
    ['that says it first is none', undefined, status('a'), undefined],
    ['of a host that nobody led is none', status(undefined), status('a'), undefined],
    ['that leaves the leader is none', status('a'), status('a', member('b', 'x')), undefined],
    ['that leaves nobody to lead is none', status('a'), status(undefined), undefined],
    ['to another leader is a takeover', status('a', member('b')), status('b', member('b')), 'promoted'],
    ['back from one that failed is a rollback', status('b', member('b')), status('a', member('b', 'x')), 'rolled_back'],
    ['after an older failure is a takeover', status('a', member('b', 'x')), status('c', member('b', 'x')), 'promoted'],
    [
      'back from another template that failed is a rollback',
      status('b', member('b', 'x')),
      status('a', member('b', 'y')),
      'rolled_back',
    ],
  ])('%s', (_, before, after, expected) => {
    expect(takeoverIn(before, after)).toBe(expected);
  });
});
