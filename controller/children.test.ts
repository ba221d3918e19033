import { describe, expect, it } from '@jest/globals';
import { RESOURCES } from '../kube/resources.ts';
import type { KubeObject, ObjectVersion, Resource } from '../kube/types.ts';
import { createFakeClock } from '../test/support/fake-clock.ts';
import { createChildren } from './children.ts';
import { projectChild } from './projections.ts';
import type { Child } from './projections.ts';

const address = { kind: 'Service', namespace: 'shop', name: 'web' };
const group = 'Deployment/shop/web';

function service(resourceVersion: string, type: string, uid = 'u'): KubeObject {
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'd', controller: true };
  const fieldsV1 = { 'f:spec': { 'f:type': {} } };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid,
      resourceVersion,
      labels: { 'app.kubernetes.io/managed-by': 'waymark' },
      ownerReferences: [owner],
      managedFields: [{ manager: 'waymark', operation: 'Apply', fieldsV1 }],
    },
    spec: { type },
  };
}

/** One watch, told by hand. */
function setUp() {
  const clock = createFakeClock();
  let known: { child: Child; version: ObjectVersion } | undefined;
  const resources = new Map<string, Resource>([['Service', RESOURCES.services]]);
  const source = { get: () => known?.child, version: () => known?.version };
  const children = createChildren(new Map([['Service', [source]]]), resources, clock);
  const tell = (object: KubeObject | undefined) => {
    const before = known?.child;
    const { uid = '', resourceVersion = '' } = object?.metadata ?? {};
    known = object && { child: projectChild(object), version: { uid, resourceVersion } };
    return children.changed('Service', { namespace: 'shop', name: 'web', before, after: known?.child });
  };
  const typeOf = () => (children.get(address)?.child.owned as { spec: { type: string } } | undefined)?.spec.type;
  return { clock, children, tell, typeOf };
}

describe('live objects', () => {
  it('are what the watch tells, and belong to their group', () => {
    const { children, tell, typeOf } = setUp();

    expect(tell(service('5', 'A'))).toBe(true);
    expect(typeOf()).toBe('A');
    expect(children.ofGroup(group).map(({ resourceVersion }) => resourceVersion)).toEqual(['5']);
    expect(tell(undefined)).toBe(true);
    expect(children.ofGroup(group)).toEqual([]);
  });

  it('are what we wrote until the watch has seen it, and our own write is no news (R-11)', () => {
    const { children, tell, typeOf } = setUp();
    tell(service('5', 'A'));
    children.written(service('7', 'B'));

    expect(typeOf()).toBe('B');
    expect(tell(service('6', 'A'))).toBe(false);
    expect(typeOf()).toBe('B');
    expect(tell(service('7', 'B'))).toBe(false);
    expect(tell(service('8', 'C'))).toBe(true);
    expect(typeOf()).toBe('C');
  });

  it('that were written and changed by somebody before the watch told of it are news', () => {
    const { children, tell, typeOf } = setUp();
    children.written(service('7', 'B'));

    expect(tell(service('9', 'X'))).toBe(true);
    expect(typeOf()).toBe('X');
  });

  it('that were created belong to their group before the watch has seen them', () => {
    const { children } = setUp();
    children.written(service('7', 'B'));

    expect(children.ofGroup(group)).toHaveLength(1);
    expect([...children.groups()]).toEqual([group]);
  });

  it('that we deleted are gone at once; made anew they are there again', () => {
    const { children, tell } = setUp();
    tell(service('5', 'A'));
    children.removed(address, { uid: 'u', resourceVersion: '5' });
    expect(children.get(address)).toBeUndefined();
    expect(tell(undefined)).toBe(false);

    expect(tell(service('9', 'A', 'another'))).toBe(true);
    expect(children.get(address)?.uid).toBe('another');
  });

  it('that somebody deleted right after our write are gone when the watch says so', () => {
    const { children, tell } = setUp();
    tell(service('5', 'A'));
    children.written(service('7', 'B'));

    expect(tell(undefined)).toBe(true);
    expect(children.get(address)).toBeUndefined();
  });

  it('are what the watch tells when it does not confirm our write in time', () => {
    const { children, clock } = setUp();
    children.written(service('7', 'B'));
    clock.advance(30_001);

    expect(children.get(address)).toBeUndefined();
  });
});
