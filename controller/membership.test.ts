import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createMembership } from './membership.ts';

const host = fc.constantFrom('x', 'y', 'z');
const member = fc.constantFrom('shop/a', 'shop/b', 'other/a');
const act = fc.oneof(
  fc.record({ do: fc.constant('ask' as const), member, hosts: fc.uniqueArray(host) }),
  fc.record({ do: fc.constant('carry' as const), host, members: fc.uniqueArray(member) }),
);

describe('membership', () => {
  it('is who asks for a host and who has routes on it, looked at from either side', () => {
    fc.assert(
      fc.property(fc.array(act), acts => {
        const membership = createMembership();
        const asked = new Map<string, readonly string[]>();
        const carried = new Map<string, readonly string[]>();
        for (const one of acts) {
          if (one.do === 'ask') {
            const before = membership.hostsOf(one.member);
            const woken = membership.ask(one.member, one.hosts);
            asked.set(one.member, one.hosts);
            expect(new Set(woken)).toEqual(new Set([...before, ...one.hosts]));
          } else {
            membership.carry(one.host, one.members);
            carried.set(one.host, one.members);
          }
        }

        for (const here of ['x', 'y', 'z']) {
          const asking = [...asked].filter(([, hosts]) => hosts.includes(here)).map(([name]) => name);
          const expected = new Set([...asking, ...(carried.get(here) ?? [])]);
          expect(new Set(membership.membersOf(here))).toEqual(expected);
          for (const name of ['shop/a', 'shop/b', 'other/a']) {
            expect(membership.hostsOf(name).includes(here)).toBe(expected.has(name));
          }
          expect([...membership.hosts()].includes(here)).toBe(expected.size > 0);
        }
      }),
    );
  });

  it('wakes the hosts of before as well, so that removal is seen', () => {
    const membership = createMembership();
    membership.ask('shop/a', ['x', 'y']);

    expect([...membership.ask('shop/a', ['y', 'z'])].sort()).toEqual(['x', 'y', 'z']);
    expect([...membership.ask('shop/a', [])].sort()).toEqual(['y', 'z']);
    expect([...membership.hosts()]).toEqual([]);
  });
});
