/** The apiVersions of Mapping, oldest first. A dialect is an apiVersion: each knows its own fields. */
export const MAPPING_DIALECTS = [
  'ambassador/v0',
  'ambassador/v1',
  'getambassador.io/v1',
  'getambassador.io/v2',
  'getambassador.io/v3alpha1',
  'waymark.dev/v1',
] as const;

/** Our own dialect knows every field that any other knows. */
export const OWN_DIALECT = 'waymark.dev/v1';

export const SINCE_V1 = MAPPING_DIALECTS.slice(1);
export const SINCE_V2 = MAPPING_DIALECTS.slice(3);
export const SINCE_V3 = MAPPING_DIALECTS.slice(4);

const V3 = 'getambassador.io/v3alpha1';

/** Those in which `true` may stand where a text is due: for any value of a header, or as the text. */
export const KNOWS_BOOLEANS: readonly string[] = MAPPING_DIALECTS.filter(dialect => dialect !== V3);

/** Those in which a list may be written as text with commas. */
export const KNOWS_COMMAS = KNOWS_BOOLEANS;

/** Kinds, the apiVersions of each, and the one to suggest. */
export const KINDS: Readonly<Record<'InferenceService' | 'Mapping', readonly string[]>> = {
  InferenceService: [OWN_DIALECT],
  Mapping: MAPPING_DIALECTS,
};

/** Kinds that Ambassador reads from its annotation, and where their job is done in a cluster with Istio. */
export const AMBASSADOR_KINDS: Readonly<Record<string, string>> = {
  TCPMapping: 'write a VirtualService of Istio with `tcp` routes, or a Service of type LoadBalancer',
  Host: "name the host in the Mapping's `hostname`; its certificate belongs to the platform's Gateway",
  Listener: "leave it out; what is listened to is the platform's Gateway",
  Module: "leave it out; defaults for all are the platform's settings and Istio's MeshConfig",
  TLSContext:
    "leave it out; certificates belong to the platform's Gateway, TLS to Services to a DestinationRule of Istio",
  AuthService: 'write an AuthorizationPolicy of Istio with action CUSTOM, or a RequestAuthentication',
  RateLimitService: 'leave it out; limits of Envoy are set by an EnvoyFilter of the platform',
  TracingService: 'leave it out; tracing is set by Telemetry of Istio',
  LogService: 'leave it out; access logs are set by Telemetry of Istio',
  DevPortal: 'leave it out; there is no portal',
  ConsulResolver: 'leave it out; Services are found by Kubernetes',
  KubernetesServiceResolver: 'leave it out; Istio always sends to the endpoints of a Service',
  KubernetesEndpointResolver: 'leave it out; Istio always sends to the endpoints of a Service',
};
