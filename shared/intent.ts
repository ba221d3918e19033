import type { ObjectRef, Finding } from './findings/finding.ts';
import type { RequestMatch } from './request-match.ts';
import type { DescribedObject, Environment, ExternalStrategy, Policy, Upgrade } from './settings.ts';
import type { Located, Range } from './source.ts';

/** What one Deployment asks for, after parsing and validation, and all that was found on the way. */
export interface Reading {
  readonly object: ObjectRef;
  /** In document order. */
  readonly findings: readonly Finding[];
  /**
   * What the rule of names (pattern and length) says of this Deployment. Kept apart from `findings` because it counts
   * only where the name or the identity is new: an old object that breaks it has its intent and can still be edited.
   */
  readonly naming: readonly Finding[];
  /** Present where an InferenceService says all of it, whatever else is wrong with the text. */
  readonly identity?: WrittenIdentity;
  /** Absent when any of `findings` is an error: nothing is ever built from a text with an error. */
  readonly intent?: Intent;
}

/** What makes the name of an InferenceService's Deployment. */
export interface Identity {
  readonly type: string;
  readonly model: string;
  /** As written. */
  readonly version: string;
  readonly environment: Environment;
}

export interface LocatedIdentity extends Identity {
  /** Where the fields are written; `environment` need not be. */
  readonly places: Readonly<Partial<Record<keyof Identity, Range>>>;
}

/** With the annotation that it was read from. */
export interface WrittenIdentity extends LocatedIdentity {
  readonly key: string;
  readonly text: string;
}

/** One Deployment's wish, known to be good. */
export interface Intent {
  readonly object: ObjectRef;
  /** The annotation that it was read from. */
  readonly key: string;
  readonly text: string;
  readonly environment: Environment;
  readonly area: string;
  /** The namespace's domain, else the platform's; empty = no built-in host. */
  readonly domain: string;
  /** Absent when the annotation holds Mappings only. */
  readonly service?: InferenceService;
  readonly mappings: readonly Mapping[];
  /** Ports of the Service, in order; the first one takes the host's traffic. Empty = no Service. */
  readonly ports: readonly ServicePort[];
  /** Labels of the Service beside our own, none of which has their names. Absent = none. */
  readonly serviceLabels?: Readonly<Record<string, string>>;
}

export interface InferenceService {
  readonly at: Range;
  readonly type: string;
  readonly model: string;
  readonly modelAt: Range;
  /** As written. */
  readonly version: string;
  readonly versionAt: Range;
  readonly modelPath: string;
  /** Name of the container whose image is reported. */
  readonly container: string;
  /** Canonical (lower case, no trailing dot), with the environment's prefix. */
  readonly hosts: readonly Located<string>[];
  /** Present exactly when an autoscaler is due. */
  readonly autoscaling?: Autoscaling;
  /** Milliseconds; 0 = none. Of the catch-all route. */
  readonly timeout: number;
  /** In document order; at most 100 in all. */
  readonly split: readonly Share[];
  readonly mirror: readonly Share[];
  readonly upgrade: Upgrade;
  /** Present exactly when access by address and port is due. */
  readonly external?: External;
}

/** Percent of the traffic for another service, which may be missing still. */
export interface Share {
  readonly at: Range;
  readonly path: string;
  readonly namespace: string;
  readonly name: string;
  readonly percent: number;
  /** Whether its namespace lets this one send there; if not, it gets nothing. */
  readonly isPermitted: boolean;
}

/** Access by address and port. */
export interface External {
  /** Of the field; of the document, where the platform gives access by itself. */
  readonly at: Range;
  readonly strategy: Exclude<ExternalStrategy, 'none'>;
  /** Absent = one is allocated. */
  readonly id?: Located<number>;
  /** Canonical; empty with a strategy that needs none. */
  readonly addresses: readonly ExternalAddress[];
}

export interface ExternalAddress {
  readonly value: string;
  /** Absent where the namespace or the platform gives it. */
  readonly at?: Range;
  /** `external.ips[0]`, `waymark.dev/external-ips of Namespace shop`, `external.ips of the platform`. */
  readonly path: string;
}

export interface Autoscaling {
  readonly at: Range;
  readonly min: number;
  readonly max: number;
  readonly metrics: readonly ScalingMetric[];
}

/** The sources of autoscaling/v2. Nothing is left to be filled in. */
export type ScalingMetric = { readonly target: ScalingTarget } & (
  | { readonly type: 'Resource'; readonly resource: string }
  | { readonly type: 'ContainerResource'; readonly resource: string; readonly container: string }
  | ({ readonly type: 'Pods' | 'External' } & MetricIdentity)
  | ({ readonly type: 'Object'; readonly describedObject: DescribedObject } & MetricIdentity)
);

export interface MetricIdentity {
  readonly metric: string;
  readonly selector?: Readonly<Record<string, string>>;
}

/** A percentage of what is requested, or a canonical Kubernetes quantity. */
export type ScalingTarget =
  | { readonly type: 'Utilization'; readonly averageUtilization: number }
  | { readonly type: 'AverageValue'; readonly averageValue: string }
  | { readonly type: 'Value'; readonly value: string };

export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly appProtocol: string;
}

/** One route, Ambassador's semantics. Nothing is left to be filled in. */
export interface Mapping {
  readonly at: Range;
  readonly name: string;
  /** Canonical. Absent = the hosts of the InferenceService, else its built-in host, else the platform's `ingressHost`. */
  readonly hosts?: readonly Located<string>[];
  readonly match: RequestMatch;
  readonly prefixAt: Range;
  readonly precedence: number;
  /** Percent of the requests that match alike, or of the copies of a shadow; absent = what others leave. */
  readonly weight?: Located<number>;
  readonly action: Forward | Redirect;
}

