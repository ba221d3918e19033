import type { TargetService } from '../cluster-facts.ts';
import type { Deployment } from '../deployment.ts';

/** What the Pods of one version can do at the moment. */
export interface Readiness {
  /** How many are wanted. */
  readonly desired: number;
  /** All of them are up to date and available, and as many endpoints take requests. Unknown is not ready. */
  readonly isReady: boolean;
  /** Endpoints that take requests. */
  readonly endpoints: number;
  /** Changes whenever an endpoint came, went, or changed its readiness. */
  readonly trace: string;
}

/** Offline nothing has a status, and everything counts as ready. */
export const READY_OFFLINE: Readiness = { desired: 1, isReady: true, endpoints: 1, trace: '' };

/**
 * `isSeenTemplate`: the Pods were looked at with this very template before. The generation counts up with every edit of
 * an annotation too, and then the status is behind without being wrong.
 */
export function readinessOf(
  { metadata, spec, status }: Deployment,
  service: TargetService | undefined,
  isSeenTemplate: boolean,
): Readiness {
  const desired = spec.replicas ?? 1;
  const endpoints = service?.ready ?? 0;
  const isCurrent = (status?.observedGeneration ?? -1) >= (metadata.generation ?? 0) || isSeenTemplate;
  const isComplete = (status?.updatedReplicas ?? 0) >= desired && (status?.availableReplicas ?? 0) >= desired;
  return {
    desired,
    isReady: desired > 0 && isCurrent && isComplete && endpoints >= desired,
    endpoints,
    trace: service?.endpoints ?? '',
  };
}
