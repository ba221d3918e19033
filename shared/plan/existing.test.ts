import { describe, expect, it } from '@jest/globals';
import { findingLine } from '../findings/format.ts';
import type { ExistingObject, OwnerReference } from '../snapshot.ts';
import { notOwned } from './existing.ts';

const REF = { kind: 'Deployment', namespace: 'shop', name: 'web' } as const;
const OURS = { 'app.kubernetes.io/managed-by': 'waymark' };

function owner(parts: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'w-0', controller: true, ...parts };
}

function service(metadata: Partial<ExistingObject['metadata']>): ExistingObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop', ...metadata } };
}

const OTHER = /is not made by Waymark for it .*; fix: rename or delete Service shop\/web, or rename this one$/;

describe('what stands in the way is told with what helps', () => {
  it.each<[string, ExistingObject, RegExp]>([
    ['an object of somebody else: another name', service({}), OTHER],
    [
      'one of another Deployment: another name',
      service({ labels: OURS, ownerReferences: [owner({ name: 'shop' })] }),
      OTHER,
    ],
    [
      'one of an owner of another kind: another name',
      service({ labels: OURS, ownerReferences: [owner({ kind: 'StatefulSet' })] }),
      OTHER,
    ],
    [
      'one of the Deployment that had this name before: it goes by itself',
      service({ labels: OURS, ownerReferences: [owner()] }),
      /belongs to a Deployment of this name that is gone .*; fix: wait: Kubernetes removes it, and then it is made anew$/,
    ],
    [
      'one that was left behind when its Deployment was deleted: its removal',
      service({ labels: OURS }),
      /belongs to no Deployment any more .*; fix: delete Service shop\/web: it is made anew$/,
    ],
    [
      'one whose label was taken off: the label',
      service({ ownerReferences: [owner()] }),
      /exists without the label `app.kubernetes.io\/managed-by: waymark` .*; fix: give Service shop\/web this label back/,
    ],
  ])('%s', (_, live, expected) => {
    expect(findingLine(notOwned(REF, live))).toMatch(expected);
  });
});