/** Requests are sent on. */
export interface Forward {
  readonly does: 'forward';
  readonly destination: Destination;
  /** Only copies of what others get are sent there. */
  readonly isShadow: boolean;
  readonly rewrite: PathRewrite;
  /** What the destination sees as host: a name, or its own; absent = what the client wrote. */
  readonly host?: { readonly name: string } | 'destination';
  /** Milliseconds; 0 = none. Ambassador's default is 3000. */
  readonly timeout: number;
  /** Absent = none: also none of those that Istio makes by itself. */
  readonly retries?: Retries;
  readonly cors?: Cors;
  readonly requestHeaders: HeaderEdits;
  readonly responseHeaders: HeaderEdits;
  /** Absent = connections are made as Istio makes them. */
  readonly connections?: ConnectionPolicy;
}

/** `prefix` replaces what was matched: a prefix, or the whole of an exact path or a pattern. */
export type PathRewrite =
  | { readonly kind: 'none' }
  | { readonly kind: 'prefix'; readonly value: string }
  /** RE2; `\\1` in the substitution is the first group. */
  | { readonly kind: 'regex'; readonly pattern: string; readonly substitution: string };

export interface Retries {
  /** Conditions of Envoy, such as `5xx`. */
  readonly on: readonly string[];
  /** At least 1. */
  readonly attempts: number;
  /** Milliseconds. */
  readonly perTryTimeout?: number;
}

export interface Cors {
  /** At least one. `*` = all. */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposedHeaders: readonly string[];
  readonly credentials: boolean;
  /** Seconds. */
  readonly maxAge?: number;
}

/** Names as written; each is in one of the three only. Sorted by name. */
export interface HeaderEdits {
  /** Beside those that are there. */
  readonly add: readonly HeaderValue[];
  /** Instead of those that are there. */
  readonly set: readonly HeaderValue[];
  readonly remove: readonly string[];
}

export interface HeaderValue {
  readonly name: string;
  /** In Envoy's format: `%` begins a command or is written twice. */
  readonly value: string;
}

export const NO_EDITS: HeaderEdits = { add: [], set: [], remove: [] };

/** Times in milliseconds. How connections to a destination are made: of all that send there, not of a route. */
export interface ConnectionPolicy {
  /** Of the first field that asks for any of it. */
  readonly at: Range;
  readonly connectTimeout?: number;
  readonly idleTimeout?: number;
  readonly maxConnectionDuration?: number;
  readonly circuitBreaker?: CircuitBreaker;
  readonly loadBalancer?: LoadBalancer;
  readonly keepalive?: Keepalive;
  /** TLS from the gateway to the destination's port; `verifies`: its certificate must be one that the system trusts. */
  readonly tls?: { readonly verifies: boolean };
  readonly http2?: true;
}

export interface CircuitBreaker {
  readonly maxConnections: number;
  readonly maxPendingRequests: number;
  readonly maxRequests: number;
  readonly maxRetries: number;
}

export type LoadBalancer =
  | { readonly policy: 'round_robin' | 'least_request' }
  | { readonly policy: 'ring_hash' | 'maglev'; readonly by: HashKey };

export type HashKey =
  | { readonly kind: 'source-ip' }
  | { readonly kind: 'header'; readonly name: string }
  /** `ttl` in milliseconds; absent = the cookie is never made, 0 = it ends with the browser. */
  | { readonly kind: 'cookie'; readonly name: string; readonly path?: string; readonly ttl?: number };

/** Times in milliseconds. */
export interface Keepalive {
  readonly probes: number;
  readonly time: number;
  readonly interval: number;
}

/** Requests are answered with another address. */
export interface Redirect {
  readonly does: 'redirect';
  readonly at: Range;
  /** Absent = that of the request. */
  readonly scheme?: 'http' | 'https';
  readonly host: string;
  /** Absent = that of the scheme. */
  readonly port?: number;
  /** Absent = the path of the request; `prefix` replaces what was matched. */
  readonly path?: { readonly kind: 'whole' | 'prefix'; readonly value: string };
  readonly code: RedirectCode;
}

export const REDIRECT_CODES = [301, 302, 303, 307, 308] as const;
export type RedirectCode = (typeof REDIRECT_CODES)[number];

/** `own`: where the host's traffic goes, the Deployment's own Service and first port. `external`: outside the cluster. */
export type Destination =
  | { readonly to: 'own' }
  | ServiceDestination
  | { readonly to: 'external'; readonly at: Range; readonly host: string; readonly port: number };

export interface ServiceDestination {
  readonly to: 'service';
  readonly at: Range;
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** Whether the requests of a Mapping go where the host's traffic goes, with its split and mirror. */
export function followsHost({ action }: Mapping): boolean {
  return action.does === 'forward' && action.destination.to === 'own';
}

/** A namespace's settings laid over the platform's; a value the platform does not let namespaces set is ignored. */
export interface EffectiveSettings {
  readonly environment: Environment;
  readonly area: string;
  readonly domain: string;
  readonly policy: Policy;
  /** Own hosts must be one of these or lie under one; absent = any. */
  readonly allowedHosts?: readonly string[];
  /** Canonical addresses, all of them allowed; absent = the platform's. */
  readonly externalIPs?: readonly string[];
  /** Own hosts that may go to another namespace: canonical host → namespace. */
  readonly handOver: ReadonlyMap<string, string>;
}
