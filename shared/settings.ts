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
  /** Path of every prod InferenceService on `ingressHost`, with `{model}` in it; empty = none. */
  readonly modelPrefix: string;
  readonly environment: Environment;
  readonly area: string;
  /** Service types that may be used; empty = any. */
  readonly types: readonly string[];
  readonly policy: Policy;
  readonly external: ExternalSettings;
  /** By the name that users write. */
  readonly metricCatalog: ReadonlyMap<string, CatalogueMetric>;
  /** Milliseconds; 0 = none. */
  readonly timeout: number;
  readonly upgrade: Upgrade;
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

export const EXTERNAL_STRATEGIES = ['externalIPs', 'loadBalancer', 'nodePort', 'none'] as const;
export type ExternalStrategy = (typeof EXTERNAL_STRATEGIES)[number];

/** Access by address and port. Port i of the service with id n is `base + 10 n + i`. */
export interface ExternalSettings {
  readonly strategy: ExternalStrategy;
  /** Whether loadBalancer and nodePort serve also what does not write `external`. */
  readonly byDefault: boolean;
  /** Canonical addresses of the platform. */
  readonly ips: readonly string[];
  /** Canonical blocks that addresses of namespaces and users must lie in; empty = `ips` only. */
  readonly allowedIPs: readonly string[];
  readonly basePort: number;
  readonly nodePortBase: number;
  readonly nodePortRange: PortRange;
}

/** What the addresses of namespaces and users must lie in; the platform's own are always among them. */
export function allowedBlocks({ allowedIPs, ips }: ExternalSettings): readonly string[] {
  return [...allowedIPs, ...ips];
}

/** Both ends belong to it. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** A metric of the platform's catalogue: which of the autoscaler's sources it is. */
export type CatalogueMetric =
  | { readonly type: 'Resource'; readonly resource: string; readonly target: 'Utilization' | 'AverageValue' }
  | {
      readonly type: 'ContainerResource';
      readonly resource: string;
      /** Absent = the container of the InferenceService. */
      readonly container?: string;
      readonly target: 'Utilization' | 'AverageValue';
    }
  | ({ readonly type: 'Pods'; readonly target: 'AverageValue' } & NamedMetric)
  | ({
      readonly type: 'Object';
      readonly describedObject: DescribedObject;
      readonly target: 'Value' | 'AverageValue';
    } & NamedMetric)
  | ({ readonly type: 'External'; readonly target: 'Value' | 'AverageValue' } & NamedMetric);

export interface NamedMetric {
  readonly metric: string;
  /** Label → value, in which `{name}` and `{namespace}` are filled in. */
  readonly selector?: Readonly<Record<string, string>>;
}

export interface DescribedObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** `{name}` and `{namespace}` are filled in. */
  readonly name: string;
}

export const UPGRADE_STRATEGIES = ['replace', 'coexist'] as const;

/** How a version follows the one before it. Times in milliseconds. */
export interface Upgrade {
  readonly strategy: (typeof UPGRADE_STRATEGIES)[number];
  /** How long a newcomer must be ready without a break before it leads. */
  readonly bake: number;
  /** How long the one before it keeps its size after the move. */
  readonly drain: number;
}
