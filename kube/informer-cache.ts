import { isDeepStrictEqual } from 'node:util';
import type { Change, KubeObject, ObjectVersion } from './types.ts';

/** What is kept of one object. */
export interface Entry<T> extends ObjectVersion {
  readonly namespace: string;
  readonly name: string;
  readonly value: T;
}

export interface CacheOptions<T> {
  readonly project: (object: KubeObject) => T | undefined;
  readonly onChange: (change: Change<T>) => void;
  /** An exception of `project` or `onChange`: our own bug, which must not end the watch. */
  readonly onBug: (error: unknown, object: string) => void;
}

/** What a list-watch knows: the projection of every object, with the version that it was taken from. */
export interface Cache<T> {
  get(namespace: string, name: string): Entry<T> | undefined;
  values(): IterableIterator<T>;
  /** Added or modified. An older version of the same object is ignored. */
  put(object: KubeObject): void;
  delete(object: KubeObject): void;
  /** What would be kept of an object of a list, beside what is known of it; `undefined` = nothing. */
  entryOf(object: KubeObject): Entry<T> | undefined;
  /** Takes a complete list, made by `entryOf`, in exchange for what was known. */
  replace(listed: readonly Entry<T>[]): void;
}

export function createCache<T>({ project, onChange, onBug }: CacheOptions<T>): Cache<T> {
  let entries = new Map<string, Entry<T>>();

  function tell(namespace: string, name: string, before: T | undefined, after: T | undefined): void {
    try {
      onChange({ namespace, name, before, after });
    } catch (error) {
      onBug(error, keyOf(namespace, name));
    }
  }

  function entryOf(object: KubeObject, known: Entry<T> | undefined): Entry<T> | undefined {
    const { namespace = '', name, uid = '', resourceVersion = '' } = object.metadata;
    let value: T | undefined;
    try {
      value = project(object);
    } catch (error) {
      onBug(error, keyOf(namespace, name));
      // What was known last is nearer to the truth than nothing, which would mean "deleted".
      return known;
    }
    if (value === undefined) return undefined;
    // The same object as before where nothing changed, so that what others remember by identity stays valid.
    if (known?.uid === uid && isDeepStrictEqual(known.value, value)) value = known.value;
    return { namespace, name, uid, resourceVersion, value };
  }

  function compare(known: Entry<T> | undefined, next: Entry<T> | undefined): void {
    if (known?.value === next?.value) return;
    if (known !== undefined && known.uid === next?.uid) {
      tell(known.namespace, known.name, known.value, next.value);
      return;
    }
    if (known !== undefined) tell(known.namespace, known.name, known.value, undefined);
    if (next !== undefined) tell(next.namespace, next.name, undefined, next.value);
  }

  return {
    get: (namespace, name) => entries.get(keyOf(namespace, name)),
    *values() {
      for (const { value } of entries.values()) yield value;
    },

    put(object) {
      const { namespace = '', name, resourceVersion = '' } = object.metadata;
      const key = keyOf(namespace, name);
      const known = entries.get(key);
      if (known !== undefined && isOlder(resourceVersion, known.resourceVersion)) return;
      const next = entryOf(object, known);
      if (next === undefined) entries.delete(key);
      else entries.set(key, next);
      compare(known, next);
    },

    delete({ metadata: { namespace = '', name, resourceVersion = '' } }) {
      const key = keyOf(namespace, name);
      const known = entries.get(key);
      if (known === undefined || isOlder(resourceVersion, known.resourceVersion)) return;
      entries.delete(key);
      compare(known, undefined);
    },

    entryOf: object => entryOf(object, entries.get(keyOf(object.metadata.namespace ?? '', object.metadata.name))),

    replace(listed) {
      const before = entries;
      entries = new Map(listed.map(entry => [keyOf(entry.namespace, entry.name), entry]));
      // Told only now: whoever looks something up while he is told sees the whole new state.
      for (const [key, known] of before) if (!entries.has(key)) compare(known, undefined);
      for (const [key, next] of entries) compare(before.get(key), next);
    },
  };
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/**
 * Resource versions of one resource are comparable decimal numbers of any length
 * (https://kep.k8s.io/5504); what is not such a number is never older.
 */
export function isOlder(version: string, than: string): boolean {
  if (!/^\d+$/.test(version) || !/^\d+$/.test(than)) return false;
  return version.length === than.length ? version < than : version.length < than.length;
}
