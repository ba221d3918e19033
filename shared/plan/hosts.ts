import type { Intent, Mapping } from '../intent.ts';
import { builtInHost } from '../render/names.ts';
import type { Settings } from '../settings.ts';
import type { GroupKey } from '../snapshot.ts';
import type { Range } from '../source.ts';
import { modelPathOf } from './model-path.ts';

/** A host that a route is on, and where the user said so. */
export interface HostPlace {
  readonly host: string;
  /** Whether the Mapping itself names the host: Ambassador sorts such a route as if by one header more. */
  readonly named: boolean;
  readonly at: Range;
  /** The field of the InferenceService that names it, such as `hosts[1]`; empty where a Mapping does, or nothing. */
  readonly path: string;
}

interface BuiltIn {
  readonly settings: Settings;
  readonly host: string | undefined;
}

/** Asked for many times in one compilation, and thousands of Intents take part in that of the host that all share. */
const builtIns = new WeakMap<Intent, BuiltIn>();

/** The host that this Deployment has by itself; only an InferenceService has one. */
export function builtInHostOf(intent: Intent, settings: Settings): string | undefined {
  if (!intent.service) return undefined;
  const known = builtIns.get(intent);
  if (known?.settings === settings) return known.host;
  const { namespace, name } = intent.object;
  const { environment, domain } = intent;
  const host = builtInHost({ deployment: name, namespace, environment, domain }, settings);
  builtIns.set(intent, { settings, host });
  return host;
}

/** The hosts of the InferenceService: its built-in one first. */
export function serviceHosts(intent: Intent, settings: Settings): readonly HostPlace[] {
  const { service } = intent;
  if (!service) return [];
  const builtIn = builtInHostOf(intent, settings);
  const own = ownHosts(intent);
  return builtIn === undefined ? own : [{ host: builtIn, named: false, at: service.at, path: '' }, ...own];
}

function ownHosts({ service }: Intent): readonly HostPlace[] {
  return (service?.hosts ?? []).map(({ value, at }, index) => ({
    host: value,
    named: false,
    at,
    path: `hosts[${index}]`,
  }));
}

/**
 * Where a Mapping attaches: to the hosts it names, else to those of its InferenceService, else to that one's built-in
 * host, else to the host that all share. Empty = nowhere.
 */
export function mappingHosts(mapping: Mapping, intent: Intent, settings: Settings): readonly HostPlace[] {
  if (mapping.hosts) return mapping.hosts.map(({ value, at }) => ({ host: value, named: true, at, path: '' }));
  const own = ownHosts(intent);
  if (own.length > 0) return own.map(place => ({ ...place, at: mapping.at }));
  const host = builtInHostOf(intent, settings) ?? settings.ingressHost;
  return host === '' ? [] : [{ host, named: false, at: mapping.at, path: '' }];
}

/** The Host groups that a Deployment takes part in: its own hosts and `ingressHost`, never its built-in one. */
export function hostsOf(intent: Intent, settings: Settings): readonly string[] {
  const builtIn = builtInHostOf(intent, settings);
  const places = [...ownHosts(intent), ...intent.mappings.flatMap(mapping => mappingHosts(mapping, intent, settings))];
  const shared = modelPathOf(intent, settings) ? [settings.ingressHost] : [];
  const hosts = new Set([...places.map(({ host }) => host), ...shared]);
  return [...hosts].filter(host => host !== builtIn).sort();
}

export function deploymentGroup({ namespace, name }: { namespace: string; name: string }): GroupKey {
  return `Deployment/${namespace}/${name}`;
}

export function hostGroup(host: string): GroupKey {
  return `Host/${host}`;
}

/** `host`: a whole name, `api.example.com` or `web.shop.svc.cluster.local`. */
export function upstreamGroup(host: string): GroupKey {
  return `Upstream/${host}`;
}
