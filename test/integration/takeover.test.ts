import { afterAll } from '@jest/globals';
import { startMetricsApi } from '../cluster/parts/metrics-api.ts';
import type { MetricsApi } from '../cluster/parts/metrics-api.ts';
import { describeSizes } from './traffic/autoscaled.ts';
import { describeOwnership } from './traffic/ownership.ts';
import { describeShares } from './traffic/shares.ts';
import { setStage } from './traffic/stage.ts';
import { describeVersions } from './traffic/versions.ts';

let metrics: MetricsApi | undefined;
const stage = setStage({
  promptAutoscaling: true,
  async prepare({ cluster }) {
    metrics = await startMetricsApi(cluster);
  },
});
afterAll(() => metrics?.close());

function metricsApi(): MetricsApi {
  if (metrics === undefined) throw new Error('only inside a story');
  return metrics;
}

describeVersions(stage);
describeShares(stage);
describeSizes(stage, metricsApi);
describeOwnership(stage);
