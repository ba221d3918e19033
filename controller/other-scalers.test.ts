import { describe, expect, it } from '@jest/globals';
import { RESOURCES } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import { serviceConfig, useControllerCluster } from '../test/support/controller-cluster.ts';
import { until } from '../test/support/until.ts';

const world = useControllerCluster();

const A = 'serving-a-1';
const B = 'serving-b-1';
const OURS = RESOURCES.horizontalPodAutoscalers;
const scaled = (name: string) => serviceConfig(name, 'replicas: {min: 1, max: 4}');

const target = (name: string) => ({ scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } });

function autoscaler(name: string, deployment: string, owner?: string): KubeObject {
  const ref = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: owner ?? '', uid: 'k', controller: true };
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { namespace: 'shop', name, ...(owner !== undefined && { ownerReferences: [ref] }) },
    spec: { ...target(deployment), minReplicas: 1, maxReplicas: 9 },
  };
}

function scaledObject(name: string, deployment: string): KubeObject {
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { namespace: 'shop', name },
    spec: { scaleTargetRef: { name: deployment } },
  };
}

const has = (name: string) => world().built().includes(`HorizontalPodAutoscaler shop/${name}`);

/** What the Events on a Deployment say of other autoscalers. */
const told = (name: string) =>
  world()
    .server.collection(RESOURCES.events)
    .list()
    .filter(event => (event['involvedObject'] as { name: string }).name === name)
    .filter(event => event['reason'] === 'ScalerConflict')
    .map(event => /but (.*?) scales? it already/.exec(String(event['message']))?.[1]);

describe('R-03: an autoscaler of somebody else’s for the same Deployment', () => {
  it('that was there first keeps ours away, and only that', async () => {
    world().server.put(autoscaler('by-hand', A));
    await world().start();
    world().deploy(A, scaled(A));
    world().deploy(B, scaled(B));

    await until('it is told', () => told(A).length > 0);
    await until('the other one has its own', () => has(B));
    await world().quiet();

    expect(told(A)).toEqual(['HorizontalPodAutoscaler shop/by-hand']);
    expect(has(A)).toBe(false);
    expect(world().built()).toContain(`Service shop/${A}`);
    expect(
      world()
        .writes()
        .filter(write => write.startsWith('DELETE')),
    ).toEqual([]);
  });

  it('takes ours away when it comes, and brings it back when it goes', async () => {
    await world().start();
    world().deploy(A, scaled(A));
    await until('ours is there', () => has(A));

    world().server.put(autoscaler('by-hand', A));
    await until('ours is gone', () => !has(A));
    world().server.remove(OURS, 'shop', 'by-hand');
    await until('ours is back', () => has(A));

    expect(told(A)).toEqual(['HorizontalPodAutoscaler shop/by-hand']);
  });

  it('is no matter once it scales something else', async () => {
    world().server.put(autoscaler('by-hand', A));
    await world().start();
    world().deploy(A, scaled(A));
    await until('it is told', () => told(A).length > 0);

    world().server.put(autoscaler('by-hand', 'something-else'));

    await until('ours is there', () => has(A));
  });

  it('is never written, whatever its name and labels say', async () => {
    const labelled = autoscaler(A, A);
    world().server.put({
      ...labelled,
      metadata: { ...labelled.metadata, labels: { 'app.kubernetes.io/managed-by': 'waymark' } },
    });
    await world().start();
    world().deploy(A, scaled(A));
    await until('it is told', () => told(A).length > 0);
    await world().quiet();

    expect(world().get(OURS, A)?.['spec']).toEqual(labelled['spec']);
    expect(
      world()
        .writes()
        .filter(write => write.includes('horizontalpodautoscalers')),
    ).toEqual([]);
  });

  it('costs nobody else a write when it changes', async () => {
    await world().start();
    world().deploy(A, scaled(A));
    world().deploy(B, scaled(B));
    await until('both are there', () => has(A) && has(B));
    await world().quiet();
    world().writes();

    world().server.put(autoscaler('elsewhere', 'something-else'));
    await world().quiet();

    expect(world().writes()).toEqual([]);
  });
});

describe('R-03: a ScaledObject of KEDA', () => {
  it('is found as soon as its kind is served, and named in place of the autoscaler that KEDA made for it', async () => {
    world().server.store.unserve(RESOURCES.scaledObjects);
    await world().start();
    world().deploy(A, scaled(A));
    await until('ours is there', () => has(A));

    world().serve(RESOURCES.scaledObjects);
    world().server.put(scaledObject('queue', A));
    await until('ours is gone', () => !has(A));
    world().server.put(autoscaler('keda-hpa-queue', A, 'queue'));
    await world().quiet();

    expect(told(A)).toEqual(['ScaledObject shop/queue']);
  });

  it('lets ours come back when it and its autoscaler are gone', async () => {
    world().server.put(scaledObject('queue', A));
    world().server.put(autoscaler('keda-hpa-queue', A, 'queue'));
    await world().start();
    world().deploy(A, scaled(A));
    await until('it is told', () => told(A).length > 0);

    world().server.remove(RESOURCES.scaledObjects, 'shop', 'queue');
    await until('the autoscaler is named', () => told(A).includes('HorizontalPodAutoscaler shop/keda-hpa-queue'));
    world().server.remove(OURS, 'shop', 'keda-hpa-queue');

    await until('ours is there', () => has(A));
  });
});
