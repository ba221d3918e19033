import type { CircuitBreaker, ConnectionPolicy, HashKey, Keepalive, LoadBalancer } from '../intent.ts';
import type { JsonObject } from '../json.ts';
import type { UpstreamPlan } from '../plan/upstreams.ts';
import type { Settings } from '../settings.ts';
import type { KubernetesObject } from '../snapshot.ts';
import { durationText } from './duration.ts';
import { OUR_LABELS } from './labels.ts';
import { gatewayNamespace, upstreamName } from './names.ts';
import { networkingApiVersion } from './virtual-service.ts';

/** How connections to a host are made, port by port. Absent where nothing is asked of any of them. */
export function renderDestinationRule(
  { host, namespace, ports }: UpstreamPlan,
  settings: Pick<Settings, 'gateway' | 'istio'>,
): KubernetesObject | undefined {
  const portLevelSettings = ports.flatMap(({ number, connections }) =>
    connections === undefined ? [] : [{ port: { number }, ...connections }],
  );
  if (portLevelSettings.length === 0) return undefined;
  return {
    apiVersion: networkingApiVersion(settings.istio.version),
    kind: 'DestinationRule',
    metadata: { name: upstreamName(host), namespace, labels: OUR_LABELS },
    spec: {
      host,
      // What a Mapping asks for holds where Mappings are routed, not between the services of the mesh.
      exportTo: [gatewayNamespace(settings)],
      trafficPolicy: { portLevelSettings },
    },
  };
}

/**
 * One of `portLevelSettings`, without its port. It takes the place of the host's whole policy there: so that nothing of
 * one port holds for another one. Without `tls` Istio goes on choosing mutual TLS by itself.
 */
export function renderConnections(policy: ConnectionPolicy, host: string, otherNames: readonly string[]): JsonObject {
  const pool = connectionPool(policy);
  return {
    ...(policy.loadBalancer && { loadBalancer: loadBalancer(policy.loadBalancer) }),
    ...(Object.keys(pool).length > 0 && { connectionPool: pool }),
    ...(policy.tls && { tls: tls(policy.tls, host, otherNames) }),
  };
}

function connectionPool(policy: ConnectionPolicy): JsonObject {
  const { connectTimeout, idleTimeout, maxConnectionDuration, circuitBreaker, keepalive, http2 } = policy;
  const tcp = {
    ...(circuitBreaker && { maxConnections: circuitBreaker.maxConnections }),
    ...(connectTimeout !== undefined && { connectTimeout: durationText(connectTimeout) }),
    ...(keepalive && { tcpKeepalive: tcpKeepalive(keepalive) }),
    ...(maxConnectionDuration !== undefined && { maxConnectionDuration: durationText(maxConnectionDuration) }),
  };
  const http = {
    ...(circuitBreaker && requestLimits(circuitBreaker)),
    ...(idleTimeout !== undefined && { idleTimeout: durationText(idleTimeout) }),
    ...(http2 && { h2UpgradePolicy: 'UPGRADE' }),
  };
  return {
    ...(Object.keys(tcp).length > 0 && { tcp }),
    ...(Object.keys(http).length > 0 && { http }),
  };
}

function requestLimits({ maxPendingRequests, maxRequests, maxRetries }: CircuitBreaker): JsonObject {
  return { http1MaxPendingRequests: maxPendingRequests, http2MaxRequests: maxRequests, maxRetries };
}

function tcpKeepalive({ probes, time, interval }: Keepalive): JsonObject {
  return { probes, time: durationText(time), interval: durationText(interval) };
}

const SIMPLE = { round_robin: 'ROUND_ROBIN', least_request: 'LEAST_REQUEST' } as const;

/** Envoy's own size, which is the prime that Istio wants to be told. */
const MAGLEV_TABLE = 65_537;

function loadBalancer(balancer: LoadBalancer): JsonObject {
  if (!('by' in balancer)) return { simple: SIMPLE[balancer.policy] };
  const ring = balancer.policy === 'maglev' ? { maglev: { tableSize: MAGLEV_TABLE } } : { ringHash: {} };
  return { consistentHash: { ...hashKey(balancer.by), ...ring } };
}

function hashKey(by: HashKey): JsonObject {
  switch (by.kind) {
    case 'source-ip':
      return { useSourceIp: true };
    case 'header':
      return { httpHeaderName: by.name };
    case 'cookie': {
      const { name, path, ttl } = by;
      const more = { ...(path !== undefined && { path }), ...(ttl !== undefined && { ttl: durationText(ttl) }) };
      return { httpCookie: { name, ...more } };
    }
  }
}

/** The name is checked as well: a certificate of anybody whom the system trusts would not do. */
function tls({ verifies }: { readonly verifies: boolean }, host: string, otherNames: readonly string[]): JsonObject {
  const mode = { mode: 'SIMPLE', sni: host };
  if (!verifies) return { ...mode, insecureSkipVerify: true };
  return { ...mode, caCertificates: 'system', subjectAltNames: [host, ...otherNames] };
}
