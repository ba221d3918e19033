import { SINCE_V1, SINCE_V2, SINCE_V3 } from './dialects.ts';
import type { Field } from './field.ts';
import { ignored, isValue, refused, unless } from './mapping-outcomes.ts';

const KUBERNETES_RESOLVERS = ['kubernetes-service', 'kubernetes-endpoint'];

/** Fields of a Mapping that have no effect here, and change nobody's requests by that. */
export const IGNORED: Record<string, Field> = {
  use_websocket: { ...ignored('boolean', 'websockets always work'), decide: () => 'harmless' },
  generation: { ...ignored('whole number', 'it is bookkeeping of Kubernetes'), decide: () => 'harmless' },
  dns_type: ignored('text', 'addresses are looked up by Istio', SINCE_V2),
  respect_dns_ttl: ignored('boolean', 'addresses are looked up by Istio', SINCE_V2),
  add_linkerd_headers: ignored('boolean', 'the mesh is Istio', SINCE_V1),
  enable_ipv4: ignored('boolean', 'the addresses of Services are chosen by Kubernetes', SINCE_V1),
  enable_ipv6: ignored('boolean', 'the addresses of Services are chosen by Kubernetes', SINCE_V1),
  cluster_tag: ignored('text', 'statistics have the names that Istio gives them', SINCE_V2),
  stats_name: ignored('text', 'statistics have the names that Istio gives them', SINCE_V3),
  docs: ignored('map', 'there is no developer portal', SINCE_V2),
  bypass_error_response_overrides: ignored('boolean', 'there are no error_response_overrides', SINCE_V2),
};

const LIMITS = 'limits of requests need a service of the platform';
const WHO_MAY_CALL = 'who may call is decided by an AuthorizationPolicy of Istio';
const BY_AMBASSADOR = 'only Ambassador itself writes it';

/** Fields of a Mapping whose effect cannot be had here, and that change who may call or what succeeds. */
export const REFUSED: Record<string, Field> = {
  host_regex: {
    ...refused('boolean', 'hosts cannot be had by a pattern'),
    fix: 'name every host, one Mapping for each',
    decide: unless(false, 'refused'),
  },
  regex_redirect: {
    ...refused('map', 'Istio has no such redirect', SINCE_V2),
    fix: 'write one Mapping with `path_redirect` for each path',
  },
  idle_timeout_ms: refused('milliseconds', 'Istio has no idle timeout of a route', SINCE_V1),
  allow_upgrade: {
    ...refused('list', 'only websockets can be upgraded to', SINCE_V2),
    decide: node =>
      node.kind === 'list' && node.items.every(item => isValue(item, 'websocket')) ? 'harmless' : 'refused',
  },
  labels: { ...refused('map', LIMITS, SINCE_V1), fix: 'ask the platform for limits' },
  rate_limits: { ...refused('list', LIMITS), fix: 'ask the platform for limits' },
  bypass_auth: {
    ...refused('boolean', WHO_MAY_CALL, SINCE_V1),
    fix: 'delete it, and have the AuthorizationPolicy changed',
    decide: unless(false, 'refused'),
  },
  auth_context_extensions: refused('map', WHO_MAY_CALL, SINCE_V2),
  error_response_overrides: refused('list', 'Istio cannot replace answers', SINCE_V2),
  health_checks: refused('list', 'Kubernetes checks Pods; write a `readinessProbe` into the Pod template', SINCE_V3),
  outlier_detection: refused('text', 'it never worked in Ambassador'),
  circuit_breaker: {
    ...refused('text', 'it never worked in Ambassador'),
    fix: 'delete it, or write `circuit_breakers`, which needs ambassador/v1',
  },
  priority: {
    ...refused('default or high', 'Istio has one priority only'),
    decide: unless('default', 'refused'),
  },
  resolver: {
    ...refused('text', 'Services are found by Kubernetes', SINCE_V1),
    decide: node =>
      node.kind === 'scalar' && KUBERNETES_RESOLVERS.includes(String(node.value)) ? 'ignored' : 'refused',
  },
  envoy_override: refused('map', 'no raw configuration is passed on'),
  modules: refused('list', 'no raw configuration is passed on'),
  v2ExplicitTLS: refused('map', BY_AMBASSADOR, SINCE_V3),
  v2BoolHeaders: refused('list', BY_AMBASSADOR, SINCE_V3),
  v2BoolQueryParameters: refused('list', BY_AMBASSADOR, SINCE_V3),
};
