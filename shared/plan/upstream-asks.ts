import type { ConnectionPolicy, Destination, Intent, Mapping } from '../intent.ts';
import { sameJson } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { renderConnections } from '../render/destination-rule.ts';
import { serviceFqdn } from '../render/names.ts';
import type { Settings } from '../settings.ts';
import type { ExistingObject } from '../snapshot.ts';
import { objectsIn } from './live.ts';

/**
 * What a Mapping asks of the place that it sends to, where that takes more than to be there: a host outside the cluster
 * must be made known, and connections may be asked to be made in a way of their own.
 */
export interface UpstreamAsk {
  readonly mapping: Mapping;
  /** Whole: `api.example.com`, `web.shop.svc.cluster.local`. */
  readonly host: string;
  readonly port: number;
  /** A Service of the Mapping's own namespace; absent = outside the cluster. */
  readonly service?: { readonly namespace: string; readonly name: string };
  readonly policy?: ConnectionPolicy;
}

type Domain = Pick<Settings, 'clusterDomain'>;

/** All of one Deployment, in document order. */
export function asksOf(intent: Intent, settings: Domain): readonly UpstreamAsk[] {
  return intent.mappings.flatMap(mapping => askOf(mapping, intent, settings) ?? []);
}

/** The hosts that a Deployment asks something of, sorted. */
export function upstreamsOf(intent: Intent, settings: Domain): readonly string[] {
  return [...new Set(asksOf(intent, settings).map(({ host }) => host))].sort();
}

export function askOf(mapping: Mapping, intent: Intent, { clusterDomain }: Domain): UpstreamAsk | undefined {
  const { action } = mapping;
  if (action.does === 'redirect') return undefined;
  const { destination, connections } = action;
  if (destination.to === 'external') {
    const { host, port } = destination;
    return { mapping, host, port, ...(connections && { policy: connections }) };
  }
  const service = serviceAt(destination, intent);
  // Of a Service of another namespace others than this one's team would have to bear it.
  if (!connections || service?.namespace !== intent.object.namespace) return undefined;
  const { namespace, name, port } = service;
  const host = serviceFqdn(name, namespace, clusterDomain);
  return { mapping, host, port, service: { namespace, name }, policy: connections };
}

/** `undefined` = without a port there is none. */
function serviceAt(
  destination: Exclude<Destination, { readonly to: 'external' }>,
  { object, ports }: Intent,
): { readonly namespace: string; readonly name: string; readonly port: number } | undefined {
  if (destination.to === 'service') return destination;
  return ports[0] && { namespace: object.namespace, name: object.name, port: ports[0].port };
}

/** Whether requests of a Mapping may go to this place by itself, whatever it asks of it. */
export function mayReach(mapping: Mapping, host: string, port: number, { clusterDomain }: Domain): boolean {
  const { action } = mapping;
  if (action.does === 'redirect') return false;
  const { destination } = action;
  if (destination.to === 'own') return true;
  const known =
    destination.to === 'external'
      ? destination.host
      : serviceFqdn(destination.name, destination.namespace, clusterDomain);
  return known === host && destination.port === port;
}

/** How its connections are made, as it is written; absent = as Istio makes them. */
export function connectionsOf({ policy, host, service }: UpstreamAsk): JsonObject | undefined {
  if (!policy) return undefined;
  // What in-cluster certificates name, besides the whole name.
  const others = service ? [`${service.name}.${service.namespace}.svc`] : [];
  return renderConnections(policy, host, others);
}

/** What lives of one port of a host. */
export interface LivePort {
  readonly number: number;
  /** The host is known outside the cluster by this port. */
  readonly isEntered: boolean;
  readonly connections?: JsonObject;
}

/** By number. `objects`: those of ours for one host. */
export function livePorts(objects: readonly ExistingObject[]): readonly LivePort[] {
  const ports = new Map<number, LivePort>();
  for (const object of objects) {
    if (object.kind === 'ServiceEntry') {
      for (const { number } of objectsIn(object.spec, 'ports')) {
        if (typeof number === 'number') ports.set(number, { ...ports.get(number), number, isEntered: true });
      }
    } else if (object.kind === 'DestinationRule') {
      for (const { port, ...connections } of objectsIn(policyOf(object), 'portLevelSettings')) {
        const { number } = (port ?? {}) as { readonly number?: unknown };
        if (typeof number === 'number')
          ports.set(number, { isEntered: false, ...ports.get(number), number, connections });
      }
    }
  }
  return [...ports.values()].sort((a, b) => a.number - b.number);
}

function policyOf({ spec }: ExistingObject): unknown {
  return (spec as { readonly trafficPolicy?: unknown } | undefined)?.trafficPolicy;
}

/** Whether requests may be sent: all that is asked is there. */
export function isServed(ask: UpstreamAsk, ports: readonly LivePort[]): boolean {
  const live = ports.find(({ number }) => number === ask.port);
  if (!ask.service && live?.isEntered !== true) return false;
  const wanted = connectionsOf(ask);
  return wanted ? sameJson(live?.connections, wanted) : live?.connections?.['tls'] === undefined;
}
