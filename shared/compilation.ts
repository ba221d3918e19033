import type { Deployment } from './deployment.ts';
import type { Finding } from './findings/finding.ts';
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
  /** Groups that must be left as they are: a text with an error, a pause, policy `off`. Nothing of them is pruned. */
  readonly frozen: readonly GroupKey[];
  /** Milliseconds since the epoch when this must be compiled again even if nothing changes; absent = never. */
  readonly wakeAt?: number;
}

export interface BuiltObject {
  readonly group: GroupKey;
  readonly object: KubernetesObject;
}

/** `holder` is `<namespace>/<name>` of the Deployment. */
export interface ExternalClaim {
  readonly holder: string;
  readonly id: number;
}
