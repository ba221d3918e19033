import { isOlder } from '../kube/informer-cache.ts';
import type { ObjectVersion } from '../kube/types.ts';
import { createMultimap } from './multimap.ts';

/**
 * Since when our watch has shown the VirtualServices of a host as they stand: from then on others may have seen them
 * too. `key` is a VirtualService's namespace and name.
 */
export interface RouteSightings {
  /** A write of ours was answered. */
  wrote(key: string, host: string, version: ObjectVersion): void;
  /** The watch has shown another content; `host` undefined = it is gone, or not ours. */
  changed(key: string, host: string | undefined): void;
  /** Milliseconds since the epoch; `undefined` = what we wrote last has not come back yet, or there is none. */
  since(host: string): number | undefined;
}

export function createRouteSightings(
  watched: (key: string) => ObjectVersion | undefined,
  now: () => number,
): RouteSightings {
  const keys = createMultimap<string, string>();
  const hosts = new Map<string, string>();
  const seen = new Map<string, number>();
  const awaited = new Map<string, ObjectVersion>();

  function place(key: string, host: string | undefined): void {
    const before = hosts.get(key);
    if (before === host) return;
    if (before !== undefined) keys.remove(before, key);
    if (host === undefined) {
      hosts.delete(key);
      return;
    }
    hosts.set(key, host);
    keys.add(host, key);
  }

  function isAwaited(key: string): boolean {
    const version = awaited.get(key);
    if (version === undefined) return false;
    const shown = watched(key);
    const isBehind =
      shown === undefined || (shown.uid === version.uid && isOlder(shown.resourceVersion, version.resourceVersion));
    if (!isBehind) awaited.delete(key);
    return isBehind;
  }

  return {
    wrote(key, host, version) {
      place(key, host);
      awaited.set(key, version);
      if (!isAwaited(key) && !seen.has(key)) seen.set(key, now());
    },
    changed(key, host) {
      place(key, host);
      if (host === undefined) {
        seen.delete(key);
        awaited.delete(key);
      } else seen.set(key, now());
    },
    since(host) {
      const known = keys.of(host);
      if (known.length === 0 || known.some(isAwaited)) return undefined;
      return Math.max(...known.map(key => seen.get(key) ?? Infinity));
    },
  };
}
