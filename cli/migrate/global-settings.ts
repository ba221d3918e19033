import { AMBASSADOR_KINDS } from '../../shared/fields/dialects.ts';
import { recordOf, textOf } from './ambassador-document.ts';
import type { AmbassadorDocument, Json } from './ambassador-document.ts';
import type { Entry } from './migration.ts';

/** What a Module says of every Mapping that does not say it itself: key of `config` → field of Mapping. */
const DEFAULTS: Readonly<Record<string, string>> = {
  cluster_request_timeout_ms: 'timeout_ms',
  cluster_idle_timeout_ms: 'cluster_idle_timeout_ms',
  cluster_max_connection_lifetime_ms: 'cluster_max_connection_lifetime_ms',
  retry_policy: 'retry_policy',
  cors: 'cors',
  circuit_breakers: 'circuit_breakers',
  keepalive: 'keepalive',
  load_balancer: 'load_balancer',
};

const CORS_LISTS: ReadonlySet<string> = new Set(['origins', 'methods', 'headers', 'exposed_headers']);

/** Of the Ambassador that ran, and of nothing that a client sees. */
const OWN_MATTERS: ReadonlySet<string> = new Set([
  'admin_port',
  'debug_mode',
  'diag_port',
  'diagnostics',
  'envoy_log_format',
  'envoy_log_path',
  'envoy_log_type',
  'grpc_stats',
  'liveness_probe',
  'prune_unreachable_routes',
  'readiness_probe',
  'service_port',
  'statsd',
]);

const OWN_NAMESPACE = 'use_ambassador_namespace_for_service_resolution';

const ELSEWHERE: Readonly<Record<string, string>> = {
  defaults: 'write what it holds into every Mapping that does not say it itself',
  default_label_domain: 'ask the platform for limits',
  default_labels: 'ask the platform for limits',
  ip_allow: 'write an AuthorizationPolicy of Istio with `remoteIpBlocks`',
  ip_deny: 'write an AuthorizationPolicy of Istio with action DENY and `remoteIpBlocks`',
  merge_slashes: "have `pathNormalization` set in Istio's MeshConfig",
  reject_requests_with_escaped_slashes: "have `pathNormalization` set in Istio's MeshConfig",
  regex_type: 'nothing where it is safe; else check every pattern: here all are RE2',
  use_remote_address: "have `numTrustedProxies` set in Istio's MeshConfig",
  xff_num_trusted_hops: "have `numTrustedProxies` set in Istio's MeshConfig",
  x_forwarded_proto_redirect: "have `httpsRedirect` set in the platform's Gateway",
};

/** Names under which early releases had what became kinds. */
const EARLY_MODULES: Readonly<Record<string, string>> = { authentication: 'AuthService', tls: 'TLSContext' };

/** Kinds that served Ambassador itself: without them no request is answered in another way. */
const QUIET: ReadonlySet<string> = new Set([
  'DevPortal',
  'KubernetesEndpointResolver',
  'KubernetesServiceResolver',
  'Listener',
  'LogService',
  'TracingService',
]);

/** What documents other than Mappings say of all Mappings. */
export interface GlobalSettings {
  /** Fields that a Mapping gets where it has none. */
  readonly defaults: Json;
  /** Where a `service` without namespace was looked for, when that was not the Mapping's own. */
  readonly serviceNamespace?: string;
  /** The host of the only Host that selects a Mapping by these labels. */
  hostFor(labels: Readonly<Record<string, unknown>>): string | undefined;
  /** What becomes of each. */
  readonly entries: readonly Entry[];
}

/** `documents` holds no Mappings, and only what is for the Ambassador that is moved from. */
export function globalSettings(documents: readonly AmbassadorDocument[]): GlobalSettings {
  const modules = documents.filter(({ ref }) => ref.kind === 'Module' && ref.name === 'ambassador');
  const [module] = modules;
  const config = recordOf(module?.fields['config']);
  const defaults = Object.entries(config).flatMap(([key, value]): [string, unknown][] => {
    const field = DEFAULTS[key];
    return field === undefined ? [] : [[field, field === 'cors' ? withLists(value) : value]];
  });
  return {
    defaults: Object.fromEntries<unknown>(defaults),
    ...(config[OWN_NAMESPACE] === true && module && { serviceNamespace: module.ref.namespace }),
    hostFor: labels => hostFor(documents, labels),
    entries: documents.flatMap(document => (document === module ? moduleEntries(document) : [entryOf(document)])),
  };
}

/** A Module may write lists as texts with commas, whatever the apiVersion of the Mapping that gets them: v3alpha1 takes none. */
function withLists(cors: unknown): unknown {
  const lists = Object.entries(recordOf(cors)).map(([key, value]): [string, unknown] => [
    key,
    CORS_LISTS.has(key) && typeof value === 'string' ? value.split(',').map(item => item.trim()) : value,
  ]);
  return lists.length === 0 ? cors : Object.fromEntries<unknown>(lists);
}

function entryOf({ ref, parent, place }: AmbassadorDocument): Entry {
  const kind = ref.kind === 'Module' ? (EARLY_MODULES[ref.name] ?? ref.kind) : ref.kind;
  const fix = AMBASSADOR_KINDS[kind];
  if (fix === undefined) {
    const message = `has a document of ${ref.kind === '' ? 'no kind' : `the kind '${ref.kind}'`}, which Ambassador does not read`;
    return { outcome: 'left', ref: parent ?? ref, place, message, fix: 'delete it, or write `kind: Mapping`' };
  }
  return {
    outcome: QUIET.has(kind) ? 'note' : 'left',
    ref,
    place,
    message: 'has no counterpart in an annotation',
    fix,
  };
}

/** One for each key of `config`. */
function moduleEntries(module: AmbassadorDocument): readonly Entry[] {
  const { ref } = module;
  return Object.keys(recordOf(module.fields['config'])).flatMap((key): readonly Entry[] => {
    const place = module.placeOfField(['config', key], 'key');
    const name = `\`config.${key}\``;
    if (Object.hasOwn(DEFAULTS, key)) {
      const message = `${name} is written out as \`${DEFAULTS[key]}\` in every Mapping that has none`;
      return [{ outcome: 'note', ref, place, message }];
    }
    if (key === OWN_NAMESPACE) return [];
    if (OWN_MATTERS.has(key)) {
      return [{ outcome: 'note', ref, place, message: `${name} is left out: it is a matter of Ambassador's own` }];
    }
    const fix = ELSEWHERE[key] ?? AMBASSADOR_KINDS['Module'] ?? '';
    return [{ outcome: 'left', ref, place, message: `${name} has no counterpart in an annotation`, fix }];
  });
}

/** `mappingSelector` of v3alpha1, `selector` before. */
function hostFor(
  documents: readonly AmbassadorDocument[],
  labels: Readonly<Record<string, unknown>>,
): string | undefined {
  const hosts = documents
    .filter(({ ref: { kind } }) => kind === 'Host')
    .filter(({ fields }) => {
      const selector = recordOf(fields['mappingSelector'] ?? fields['selector']);
      const wanted = Object.entries(recordOf(selector['matchLabels']));
      return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
    })
    .map(({ fields }) => textOf(fields['hostname']));
  const [host, ...others] = new Set(hosts);
  return others.length === 0 && host !== undefined && host !== '' && !host.includes('*') ? host : undefined;
}
