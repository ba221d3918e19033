/** What an ingress gateway does with headers before it compares them, as an Envoy of Istio 1.31 answers. */

/** What it writes into every request itself, so that only it knows the value. */
export const SET_BY_GATEWAY: ReadonlySet<string> = new Set([
  'x-envoy-external-address',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-request-id',
]);

/** Those of which it keeps one text, with a comma between the values; of all others it compares each value. */
export const JOINED: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'access-control-request-headers',
  'access-control-request-method',
  'access-control-request-private-network',
  'authorization',
  'cache-control',
  'content-encoding',
  'content-type',
  'grpc-accept-encoding',
  'grpc-timeout',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'origin',
  'pragma',
  'referer',
  'user-agent',
  'via',
  'x-client-trace-id',
  'x-forwarded-host',
  'x-forwarded-port',
]);

/** Whether it takes a header away: one about a connection, or one that only a gateway may say to another. */
export function isTakenAway(name: string, values: readonly string[]): boolean {
  return name === 'te' ? !values.includes('trailers') : TAKEN_AWAY.has(name);
}

const TAKEN_AWAY: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'x-envoy-decorator-operation',
  'x-envoy-downstream-service-cluster',
  'x-envoy-expected-rq-timeout-ms',
  'x-envoy-force-trace',
  'x-envoy-hedge-on-per-try-timeout',
  'x-envoy-internal',
  'x-envoy-ip-tags',
  'x-envoy-max-retries',
  'x-envoy-original-path',
  'x-envoy-original-url',
  'x-envoy-retriable-header-names',
  'x-envoy-retriable-status-codes',
  'x-envoy-retry-grpc-on',
  'x-envoy-retry-on',
  'x-envoy-upstream-alt-stat-name',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-upstream-rq-timeout-alt-response',
  'x-envoy-upstream-rq-timeout-ms',
  'x-forwarded-client-cert',
]);
