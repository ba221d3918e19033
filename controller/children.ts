import { isOlder } from '../kube/informer-cache.ts';
import type { Change, Informer, KubeObject, ObjectVersion, Resource } from '../kube/types.ts';
import type { Clock } from '../kube/clock.ts';
import { groupOf } from '../shared/plan/live.ts';
import type { GroupKey } from '../shared/snapshot.ts';
import { createMultimap } from './multimap.ts';
import { projectChild } from './projections.ts';
import type { Child } from './projections.ts';

export interface ChildAddress {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface LiveChild extends ObjectVersion {
  readonly child: Child;
}

/**
 * The live objects of the kinds that we build: as the watches tell, and ahead of them as our own writes were answered,
 * so that no group is written twice because its first write is still on its way back.
 */
export interface Children {
  get(address: ChildAddress): LiveChild | undefined;
  /** Those that were built for a group. */
  ofGroup(group: GroupKey): readonly LiveChild[];
  groups(): Iterable<GroupKey>;
  /** A write of ours was answered. */
  written(object: KubeObject): void;
  removed(address: ChildAddress, version: ObjectVersion): void;
  /** A change came by watch; answers whether it is news, and not our own write coming back. */
  changed(kind: string, change: Change<Child>): boolean;
}

/** How long a watch may lag behind an answer; afterwards what the watch says counts. */
const LAG = 30_000;

interface Recent {
  /** `undefined` = deleted. */
  readonly child: Child | undefined;
  readonly version: ObjectVersion;
  readonly at: number;
}

export type ChildSource = Pick<Informer<Child>, 'get' | 'version'>;

export function createChildren(
  sources: ReadonlyMap<string, readonly ChildSource[]>,
  resources: ReadonlyMap<string, Resource>,
  clock: Clock,
): Children {
  const recent = new Map<string, Recent>();
  /** Where objects of a group may be; what is not there any more is found out by looking. */
  const places = createMultimap<GroupKey, string>();

  function watched({ kind, namespace, name }: ChildAddress): LiveChild | undefined {
    for (const source of sources.get(kind) ?? []) {
      const child = source.get(namespace, name);
      const version = source.version(namespace, name);
      if (child !== undefined && version !== undefined) {
        return { child, uid: version.uid, resourceVersion: version.resourceVersion };
      }
    }
    return undefined;
  }

  function isAhead({ child, version, at }: Recent, known: LiveChild | undefined): boolean {
    if (clock.now() - at > LAG) return false;
    if (known === undefined) return child !== undefined;
    if (child === undefined) return known.uid === version.uid;
    return isOlder(known.resourceVersion, version.resourceVersion);
  }

  function get(address: ChildAddress): LiveChild | undefined {
    const known = watched(address);
    const own = recent.get(keyOf(address));
    if (own === undefined || !isAhead(own, known)) return known;
    return own.child && { child: own.child, ...own.version };
  }

  function place(child: Child): void {
    const group = groupOf(child);
    if (group === undefined) return;
    places.add(group, keyOf({ kind: child.kind, namespace: child.metadata.namespace, name: child.metadata.name }));
  }

  function note(address: ChildAddress, child: Child | undefined, version: ObjectVersion): void {
    const now = clock.now();
    // Oldest first: a map keeps its order, and a key that is set anew goes to its end.
    for (const [key, { at }] of recent) {
      if (now - at <= LAG) break;
      recent.delete(key);
    }
    recent.delete(keyOf(address));
    recent.set(keyOf(address), { child, version, at: now });
    if (child !== undefined) place(child);
  }

  return {
    get,
    ofGroup(group) {
      return places.of(group).flatMap(key => {
        const live = get(addressOf(key));
        if (live !== undefined && groupOf(live.child) === group) return [live];
        places.remove(group, key);
        return [];
      });
    },
    groups: () => places.keys(),

    written(object) {
      const resource = resources.get(object.kind ?? '');
      const { name, namespace = '', uid = '', resourceVersion = '' } = object.metadata;
      if (resource === undefined) return;
      note({ kind: resource.kind, namespace, name }, projectChild(object), { uid, resourceVersion });
    },
    removed: (address, version) => note(address, undefined, version),

    changed(kind, { namespace, name, after }) {
      const address = { kind, namespace, name };
      const key = keyOf(address);
      const own = recent.get(key);
      const now = watched(address);
      if (after !== undefined) place(after);
      if (own === undefined) return true;
      if (after === undefined) {
        recent.delete(key);
        return own.child !== undefined;
      }
      if (isAhead(own, now)) return false;
      recent.delete(key);
      return now?.resourceVersion !== own.version.resourceVersion;
    },
  };
}

function keyOf({ kind, namespace, name }: ChildAddress): string {
  return `${kind}/${namespace}/${name}`;
}

function addressOf(key: string): ChildAddress {
  const [kind = '', namespace = '', name = ''] = key.split('/');
  return { kind, namespace, name };
}
