import type { Clock } from './clock.ts';
import { isOlder } from './informer-cache.ts';
import type { Change, Informer, KubeObject, ObjectVersion } from './types.ts';

export interface Known<T> extends ObjectVersion {
  readonly value: T;
}

/**
 * What is known of the objects of one kind: as the watch tells, and ahead of it as our own writes were answered. Without
 * that, what is decided right after a write would be decided on the state before it.
 */
export interface Ahead<T> {
  get(namespace: string, name: string): Known<T> | undefined;
  /** A write of ours was answered. */
  wrote(object: KubeObject): void;
  removed(namespace: string, name: string, version: ObjectVersion): void;
  /** A change came by watch. */
  changed(change: Change<T>): void;
}

export interface AheadOptions<T> {
  readonly sources: readonly Pick<Informer<T>, 'get' | 'version'>[];
  readonly project: (object: KubeObject) => T | undefined;
  readonly clock: Clock;
}

/** How long a watch may lag behind an answer; afterwards what the watch says counts. */
const LAG = 30_000;

interface Own<T> {
  /** `undefined` = deleted. */
  readonly value: T | undefined;
  readonly version: ObjectVersion;
  readonly at: number;
}

export function createAhead<T>({ sources, project, clock }: AheadOptions<T>): Ahead<T> {
  /** The oldest first. */
  const owns = new Map<string, Own<T>>();

  function watched(namespace: string, name: string): Known<T> | undefined {
    for (const source of sources) {
      const value = source.get(namespace, name);
      const version = source.version(namespace, name);
      if (value !== undefined && version !== undefined) {
        return { value, uid: version.uid, resourceVersion: version.resourceVersion };
      }
    }
    return undefined;
  }

  function isAhead({ value, version, at }: Own<T>, known: Known<T> | undefined): boolean {
    if (clock.now() - at > LAG) return false;
    if (known === undefined) return value !== undefined;
    if (value === undefined) return known.uid === version.uid;
    return isOlder(known.resourceVersion, version.resourceVersion);
  }

  function note(namespace: string, name: string, value: T | undefined, { uid, resourceVersion }: ObjectVersion): void {
    const now = clock.now();
    for (const [key, { at }] of owns) {
      if (now - at <= LAG) break;
      owns.delete(key);
    }
    const key = `${namespace}/${name}`;
    owns.delete(key);
    owns.set(key, { value, version: { uid, resourceVersion }, at: now });
  }

  return {
    get(namespace, name) {
      const known = watched(namespace, name);
      const own = owns.get(`${namespace}/${name}`);
      if (own === undefined) return known;
      if (isAhead(own, known)) return own.value === undefined ? undefined : { value: own.value, ...own.version };
      owns.delete(`${namespace}/${name}`);
      return known;
    },
    wrote(object) {
      const { namespace = '', name, uid = '', resourceVersion = '' } = object.metadata;
      note(namespace, name, project(object), { uid, resourceVersion });
    },
    removed: (namespace, name, version) => note(namespace, name, undefined, version),
    changed({ namespace, name, after }) {
      const key = `${namespace}/${name}`;
      if (after === undefined && owns.get(key)?.value !== undefined) owns.delete(key);
    },
  };
}
