import type { Report } from '../annotation/complaint.ts';
import type { Container, Deployment } from '../deployment.ts';
import type { EffectiveSettings } from '../intent.ts';
import type { Environment, Settings } from '../settings.ts';
import type { Namespace } from '../snapshot.ts';

/** What the checks of one Deployment look at, beside its documents. */
export interface Scene {
  readonly deployment: Deployment;
  readonly settings: Settings;
  readonly effective: EffectiveSettings;
  /** The InferenceService's own, else the namespace's, else the platform's. */
  readonly environment: Environment;
  /** Other namespaces by name. Asked only this way, so that it is known what a reading depends on. */
  readonly namespaceOf: (name: string) => Namespace | undefined;
  readonly report: Report;
}

/** In order. A Deployment reaches the mutating webhook before the API server has checked it: it may have none. */
export function containersOf(deployment: Deployment): readonly Container[] {
  return listed(deployment.spec.template.spec.containers);
}

/** Init containers that go on running beside the others. */
export function sidecarsOf(deployment: Deployment): readonly Container[] {
  return listed(deployment.spec.template.spec.initContainers).filter(({ restartPolicy }) => restartPolicy === 'Always');
}

/** Go writes an empty list as null. */
export function listed<T>(list: readonly T[] | null | undefined): readonly T[] {
  return list ?? [];
}
