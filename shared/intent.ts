import type { ObjectRef, Finding } from './findings/finding.ts';
import type { Environment, Policy } from './settings.ts';
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
  /** Absent when any of `findings` is an error: nothing is ever built from a text with an error. */
  readonly intent?: Intent;
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
}

export interface Autoscaling {
  readonly at: Range;
  readonly min: number;
  readonly max: number;
  readonly metrics: readonly ScalingMetric[];
}

/** `averageValue` is a canonical Kubernetes quantity. */
export type ScalingMetric =
  | { readonly resource: 'cpu' | 'memory'; readonly averageUtilization: number }
  | { readonly resource: 'cpu' | 'memory'; readonly averageValue: string };

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
}
