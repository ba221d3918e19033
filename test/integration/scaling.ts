import { beforeAll, describe, expect, it } from '@jest/globals';
import { CONTROLLER, sentence, writesOf } from './audit.ts';
import { autoscaled } from './autoscaled.ts';
import { metrics, world } from './autoscaling-stage.ts';
import { eventually } from './eventually.ts';
import { createNamespace } from './manifests.ts';
import { builtNames, eventsOf, find, pathOf, read, readDeployment } from './objects.ts';
import { apply } from './world.ts';

/** A reconcile and what it waits for. */
const SOON = { within: 10_000 };
/** Pods must run, and be measured. */
const SCALED = { within: 30_000 };
const HPA = 'HorizontalPodAutoscaler';

interface Row {
  readonly metrics: string;
  readonly type: string;
  /** From a load for one Pod to one for three, and back. */
  readonly load: (name: string, pods: 1 | 3) => void;
}

const ROWS: Record<string, Row> = {
  cpu: {
    metrics: 'cpu:50%',
    type: 'Resource',
    load: (name, pods) => metrics().setLoad('shop', name, 'cpu', pods * 0.045),
  },
  mem: {
    metrics: 'mem:100Mi',
    type: 'Resource',
    load: (name, pods) => metrics().setLoad('shop', name, 'memory', pods * 90 * 2 ** 20),
  },
  gpu: {
    metrics: 'gpu:50%',
    type: 'Pods',
    load: (name, pods) => metrics().setLoad('shop', name, 'DCGM_FI_DEV_GPU_UTIL', pods * 45),
  },
  container: {
    metrics: 'main-cpu:50%',
    type: 'ContainerResource',
    load: (name, pods) => metrics().setLoad('shop', name, 'cpu', pods * 0.045),
  },
  qps: {
    metrics: 'qps:100',
    type: 'Object',
    load: (name, pods) =>
      metrics().setObject('shop', `services/${name}`, 'requests_per_second', pods === 3 ? 1000 : 10),
  },
  queue: {
    metrics: 'queue:10',
    type: 'External',
    load: (name, pods) => metrics().setExternal('shop', 'queue_length', pods * 9, `queue=${name}`),
  },
};

const rows = Object.entries(ROWS).map(([model, row]) => ({ name: `serving-${model}-1`, ...row }));

