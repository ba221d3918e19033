/** The platform's settings, checked: one file, made from the chart's values, read at start by every program. */
export interface Settings {
  /** Without it no built-in hosts are built. */
  readonly domain: string;
  /** `{prefix}`, `{service}`, `{namespace}` and `{domain}` are filled in. */
  readonly hostTemplate: string;
  /** The Istio Gateway, `namespace/name`. */
  readonly gateway: string;
  /** Host of Mappings that name none and have no InferenceService beside them; empty = none. */
  readonly ingressHost: string;
  readonly modelPrefix: string;
  readonly environment: Environment;
  readonly area: string;
  /** Service types that may be used; empty = any. */
  readonly types: readonly string[];
  readonly policy: Policy;
  readonly external: {
    readonly strategy: 'externalIPs' | 'loadBalancer' | 'nodePort' | 'none';
    readonly byDefault: boolean;
    readonly ips: readonly string[];
    readonly allowedIPs: readonly string[];
    readonly basePort: number;
    readonly nodePortBase: number;
    readonly nodePortRange: string;
  };
  readonly metricCatalog: Readonly<Record<string, unknown>>;
  /** Milliseconds; 0 = none. */
  readonly timeout: number;
  readonly upgrade: { readonly strategy: 'replace' | 'coexist'; readonly bake: number; readonly drain: number };
  readonly reservedHosts: readonly string[];
  readonly externalServices: readonly string[];
  readonly systemNamespace: string;
  readonly namespaceSettings: readonly NamespaceSetting[];
  /** Milliseconds. */
  readonly hostHold: number;
  readonly istio: { readonly version: string };
  readonly clusterDomain: string;
}

export const ENVIRONMENTS = ['prod', 'test', 'debug'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

export const POLICIES = ['enforce', 'warn', 'audit', 'off'] as const;
export type Policy = (typeof POLICIES)[number];

export const NAMESPACE_SETTINGS = [
  'environment',
  'area',
  'domain',
  'external-ips',
  'allowed-hosts',
  'allow-traffic-from',
  'policy',
] as const;
export type NamespaceSetting = (typeof NAMESPACE_SETTINGS)[number];
