import type { ClusterFacts } from './cluster-facts.ts';
import type { Deployment } from './deployment.ts';
import type { Finding } from './findings/finding.ts';
import type { PatchOperation } from './patch.ts';
import type { Settings, Policy } from './settings.ts';
import type { Namespace } from './snapshot.ts';

/** One admission request, as far as the decision needs it. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE';
  readonly object: Deployment;
  /** Present on UPDATE. */
  readonly oldObject?: Deployment;
  readonly settings: Settings;
  /** Those the cache holds; the object's own may be missing, and then has the platform's settings. */
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** Absent = nothing is known, as offline. */
  readonly facts?: ClusterFacts | undefined;
}

export interface AdmissionDecision {
  readonly policy: Policy;
  /** All of them; whether an error denies is the policy's. */
  readonly findings: readonly Finding[];
  /**
   * Empty when nothing is to change; also when the text cannot be read, and when an error denies. Applied to its own
   * output it is empty.
   */
  readonly patch: readonly PatchOperation[];
  /** `object` with the patch applied. */
  readonly admitted: Deployment;
}