/** Stories of the autoscalers themselves, for a test file that has the stage open. */
export function describeScaling(): void {
  describe('F-12: each kind of metric', () => {
    beforeAll(async () => {
      await createNamespace(world().cluster, 'shop');
      for (const { name, load } of rows) load(name, 3);
      await apply(world(), ...rows.map(row => autoscaled(`shop/${row.name}`, { metrics: row.metrics })));
    });

    it.each(rows)('$metrics is taken by the API server as $type, and makes Kubernetes scale up and down', async row => {
      const { name, type, load } = row;
      const autoscaler = await eventually(() => read(world().cluster, HPA, 'shop', name), SOON);
      await eventually(async () => expect(await sizeOf(name)).toBe(3), SCALED);
      const { spec } = await read(world().cluster, HPA, 'shop', name);

      load(name, 1);
      await eventually(async () => expect(await sizeOf(name)).toBe(1), SCALED);

      expect((spec?.['metrics'] as readonly { type: string }[]).map(one => one.type)).toEqual([type]);
      expect((await read(world().cluster, HPA, 'shop', name)).metadata.uid).toBe(autoscaler.metadata.uid);
    });

    it('is scaled by Kubernetes alone: Waymark writes no Deployment', async () => {
      const writes = writesOf(await world().cluster.audit()).filter(({ resource }) => resource === 'deployments');

      expect(writes.map(sentence)).toEqual([]);
    });
  });

  describe('R-02: the autoscaler of a Deployment', () => {
    const name = 'serving-edited-1';
    const edits = [
      { metrics: 'cpu:50%', bounds: '1..3' },
      { metrics: 'cpu:50%', bounds: '2..9' },
      { metrics: 'cpu:500m,mem:1Gi', bounds: '2..9' },
      { metrics: 'gpu:50,queue:5,qps:100,main-cpu:70%', bounds: '2..9' },
      { metrics: 'queue:5', bounds: '1..2' },
    ];

    it('is edited in place, whatever changes, and deleted only when it is no longer due', async () => {
      const since = Date.now();
      const uids = new Set<string>();
      for (const { metrics: text, bounds } of edits) {
        await apply(world(), autoscaled(`shop/${name}`, { metrics: text, bounds, runs: false }));
        uids.add(await uidWhenHolding(text, bounds));
      }
      const before = await deletions(since);
      await apply(world(), autoscaled(`shop/${name}`, { metrics: 'queue:5', bounds: '2..2', runs: false }));
      await eventually(async () => expect(await find(world().cluster, HPA, 'shop', name)).toBeUndefined(), SOON);

      expect(uids.size).toBe(1);
      expect(before).toEqual([]);
      expect(await deletions(since)).toEqual([`delete horizontalpodautoscalers shop/${name} 200`]);
    });

    async function uidWhenHolding(text: string, bounds: string): Promise<string> {
      const { metadata } = await eventually(async () => {
        const autoscaler = await read(world().cluster, HPA, 'shop', name);
        const { minReplicas, maxReplicas, metrics: held } = autoscaler.spec ?? {};
        expect(`${String(minReplicas)}..${String(maxReplicas)}`).toBe(bounds);
        expect(held).toHaveLength(text.split(',').length);
        return autoscaler;
      }, SOON);
      return metadata.uid;
    }

    async function deletions(since: number): Promise<readonly string[]> {
      const writes = writesOf(await world().cluster.audit(since));
      return writes.filter(({ verb, user }) => user === CONTROLLER && verb.startsWith('delete')).map(sentence);
    }
  });

  describe('R-03: another autoscaler for the same Deployment', () => {
    const name = 'serving-contested-1';
    const ours = () => find(world().cluster, HPA, 'shop', name);
    const target = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } };

    beforeAll(async () => {
      await apply(world(), autoscaled(`shop/${name}`, { metrics: 'queue:5', runs: false }));
      await eventually(async () => expect(await ours()).toBeDefined(), SOON);
    });

    it('made by hand has ours go, is named in an Event, and leaves the place to ours when it is deleted', async () => {
      const byHand = { metadata: { name: 'by-hand', namespace: 'shop' }, spec: { ...target, maxReplicas: 2 } };
      await apply(world(), { apiVersion: 'autoscaling/v2', kind: HPA, ...byHand });
      await eventually(async () => expect(await ours()).toBeUndefined(), SOON);
      await eventually(async () => expect(await conflicts()).toEqual([expect.stringContaining('by-hand')]), SOON);
      const rest = await builtNames(world().cluster, 'shop');

      await world().cluster.api('DELETE', pathOf(HPA, 'shop', 'by-hand'));
      await eventually(async () => expect(await ours()).toBeDefined(), SOON);

      expect(rest).toEqual(expect.arrayContaining([`Service ${name}`, `VirtualService ${name}`]));
    });

    it('of KEDA is found once its kind is served', async () => {
      const objects = '/apis/keda.sh/v1alpha1/namespaces/shop/scaledobjects';
      await world().cluster.api('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', KEDA);
      await eventually(async () => {
        const spec = { scaleTargetRef: { name } };
        const scaled = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', metadata: { name: 'by-queue' }, spec };
        expect((await world().cluster.api('POST', objects, scaled)).status).toBe(201);
      }, SOON);

      // Whoever looks for a kind that is not served looks again within ten seconds.
      await eventually(async () => expect(await ours()).toBeUndefined(), { within: 20_000 });
      await eventually(
        async () => expect(await conflicts()).toContainEqual(expect.stringContaining('ScaledObject shop/by-queue')),
        SOON,
      );
    });

    async function conflicts(): Promise<readonly string[]> {
      const events = await eventsOf(world().cluster, 'shop', name);
      return events.filter(({ reason }) => reason === 'ScalerConflict').map(({ message }) => message);
    }
  });
}

/** As much of KEDA as there is to see of it. */
const KEDA = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'scaledobjects.keda.sh' },
  spec: {
    group: 'keda.sh',
    scope: 'Namespaced',
    names: { plural: 'scaledobjects', singular: 'scaledobject', kind: 'ScaledObject', listKind: 'ScaledObjectList' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

async function sizeOf(name: string): Promise<number | undefined> {
  return (await readDeployment(world().cluster, 'shop', name)).spec.replicas;
}
