import type { KubeObject } from '../../../kube/types.ts';
import { freeze } from './json.ts';
import type { Kind } from './kinds.ts';

export interface StoredEvent {
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
  /** What it was before; absent when it was not. */
  readonly before?: KubeObject;
}

/** All objects of one kind, and what happened to them. */
export interface Collection {
  readonly kind: Kind;
  /** Sorted by namespace and name. */
  list(): readonly KubeObject[];
  get(namespace: string, name: string): KubeObject | undefined;
  /** What happened after a revision; `undefined` = that is not known any more. */
  eventsSince(revision: number): readonly StoredEvent[] | undefined;
  subscribe(listener: (event: StoredEvent) => void): () => void;
}

/** As etcd: one count of revisions over everything, and objects that nobody can change. */
export interface Store {
  revision(): number;
  collection(kind: Kind): Collection;
  /** Stores an object that differs from what is there, or takes it away (`after` undefined). */
  commit(kind: Kind, before: KubeObject | undefined, after: KubeObject | undefined): KubeObject;
  /** Forgets what happened so far. */
  compact(): void;
  /** Told of every change of any kind, first of all. */
  onCommit(listener: (kind: Kind, event: StoredEvent) => void): void;
}

/** Events of a kind that are known, at most: the API server's watch cache has a limit too. */
const WINDOW = 1000;

interface Shelf extends Collection {
  readonly objects: Map<string, KubeObject>;
  readonly listeners: Set<(event: StoredEvent) => void>;
  events: StoredEvent[];
  /** Of this revision and later ones all is known. */
  knownFrom: number;
  sorted: readonly KubeObject[] | undefined;
}

export function createStore(firstRevision = 100): Store {
  const shelves = new Map<string, Shelf>();
  const listeners: ((kind: Kind, event: StoredEvent) => void)[] = [];
  let revision = firstRevision;

  function shelfOf(kind: Kind): Shelf {
    const known = shelves.get(kind.qualified);
    if (known !== undefined) return known;
    const shelf = createShelf(kind, firstRevision);
    shelves.set(kind.qualified, shelf);
    return shelf;
  }

  return {
    revision: () => revision,
    collection: shelfOf,
    commit(kind, before, after) {
      const shelf = shelfOf(kind);
      const subject = after ?? before;
      if (subject === undefined) throw new Error('nothing to store');
      revision++;
      const metadata = { ...subject.metadata, resourceVersion: String(revision) };
      const object = freeze({ ...subject, metadata });
      const key = keyOf(subject.metadata.namespace ?? '', subject.metadata.name);
      if (after === undefined) shelf.objects.delete(key);
      else shelf.objects.set(key, object);
      shelf.sorted = undefined;
      const type = after === undefined ? 'DELETED' : before === undefined ? 'ADDED' : 'MODIFIED';
      const event = { revision, type, object, ...(before && { before }) } as const;
      shelf.events.push(event);
      if (shelf.events.length > WINDOW) shelf.knownFrom = shelf.events.shift()?.revision ?? shelf.knownFrom;
      for (const listener of listeners) listener(kind, event);
      for (const listener of [...shelf.listeners]) listener(event);
      return object;
    },
    compact() {
      for (const shelf of shelves.values()) {
        shelf.events = [];
        shelf.knownFrom = revision;
      }
    },
    onCommit: listener => void listeners.push(listener),
  };
}

function createShelf(kind: Kind, knownFrom: number): Shelf {
  return {
    kind,
    objects: new Map(),
    listeners: new Set(),
    events: [],
    knownFrom,
    sorted: undefined,
    list() {
      this.sorted ??= [...this.objects.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
      return this.sorted;
    },
    get(namespace, name) {
      return this.objects.get(keyOf(namespace, name));
    },
    eventsSince(revision) {
      return revision < this.knownFrom ? undefined : this.events.filter(event => event.revision > revision);
    },
    subscribe(listener) {
      this.listeners.add(listener);
      return () => this.listeners.delete(listener);
    },
  };
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
