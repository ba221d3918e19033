import type { KubernetesObject, OwnerReference } from '../snapshot.ts';

/** The field manager of everything that is written. */
export const FIELD_MANAGER = 'waymark';

export const MANAGED_BY = 'app.kubernetes.io/managed-by';

/** On every object that is built, and on nothing else. */
export const OUR_LABELS: Readonly<Record<string, string>> = { [MANAGED_BY]: FIELD_MANAGER };

export function isLabelledOurs(labels: Readonly<Record<string, string>> | undefined): boolean {
  return labels?.[MANAGED_BY] === FIELD_MANAGER;
}

/** The Deployment that an object belongs to. Offline it has no uid, and then there is no reference to write. */
export interface Owner {
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string | undefined;
}

export function ownerReferences({ name, uid }: Owner): readonly OwnerReference[] | undefined {
  if (uid === undefined) return undefined;
  return [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true, blockOwnerDeletion: true }];
}

/** Metadata of an object that belongs to one Deployment and goes with it. */
export function ownedMetadata(name: string, owner: Owner): KubernetesObject['metadata'] {
  const references = ownerReferences(owner);
  return {
    name,
    namespace: owner.namespace,
    labels: OUR_LABELS,
    ...(references && { ownerReferences: references }),
  };
}
