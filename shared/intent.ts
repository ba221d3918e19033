import type { ObjectRef, Finding } from './findings/finding.ts';
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

/** One route, Ambassador's semantics. */
export interface Mapping {
  readonly at: Range;
  readonly name: string;
  /** Canonical. Absent = the hosts of the InferenceService, else its built-in host, else the platform's `ingressHost`. */
  readonly hosts?: readonly Located<string>[];
  readonly prefix: Located<string>;
  readonly method?: string;
  /** Lower-case names, sorted. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** What replaces the prefix; `''` leaves the path alone. Ambassador's default is `/`. */
  readonly rewrite: string;
  readonly destination: Destination;
  /** Milliseconds; 0 = none. Ambassador's default is 3000. */
  readonly timeout: number;
  readonly precedence: number;
}

/** `own`: where the host's traffic goes, the Deployment's own Service and first port. */
export type Destination =
  | { readonly to: 'own' }
  | {
      readonly to: 'service';
      readonly at: Range;
      readonly namespace: string;
      readonly name: string;
      readonly port: number;
    };

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
