import type { InferenceServiceDocument } from '../documents.ts';
import { quoted } from '../fields/field.ts';
import type { MetricText } from '../fields/inference-service-readers.ts';
import type { Autoscaling, ScalingMetric } from '../intent.ts';
import { nearestName } from '../values/nearest.ts';
import { containersOf, sidecarsOf } from './scene.ts';
import type { Scene } from './scene.ts';

const RESOURCES: ReadonlyMap<string, 'cpu' | 'memory'> = new Map([
  ['cpu', 'cpu'],
  ['mem', 'memory'],
]);

/** What an autoscaler holds when nothing is said. */
const BY_DEFAULT: ScalingMetric = { resource: 'cpu', averageUtilization: 80 };

/** The autoscaler, which there is exactly when `replicas.max` is greater than `replicas.min`. */
export function autoscalingOf({ values, given }: InferenceServiceDocument, scene: Scene): Autoscaling | undefined {
  const { replicas, metrics } = values;
  const due = replicas !== undefined && replicas.value.max > replicas.value.min;
  const wanted = metrics?.value.flatMap(metric => scalingMetric(metric, due, scene) ?? []) ?? [];
  if (due) {
    return { at: replicas.at, ...replicas.value, metrics: wanted.length === 0 ? [BY_DEFAULT] : wanted };
  }
  const replicasWrong = replicas === undefined && given.has('replicas');
  if (metrics !== undefined && metrics.value.length > 0 && !replicasWrong) {
    scene.report({
      name: 'MetricsUnused',
      at: metrics.at,
      path: 'metrics',
      must: 'must stand beside `replicas` with `max` greater than `min`',
      found: 'but there is no autoscaler',
      fix: 'write `replicas: {min: 1, max: 4}`, or delete it',
    });
  }
  return undefined;
}

function scalingMetric(metric: MetricText, due: boolean, scene: Scene): ScalingMetric | undefined {
  const resource = RESOURCES.get(metric.name);
  if (resource === undefined) {
    reportUnknown(metric, scene);
    return undefined;
  }
  if ('quantity' in metric.target) return { resource, averageValue: metric.target.quantity };
  if (due) checkRequests(metric, resource, scene);
  return { resource, averageUtilization: metric.target.percent };
}

function reportUnknown({ name, nameAt, path }: MetricText, { settings, report }: Scene): void {
  if (Object.hasOwn(settings.metricCatalog, name)) {
    report({
      name: 'NotSupportedYet',
      at: nameAt,
      path,
      must: "must be cpu or mem, since metrics of the platform's catalogue are not supported yet",
      found: `but is ${quoted(name)}`,
      fix: 'write `cpu:80%` or `mem:80%`',
    });
    return;
  }
  const known = [...RESOURCES.keys(), ...Object.keys(settings.metricCatalog)];
  const meant = name === 'memory' ? 'mem' : nearestName(name, RESOURCES.keys());
  report({
    name: 'MetricUnknown',
    at: nameAt,
    path,
    must: `must be one of ${known.map(quoted).join(', ')}`,
    found: `but is ${quoted(name)}`,
    fix: meant === undefined ? 'write `cpu:80%`, or ask the platform for this metric' : `write \`${meant}\``,
  });
}

/** A limit counts as a request, as the API server makes it one. */
function checkRequests({ name, nameAt, path }: MetricText, resource: 'cpu' | 'memory', scene: Scene): void {
  const without = [...containersOf(scene.deployment), ...sidecarsOf(scene.deployment)].filter(
    ({ resources }) => (resources?.requests?.[resource] ?? resources?.limits?.[resource]) === undefined,
  );
  if (without.length === 0) return;
  scene.report({
    name: 'MetricWithoutRequest',
    at: nameAt,
    path,
    must: `must have \`resources.requests.${resource}\` in every container, since ${name} is a share of it`,
    found: `but it is not in ${without.map(container => quoted(container.name)).join(', ')}`,
    fix: `write \`resources: {requests: {${resource}: …}}\` into the container, unless a LimitRange does`,
  });
}
