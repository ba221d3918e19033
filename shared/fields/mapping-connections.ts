import type { Node } from '../annotation/node.ts';
import { readCircuitBreakers } from './circuit-breakers.ts';
import { KNOWS_BOOLEANS, OWN_DIALECT, SINCE_V1, SINCE_V2 } from './dialects.ts';
import type { Field, Outcome, ReadInDialect } from './field.ts';
import { readKeepalive } from './keepalive.ts';
import { readLoadBalancer } from './load-balancer.ts';
import { isValue, MAX_INT } from './mapping-outcomes.ts';
import { readBoolean, readText, readWholeNumber, reportType } from './readers.ts';

/** `true`; the name of a TLSContext is refused, and so is `true` where there are names only. */
const readTls: ReadInDialect<boolean> = (node, path, report, dialect) => {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') {
    if (KNOWS_BOOLEANS.includes(dialect)) return node.value;
    reportType(report, node, path, `must be left out in ${dialect}`, 'write `https://` in front of `service`');
    return undefined;
  }
  const name = readText(node, path, report);
  if (name !== undefined) {
    report({
      name: 'FieldRefused',
      at: node.at,
      path,
      must: 'must not be the name of a TLSContext',
      found: 'since certificates for Services belong to a DestinationRule of Istio',
      fix: 'write `https://` in front of `service`, whose certificate is then checked',
    });
  }
  return undefined;
};

/** How connections to the destination are made: of all who send there, not of a route. */
export const CONNECTION_FIELDS = {
  tls: {
    outcome: 'built',
    type: 'boolean',
    default: 'false',
    doc: 'TLS to the destination, as with `https://`; its certificate is checked. No name of a TLSContext',
    becomes: 'DestinationRule `tls.mode: SIMPLE`',
    decide: (node: Node): Outcome | 'harmless' => (isValue(node, false) ? 'harmless' : 'built'),
    read: readTls,
  },
  tls_verify: {
    outcome: 'built',
    type: 'boolean',
    default: 'true',
    doc: "Whether the destination's certificate is checked; without it anybody in between may read along",
    becomes: 'false: DestinationRule `tls.insecureSkipVerify`',
    dialects: [OWN_DIALECT],
    read: readBoolean,
  },
  grpc: {
    outcome: 'built',
    type: 'boolean',
    default: 'false',
    doc: 'HTTP/2 to the destination',
    becomes: 'DestinationRule `connectionPool.http.h2UpgradePolicy: UPGRADE`; nothing where the port says it itself',
    read: readBoolean,
  },
  connect_timeout_ms: {
    outcome: 'built',
    type: 'milliseconds from 1',
    default: "Istio's",
    doc: 'Timeout of connecting',
    becomes: 'DestinationRule `connectionPool.tcp.connectTimeout`',
    read: readWholeNumber(1, MAX_INT),
  },
  cluster_idle_timeout_ms: {
    outcome: 'built',
    type: 'milliseconds from 1',
    default: "Istio's",
    doc: 'How long a connection that nobody uses stays',
    becomes: 'DestinationRule `connectionPool.http.idleTimeout`',
    dialects: SINCE_V1,
    read: readWholeNumber(1, MAX_INT),
  },
  cluster_max_connection_lifetime_ms: {
    outcome: 'built',
    type: 'milliseconds',
    default: '0',
    doc: 'How old a connection may get; 0 is any age',
    becomes: 'DestinationRule `connectionPool.tcp.maxConnectionDuration`',
    dialects: SINCE_V2,
    read: readWholeNumber(0, MAX_INT),
  },
  circuit_breakers: {
    outcome: 'built',
    type: 'list of one `{max_connections, max_pending_requests, max_requests, max_retries}`',
    default: 'none',
    doc: 'Limits of connections and requests to the destination',
    becomes: 'DestinationRule `connectionPool`, all four of them',
    dialects: SINCE_V1,
    read: readCircuitBreakers,
  },
  load_balancer: {
    outcome: 'built',
    type: '`{policy}`, and `cookie`, `header` or `source_ip` with ring_hash and maglev',
    default: "Istio's",
    doc: 'How Pods are chosen',
    becomes: 'DestinationRule `loadBalancer`',
    dialects: SINCE_V1,
    read: readLoadBalancer,
  },
  keepalive: {
    outcome: 'built',
    type: '`{probes, idle_time, interval}`',
    default: 'none',
    doc: 'Whether connections that seem dead are tried out',
    becomes: 'DestinationRule `connectionPool.tcp.tcpKeepalive`',
    dialects: SINCE_V1,
    read: readKeepalive,
  },
} as const satisfies Record<string, Field>;
