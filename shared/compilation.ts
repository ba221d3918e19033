import type { Deployment } from './deployment.ts';
import type { Finding, ObjectRef } from './findings/finding.ts';
import type { HostStatus } from './host.ts';
import type { GroupKey, KubernetesObject } from './snapshot.ts';

/** The answer of the front door: what the world should hold, and what there is to say about it. */
export interface Compilation {
  /**
   * In input order: what may be stored, with the injected environment. A Deployment that would be denied is left out.
   * Empty when the snapshot has a focus: only the whole has an order.
   */
  readonly admitted: readonly Deployment[];
  /** Sorted by kind, namespace, name; equal input gives equal bytes, whatever its order. */
  readonly objects: readonly BuiltObject[];
  /** By object (namespace, name), then document order. Those about Namespaces only without a focus. */
  readonly findings: readonly Finding[];
  /** Numbers of access by address and port that must be kept on record before the objects may be written. */
  readonly externalClaims: readonly ExternalClaim[];
  /** What is to be done about Hosts beside their routes; of the host in focus, or of all. */
  readonly hosts: readonly HostOutcome[];
  /** What holds of Deployments and is no finding, for Events. By object, in a stable order. */
  readonly statements: readonly Statement[];
  /** Groups that must be left as they are: a text with an error, a pause, policy `off`. Nothing of them is pruned. */
  readonly frozen: readonly GroupKey[];
  /** Milliseconds since the epoch when this must be compiled again even if nothing changes; absent = never. */
  readonly wakeAt?: number;
}

export interface BuiltObject {
  readonly group: GroupKey;
  readonly object: KubernetesObject;
  /** Whom it is built for, where it has neither an owner nor their names in it. */
  readonly deployments?: readonly ObjectRef[];
}

/** `holder` is `<namespace>/<name>` of the Deployment. */
export interface ExternalClaim {
  readonly holder: string;
  readonly id: number;
}

export interface HostOutcome {
  readonly host: string;
  /** The namespace for which it must be claimed before anything of it is routed; absent = it is there. */
  readonly claim?: string;
  /** The namespace that it is handed over to, before anything of it is routed. */
  readonly transfer?: string;
  /** It has no member and is given up. */
  readonly isReleased: boolean;
  /** What the Host says when the routes are written; absent = nothing new. */
  readonly status?: HostStatus;
  /** The status tells of nothing that another one would have to know: it may be left until `wakeAt`. */
  readonly mayWait: boolean;
  /** The status is written before the routes: what went back must be known before it is seen. */
  readonly statusFirst: boolean;
  /** In this order, after the routes. */
  readonly steps: readonly ScaleStep[];
}

/** A change of a Deployment's size that is ours to make. */
export interface ScaleStep {
  readonly step: 'retire' | 'restore';
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** To set. */
  readonly replicas: number;
  /** The size to be remembered in `waymark.dev/replicas`; absent = nothing is, any more. */
  readonly remembered?: number;
}

export interface Statement {
  readonly object: ObjectRef;
  readonly type: 'Normal' | 'Warning';
  /** PascalCase. */
  readonly reason: string;
  readonly message: string;
}
