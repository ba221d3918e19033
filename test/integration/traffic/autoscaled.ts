import { describe, expect, it } from '@jest/globals';
import type { MetricsApi } from '../../cluster/parts/metrics-api.ts';
import { eventually } from '../eventually.ts';
import { eventReasons, find } from '../objects.ts';
import { controllerWrites, scalesIn, whilePasses } from './chronicle.ts';
import type { Scene } from './scene.ts';
import type { Stage } from './stage.ts';
import { answerers, failures } from './tally.ts';
import { nameOf, versionOf } from './version.ts';

const [ONE, TWO] = [nameOf(1), nameOf(2)];
const HPA = 'HorizontalPodAutoscaler';
/** Cores that keep so many Pods busy at the metric below. */
const busy = (pods: number) => pods * 0.045;
const AUTOSCALED = {
  replicas: 1,
  lines: ['replicas: {min: 1, max: 3}', 'metrics: cpu:50%'],
  requests: { cpu: '100m' },
  // The autoscaler takes away Pods that are being asked: they must go as they should.
  preStop: 1,
};
/** How often the GitOps controller applies what it holds. */
const EVERY = 1_000;

async function retireAndRestore(scene: Scene, metrics: MetricsApi) {
  const { cluster } = scene.world;
  metrics.setLoad(scene.namespace, ONE, 'cpu', busy(3));
  metrics.setLoad(scene.namespace, TWO, 'cpu', busy(1));
  const traffic = await scene.begin(AUTOSCALED);
  await scene.untilReady(1, 3);

  await scene.apply(2, AUTOSCALED);
  await scene.reach({ [ONE]: 'Retired', [TWO]: 'Active' });
  await whilePasses(3_000);
  const retired = { size: await scene.sizeOf(1), hpa: await find(cluster, HPA, scene.namespace, ONE) };

  const since = Date.now();
  await scene.pin(1);
  await scene.reach({ [ONE]: 'Active', [TWO]: 'Retired' });
  const [restore] = scalesIn(await controllerWrites(scene, since));
  const restored = {
    size: await scene.sizeOf(1),
    hpa: await eventually(() => find(cluster, HPA, scene.namespace, ONE), { within: 5_000 }),
    hpaOfOther: await find(cluster, HPA, scene.namespace, TWO),
  };
  return { answers: await traffic.stop(), retired, restore, restored };
}

/** As every GitOps controller does: what it holds is applied again and again, whatever became of it. */
async function gitOps(scene: Scene) {
  const traffic = await scene.begin();
  const manifest = versionOf(scene.namespace, 1, { host: scene.host });
  const ending = new AbortController();
  const sizes: number[] = [];
  let retiredAt = Infinity;
  const applying = (async () => {
    while (!ending.signal.aborted) {
      await scene.world.kubectl(['apply', '-f', '-'], { input: JSON.stringify(manifest) });
      await scene.apply(1);
      if (performance.now() > retiredAt) sizes.push(await scene.sizeOf(1));
      await whilePasses(EVERY);
    }
  })();
  await scene.apply(2);
  await scene.reach({ [ONE]: 'Retired', [TWO]: 'Active' });
  retiredAt = performance.now();
  await eventually(
    () => {
      if (sizes.length < 4) throw new Error(`applied ${sizes.length} times since it is retired`);
    },
    { within: 20_000 },
  );
  ending.abort();
  await applying;
  return { answers: await traffic.stop(), sizes, pods: await scene.pods(1), reasons: await reasonsOf(scene) };
}

function reasonsOf(scene: Scene): Promise<readonly string[]> {
  return eventReasons(scene.world.cluster, scene.namespace, ONE);
}

/** Sizes that somebody else writes as well. */
export function describeSizes(stage: Stage, metrics: () => MetricsApi): void {
  const told = stage.perform({
    retireAndRestore: scene => retireAndRestore(scene, metrics()),
    gitOps,
  });

  describe('the size of a retired version', () => {
    it('R-21: is zero without its autoscaler, and is what the autoscaler had made of it when it is pinned', async () => {
      const { answers, retired, restore, restored } = await told.retireAndRestore();

      expect(failures(answers)).toEqual([]);
      expect(retired).toEqual({ size: 0, hpa: undefined });
      expect(restore?.name).toBe(ONE);
      expect(restored.size).toBe(3);
      expect(restored.hpa?.metadata.name).toBe(ONE);
      expect(restored.hpaOfOther).toBeUndefined();
    });

    it('stays zero when its manifest is applied again and again', async () => {
      const { answers, sizes, pods, reasons } = await told.gitOps();

      expect(failures(answers)).toEqual([]);
      expect(answerers(answers)).toEqual([ONE, TWO]);
      expect(answers.at(-1)?.pod).toContain(TWO);
      expect(new Set(sizes)).toEqual(new Set([0]));
      expect(pods).toEqual([]);
      expect(reasons).toContain('Retired');
    });
  });
}
