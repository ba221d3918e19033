import type { Node } from '../annotation/node.ts';
import { SINCE_V1, SINCE_V2, SINCE_V3 } from './dialects.ts';
import type { Field, Outcome, Schema } from './field.ts';
import {
  readAmbassadorId,
  readHeaders,
  readHostname,
  readMappingName,
  readMethod,
  readPrefix,
  readRewrite,
  readService,
} from './mapping-readers.ts';
import { readFilledText, readWholeNumber } from './readers.ts';

/** The largest number of Ambassador's own schema. */
const MAX_INT = 2_147_483_647;

type Decide = (node: Node) => Outcome | 'harmless';

const isValue = (node: Node, value: unknown) => node.kind === 'scalar' && node.value === value;
const isEmpty = (node: Node) =>
  (node.kind === 'list' && node.items.length === 0) || (node.kind === 'map' && node.entries.length === 0);

function unless(value: unknown, outcome: Outcome): Decide {
  return node => (isValue(node, value) ? 'harmless' : outcome);
}

function later(type: string, doc: string, dialects?: readonly string[]): Field {
  return { outcome: 'later', type, default: 'none', doc, ...(dialects && { dialects }) };
}

/** A switch that is off when absent, and may be written so. */
function laterSwitch(doc: string, dialects?: readonly string[]): Field {
  return { ...later('boolean', doc, dialects), default: 'false', decide: unless(false, 'later') };
}

function ignored(type: string, doc: string, dialects?: readonly string[]): Field {
  return { outcome: 'ignored', type, default: 'none', doc, ...(dialects && { dialects }) };
}

function refused(type: string, doc: string, dialects?: readonly string[]): Field {
  return {
    outcome: 'refused',
    type,
    default: 'none',
    doc,
    ...(dialects && { dialects }),
    decide: node => (isEmpty(node) ? 'harmless' : 'refused'),
  };
}

const BUILT = {
  name: {
    outcome: 'built',
    type: 'text of letters, digits, `-`, `_` and `.`',
    default: 'required',
    required: true,
    doc: 'Name of the route, unique in the Deployment',
    read: readMappingName,
  },
  prefix: {
    outcome: 'built',
    type: 'path',
    default: 'required',
    required: true,
    doc: 'Beginning of the path, compared letter by letter: `/man` takes `/mankind` too',
    read: readPrefix,
  },
  rewrite: {
    outcome: 'built',
    type: "path or ''",
    default: '/',
    doc: "What replaces the prefix; '' leaves the path as it is",
    read: readRewrite,
  },
  method: {
    outcome: 'built',
    type: 'HTTP method in capitals',
    default: 'every method',
    doc: 'The method that a request must have',
    read: readMethod,
  },
  headers: {
    outcome: 'built',
    type: 'map of header names to values',
    default: '{}',
    doc: 'Headers that a request must have, all of them and with exactly these values',
    read: readHeaders,
  },
  hostname: {
    outcome: 'built',
    type: 'DNS name',
    default: 'the hosts of the InferenceService, its built-in host, the host that all share',
    doc: 'Host of the route; in test and debug with `test.` or `debug.` in front',
    dialects: SINCE_V3,
    read: readHostname,
  },
  host: {
    outcome: 'built',
    type: 'DNS name',
    default: 'as `hostname`',
    doc: 'The older name of `hostname`',
    read: readHostname,
  },
  service: {
    outcome: 'built',
    type: '`name`, `name.namespace` or `name.namespace.svc`, with `:port`',
    default: "the Deployment's own Service and first port",
    doc: 'Where the requests go; the port is 80 if none is given',
    read: readService,
  },
  timeout_ms: {
    outcome: 'built',
    type: 'milliseconds',
    default: '3000',
    doc: 'Timeout of the whole request; 0 is none',
    read: readWholeNumber(0, MAX_INT),
  },
  precedence: {
    outcome: 'built',
    type: 'whole number',
    default: '0',
    doc: 'Routes with a greater one are tried first, whatever their prefix',
    read: readWholeNumber(-MAX_INT, MAX_INT),
  },
  namespace: {
    outcome: 'built',
    type: 'DNS label',
    default: "the Deployment's",
    doc: "Must be the Deployment's own namespace",
    dialects: SINCE_V2,
    read: readFilledText,
  },
  ambassador_id: {
    outcome: 'built',
    type: 'text or list of texts',
    default: '[default]',
    doc: 'A Mapping for another Ambassador than `default` is skipped, with a warning',
    read: readAmbassadorId,
  },
} as const satisfies Record<string, Field>;

