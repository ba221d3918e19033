/**
 * Values by key, each once. Of thousands of keys nearly all have one value, and that one is held bare: a set for each of
 * them would be most of what an index takes.
 */
export interface Multimap<K extends string, V extends string> {
  add(key: K, value: V): void;
  remove(key: K, value: V): void;
  /** In the order of their coming. */
  of(key: K): readonly V[];
  /** Those that have a value. */
  keys(): Iterable<K>;
}

export function createMultimap<K extends string, V extends string>(): Multimap<K, V> {
  const map = new Map<K, V | Set<V>>();
  return {
    add(key, value) {
      const known = map.get(key);
      if (known === undefined) map.set(key, value);
      else if (typeof known !== 'string') known.add(value);
      else if (known !== value) map.set(key, new Set([known, value]));
    },
    remove(key, value) {
      const known = map.get(key);
      if (known === undefined) return;
      if (typeof known === 'string') {
        if (known === value) map.delete(key);
        return;
      }
      known.delete(value);
      const [one, another] = known;
      if (one !== undefined && another === undefined) map.set(key, one);
    },
    of(key) {
      const known = map.get(key);
      if (known === undefined) return [];
      return typeof known === 'string' ? [known] : [...known];
    },
    keys: () => map.keys(),
  };
}
