import { afterAll } from '@jest/globals';
import { startMetricsApi } from '../cluster/parts/metrics-api.ts';
import type { MetricsApi } from '../cluster/parts/metrics-api.ts';
import { CATALOGUE } from './autoscaled.ts';
import { startWorld, stopWorlds } from './world.ts';
import type { World } from './world.ts';

interface Stage {
  readonly world: World;
  readonly metrics: MetricsApi;
}

let stage: Stage | undefined;

/** For `beforeAll`: a world in which Kubernetes' autoscaler has something to measure. It ends with the test file. */
export async function openStage(): Promise<void> {
  const world = await startWorld({ promptAutoscaling: true, values: { settings: { metricCatalog: CATALOGUE } } });
  stage = { world, metrics: await startMetricsApi(world.cluster) };
}

afterAll(async () => {
  await stopWorlds();
  await stage?.metrics.close();
});

function opened(): Stage {
  if (stage === undefined) throw new Error('only inside a test');
  return stage;
}

export const world = (): World => opened().world;
export const metrics = (): MetricsApi => opened().metrics;
