import type { ExistingObject } from '../shared/snapshot.ts';
import { createMultimap } from './multimap.ts';

/** Which Services a VirtualService sends requests or copies to, as `<namespace>/<name>`, each once. */
export function targetsOf({ spec }: ExistingObject, clusterDomain: string): readonly string[] {
  const { http } = (spec ?? {}) as { readonly http?: unknown };
  const targets = (Array.isArray(http) ? http : []).flatMap((entry: unknown) => {
    const { route, mirror, mirrors } = (entry ?? {}) as Readonly<Record<string, unknown>>;
    const copies = Array.isArray(mirrors) ? mirrors.map(destinationOf) : [];
    return [...(Array.isArray(route) ? route.map(destinationOf) : []), mirror, ...copies];
  });
  const suffix = `.svc.${clusterDomain}`;
  return [...new Set(targets.flatMap(target => serviceOf(target, suffix) ?? []))];
}

function destinationOf(item: unknown): unknown {
  return (item as { readonly destination?: unknown } | null)?.destination;
}

function serviceOf(destination: unknown, suffix: string): string | undefined {
  const { host } = (destination ?? {}) as { readonly host?: unknown };
  if (typeof host !== 'string' || !host.endsWith(suffix)) return undefined;
  const [name, namespace, ...more] = host.slice(0, -suffix.length).split('.');
  return name && namespace && more.length === 0 ? `${namespace}/${name}` : undefined;
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
  };
}
