import { servicesOf } from '../shared/plan/live.ts';
import type { ExistingObject } from '../shared/snapshot.ts';
import { createMultimap } from './multimap.ts';

/** Which Services a VirtualService sends requests or copies to, as `<namespace>/<name>`, each once. */
export function targetsOf(object: ExistingObject, clusterDomain: string): readonly string[] {
  return servicesOf(object, clusterDomain).map(({ namespace, name }) => `${namespace}/${name}`);
}

/** The first of its hosts; ours have one. */
export function routedHost({ spec }: { readonly metadata: object; readonly spec?: unknown }): string | undefined {
  const { hosts } = (spec ?? {}) as { readonly hosts?: unknown };
  return Array.isArray(hosts) && typeof hosts[0] === 'string' ? hosts[0] : undefined;
}

/** Which hosts' live routes send to which Services. */
export interface RouteTargets {
  /** `key` is the VirtualService's; answers with the Services that it sends to only now, or no longer. */
  changed(key: string, object: ExistingObject | undefined): readonly string[];
  /** Each host with the key of its VirtualService. */
  hostsOf(service: string): readonly { readonly key: string; readonly host: string }[];
  /** Sorted, each once; that of the VirtualService of the same name, its built-in host, is left out. */
  hostsServing(namespace: string, name: string): readonly string[];
}

export function createRouteTargets(clusterDomain: string): RouteTargets {
  const byRoute = new Map<string, { readonly host: string; readonly targets: readonly string[] }>();
  const byTarget = createMultimap<string, string>();

  return {
    changed(key, object) {
      const before = byRoute.get(key)?.targets ?? [];
      const host = object && routedHost(object);
      const targets = object === undefined || host === undefined ? [] : targetsOf(object, clusterDomain);
      if (host === undefined) byRoute.delete(key);
      else byRoute.set(key, { host, targets });
      for (const target of before) byTarget.remove(target, key);
      for (const target of targets) byTarget.add(target, key);
      const gone = before.filter(target => !targets.includes(target));
      return [...gone, ...targets.filter(target => !before.includes(target))];
    },
    hostsOf(service) {
      return byTarget
        .of(service)
        .toSorted()
        .flatMap(key => {
          const host = byRoute.get(key)?.host;
          return host === undefined ? [] : { key, host };
        });
    },
    hostsServing(namespace, name) {
      const own = `${namespace}/${name}`;
      const others = this.hostsOf(own).filter(({ key }) => key !== own);
      return [...new Set(others.map(({ host }) => host))].sort();
    },
  };
}
