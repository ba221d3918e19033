import type { ObjectRef } from '../findings/finding.ts';
import type { ExistingObject } from '../snapshot.ts';
import { groupOf, liveEntries } from './live.ts';
import type { LiveEntry } from './live.ts';

/** What lives on hosts that are not built in, by who is behind it. */
export class LiveRoutes {
  readonly #of = new Map<string, { readonly host: string; readonly entry: LiveEntry }[]>();
  readonly #taken = new Set<LiveEntry>();

  constructor(existing: readonly ExistingObject[]) {
    for (const object of existing) {
      const group = groupOf(object);
      if (!group?.startsWith('Host/')) continue;
      const host = group.slice('Host/'.length);
      for (const entry of liveEntries(object)) {
        for (const deployment of new Set(entry.members.map(keyOf))) {
          const known = this.#of.get(deployment);
          if (known) known.push({ host, entry });
          else this.#of.set(deployment, [{ host, entry }]);
        }
      }
    }
  }

  /** By host, in order; what somebody else behind the same entry has taken is not given again. */
  takeOf({ namespace, name }: ObjectRef): ReadonlyMap<string, readonly LiveEntry[]> {
    const left = (this.#of.get(`${namespace}/${name}`) ?? []).filter(({ entry }) => !this.#taken.has(entry));
    for (const { entry } of left) this.#taken.add(entry);
    const byHost = Map.groupBy(left, ({ host }) => host);
    return new Map([...byHost].map(([host, entries]) => [host, entries.map(({ entry }) => entry)]));
  }
}

function keyOf({ namespace, deployment }: LiveEntry['members'][number]): string {
  return `${namespace}/${deployment}`;
}
