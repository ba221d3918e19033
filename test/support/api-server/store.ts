import { collectionPath } from '../../../kube/resources.ts';
import type { KubeObject, Resource } from '../../../kube/types.ts';

/** A stored object: plain JSON that the store may change. */
export type Stored = KubeObject & { metadata: Record<string, unknown> & { name: string; namespace?: string } };

export interface WatchEvent {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

/** The objects of one resource and what happened to them. Versions are counted over all resources, as in etcd. */
export interface Collection {
  readonly resource: Resource;
  /** Sorted by namespace and name. */
  list(): readonly KubeObject[];
  get(namespace: string, name: string): KubeObject | undefined;
  /** Creates or replaces; answers with what is stored. The version moves only if something else did. */
  put(object: KubeObject): KubeObject;
  delete(namespace: string, name: string): KubeObject | undefined;
  /** What happened after a version; `undefined` = it is too old to say. */
  eventsSince(version: number): readonly WatchEvent[] | undefined;
  /** Forgets what happened so far: who watches from an older version gets 410. */
  compact(): void;
  onEvent(listener: (event: WatchEvent) => void): () => void;
}

export interface Store {
  version(): number;
  serve(resource: Resource): Collection;
  unserve(resource: Resource): void;
  /** By the path of the collection over all namespaces. */
  at(path: string): Collection | undefined;
}

export function createStore(now: () => number): Store {
  const collections = new Map<string, Collection>();
  let version = 100;
  let uids = 0;

  function serve(resource: Resource): Collection {
    const path = collectionPath(resource);
    const known = collections.get(path);
    if (known !== undefined) return known;
    const collection = createCollection(resource, {
      nextVersion: () => ++version,
      version: () => version,
      nextUid: () => `00000000-0000-4000-8000-${String(++uids).padStart(12, '0')}`,
      now,
    });
    collections.set(path, collection);
    return collection;
  }

  return {
    version: () => version,
    serve,
    unserve: resource => void collections.delete(collectionPath(resource)),
    at: path => collections.get(path),
  };
}

interface Counters {
  nextVersion(): number;
  version(): number;
  nextUid(): string;
  now(): number;
}

function createCollection(resource: Resource, counters: Counters): Collection {
  const objects = new Map<string, KubeObject>();
  const listeners = new Set<(event: WatchEvent) => void>();
  let events: WatchEvent[] = [];
  let compactedAt = 0;

  function record(type: WatchEvent['type'], object: KubeObject, version: number): void {
    const event = { type, object, version };
    events.push(event);
    for (const listener of listeners) listener(event);
  }

  return {
    resource,
    list: () => [...objects.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object),
    get: (namespace, name) => objects.get(`${namespace}/${name}`),

    put(given) {
      const key = `${given.metadata.namespace ?? ''}/${given.metadata.name}`;
      const before = objects.get(key);
      const settled = {
        ...given,
        metadata: {
          ...given.metadata,
          uid: before?.metadata.uid ?? given.metadata.uid ?? counters.nextUid(),
          creationTimestamp:
            before?.metadata['creationTimestamp'] ??
            given.metadata['creationTimestamp'] ??
            new Date(counters.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
          resourceVersion: before?.metadata.resourceVersion ?? '',
        },
      };
      if (before !== undefined && JSON.stringify(before) === JSON.stringify(settled)) return before;
      const version = counters.nextVersion();
      const stored = { ...settled, metadata: { ...settled.metadata, resourceVersion: String(version) } };
      objects.set(key, stored);
      record(before === undefined ? 'ADDED' : 'MODIFIED', stored, version);
      return stored;
    },

    delete(namespace, name) {
      const before = objects.get(`${namespace}/${name}`);
      if (before === undefined) return undefined;
      objects.delete(`${namespace}/${name}`);
      const version = counters.nextVersion();
      const last = { ...before, metadata: { ...before.metadata, resourceVersion: String(version) } };
      record('DELETED', last, version);
      return last;
    },

    eventsSince: version => (version < compactedAt ? undefined : events.filter(event => event.version > version)),
    compact() {
      events = [];
      compactedAt = counters.version();
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
