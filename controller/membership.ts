import { createMultimap } from './multimap.ts';

/** Many to many: who takes part in which hosts. Both sides are looked up in constant time. */
export interface Membership {
  /** Says anew what one asks for; answers with every host of before and after. */
  ask(member: string, hosts: readonly string[]): readonly string[];
  /** Says anew whose routes a live VirtualService of the host holds; those may ask for it no more. */
  carry(host: string, members: readonly string[]): void;
  membersOf(host: string): readonly string[];
  hostsOf(member: string): readonly string[];
  hosts(): Iterable<string>;
}

export function createMembership(): Membership {
  const asked = createRelation();
  const carried = createRelation();
  return {
    ask(member, hosts) {
      const before = this.hostsOf(member);
      asked.set(member, hosts);
      return union(before, hosts);
    },
    carry(host, members) {
      for (const member of union(carried.lefts(host), members)) {
        const others = carried.rights(member).filter(one => one !== host);
        carried.set(member, members.includes(member) ? [...others, host] : others);
      }
    },
    membersOf: host => union(asked.lefts(host), carried.lefts(host)),
    hostsOf: member => union(asked.rights(member), carried.rights(member)),
    *hosts() {
      yield* new Set([...asked.allRights(), ...carried.allRights()]);
    },
  };
}

function createRelation() {
  const byLeft = new Map<string, readonly string[]>();
  const byRight = createMultimap<string, string>();
  return {
    set(left: string, rights: readonly string[]) {
      for (const right of byLeft.get(left) ?? []) byRight.remove(right, left);
      if (rights.length === 0) byLeft.delete(left);
      // A copy has no room to spare.
      else byLeft.set(left, rights.slice());
      for (const right of rights) byRight.add(right, left);
    },
    lefts: (right: string) => byRight.of(right),
    rights: (left: string) => byLeft.get(left) ?? [],
    allRights: () => byRight.keys(),
  };
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])];
}