const LATER: Record<string, Field> = {
  prefix_exact: laterSwitch('`prefix` is the whole path', SINCE_V2),
  prefix_regex: laterSwitch('`prefix` is a regular expression'),
  case_sensitive: {
    ...later('boolean', 'Whether capitals count in `prefix`'),
    default: 'true',
    decide: unless(true, 'later'),
  },
  method_regex: laterSwitch('`method` is a regular expression'),
  regex_headers: later('map', 'Headers by regular expression'),
  query_parameters: later('map', 'Parameters of the query', SINCE_V2),
  regex_query_parameters: later('map', 'Parameters of the query by regular expression', SINCE_V2),
  regex_rewrite: later('map', 'Rewrite by regular expression', SINCE_V2),
  host_rewrite: later('text', 'Host that the Service sees'),
  auto_host_rewrite: laterSwitch('The Service sees its own name as host'),
  add_request_headers: later('map', 'Headers added to requests'),
  add_response_headers: later('map', 'Headers added to answers'),
  remove_request_headers: later('list', 'Headers taken from requests', SINCE_V1),
  remove_response_headers: later('list', 'Headers taken from answers', SINCE_V1),
  host_redirect: laterSwitch('Redirect to another host'),
  path_redirect: later('path', 'Redirect to another path'),
  prefix_redirect: later('path', 'Redirect to another prefix', SINCE_V2),
  redirect_response_code: later('whole number', 'Status code of redirects', SINCE_V2),
  connect_timeout_ms: later('milliseconds', 'Timeout of connecting'),
  cluster_idle_timeout_ms: later('milliseconds', 'Timeout of idle connections', SINCE_V1),
  cluster_max_connection_lifetime_ms: later('milliseconds', 'Greatest age of connections', SINCE_V2),
  retry_policy: later('map', 'Retries', SINCE_V1),
  weight: later('percent', 'Share of the requests that match alike'),
  shadow: laterSwitch('Only copies of the requests go to this Service'),
  cors: later('map', 'Cross-origin requests'),
  tls: { ...laterSwitch('TLS to the Service'), type: 'boolean or name of a TLSContext' },
  grpc: laterSwitch('HTTP/2 to the Service'),
  circuit_breakers: later('list', 'Limits of connections and requests', SINCE_V1),
  load_balancer: later('map', 'How Pods are chosen', SINCE_V1),
  keepalive: later('map', 'TCP keep-alive', SINCE_V1),
  metadata_labels: later('map', 'Labels of what is built', SINCE_V2),
};

const IGNORED: Record<string, Field> = {
  use_websocket: { ...ignored('boolean', 'websockets always work'), decide: () => 'harmless' },
  generation: { ...ignored('whole number', 'it is bookkeeping of Kubernetes'), decide: () => 'harmless' },
  dns_type: ignored('text', 'Services are found by Kubernetes', SINCE_V2),
  respect_dns_ttl: ignored('boolean', 'Services are found by Kubernetes', SINCE_V2),
  add_linkerd_headers: ignored('boolean', 'the mesh is Istio', SINCE_V1),
  enable_ipv4: ignored('boolean', 'the addresses of Services are chosen by Kubernetes', SINCE_V1),
  enable_ipv6: ignored('boolean', 'the addresses of Services are chosen by Kubernetes', SINCE_V1),
  cluster_tag: ignored('text', 'statistics have the names that Istio gives them', SINCE_V2),
  stats_name: ignored('text', 'statistics have the names that Istio gives them', SINCE_V3),
  docs: ignored('map', 'there is no developer portal', SINCE_V2),
  bypass_error_response_overrides: ignored('boolean', 'there are no error_response_overrides', SINCE_V2),
};

const KUBERNETES_RESOLVERS = ['kubernetes-service', 'kubernetes-endpoint'];

const REFUSED: Record<string, Field> = {
  host_regex: {
    ...refused('boolean', 'hosts cannot be had by a pattern'),
    fix: 'name every host, one Mapping for each',
    decide: unless(false, 'refused'),
  },
  regex_redirect: refused('map', 'Istio has no such redirect', SINCE_V2),
  idle_timeout_ms: refused('milliseconds', 'Istio has no idle timeout of a route', SINCE_V1),
  allow_upgrade: {
    ...refused('list', 'only websockets can be upgraded to', SINCE_V2),
    decide: node =>
      node.kind === 'list' && node.items.every(item => isValue(item, 'websocket')) ? 'harmless' : 'refused',
  },
  labels: {
    ...refused('map', 'limits of requests need a service of the platform', SINCE_V1),
    fix: 'ask the platform for limits',
  },
  rate_limits: {
    ...refused('list', 'limits of requests need a service of the platform'),
    fix: 'ask the platform for limits',
  },
  bypass_auth: {
    ...refused('boolean', 'who may call is decided by an AuthorizationPolicy of Istio', SINCE_V1),
    fix: 'delete it, and have the AuthorizationPolicy changed',
    decide: unless(false, 'refused'),
  },
  auth_context_extensions: refused('map', 'who may call is decided by an AuthorizationPolicy of Istio', SINCE_V2),
  error_response_overrides: refused('list', 'Istio cannot replace answers', SINCE_V2),
  health_checks: refused('list', 'Kubernetes checks Pods; write a `readinessProbe` into the Pod template', SINCE_V3),
  outlier_detection: refused('text', 'it never worked in Ambassador'),
  circuit_breaker: refused('text', 'it never worked in Ambassador'),
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
  v2ExplicitTLS: refused('map', 'only Ambassador itself writes it', SINCE_V3),
  v2BoolHeaders: refused('list', 'only Ambassador itself writes it', SINCE_V3),
  v2BoolQueryParameters: refused('list', 'only Ambassador itself writes it', SINCE_V3),
};

export const MAPPING_FIELDS = { ...BUILT, ...LATER, ...IGNORED, ...REFUSED };

const none = (fix: string) => ({ found: 'is none', fix });

export const MAPPING: Schema<typeof BUILT> = {
  title: 'Mapping',
  header: ['apiVersion', 'kind'],
  fields: MAPPING_FIELDS,
  synonyms: {
    ambassadorId: none('write `ambassador_id`'),
    path: none('write `prefix`'),
    hosts: none('write `hostname`, and one Mapping for each host'),
    timeout: none('write `timeout_ms`, a number of milliseconds'),
    retries: none('write `retry_policy`'),
    methods: none('write `method`, and one Mapping for each method'),
    route: none('write `service`'),
    backend: none('write `service`'),
    destination: none('write `service`'),
  },
};
