import type { InferenceServiceDocument } from '../documents.ts';
import { quoted } from '../fields/field.ts';
import type { MetricText } from '../fields/inference-service-readers.ts';
import { RESOURCE_METRICS } from '../fields/metric-catalog.ts';
import type { Autoscaling, ScalingMetric, ScalingTarget } from '../intent.ts';
import type { CatalogueMetric } from '../settings.ts';
import { nearestName } from '../values/nearest.ts';
import { containersOf, sidecarsOf } from './scene.ts';
import type { Scene } from './scene.ts';

/** What cpu and mem are, as if the catalogue said so. Which target they have is for the number to say. */
const RESOURCES: ReadonlyMap<string, string> = new Map([
  ['cpu', 'cpu'],
  ['mem', 'memory'],
] satisfies [(typeof RESOURCE_METRICS)[number], string][]);

/** What an autoscaler holds when nothing is said. */
const BY_DEFAULT: ScalingMetric = {
  type: 'Resource',
  resource: 'cpu',
  target: { type: 'Utilization', averageUtilization: 80 },
};

/**
 * The autoscaler, which there is exactly when `replicas.max` is greater than `replicas.min`. `container` is the one of
 * the InferenceService.
 */
export function autoscalingOf(
  { values, given }: InferenceServiceDocument,
  container: string,
  scene: Scene,
): Autoscaling | undefined {
  const { replicas, metrics } = values;
  const due = replicas !== undefined && replicas.value.max > replicas.value.min;
  const wanted = metrics?.value.flatMap(metric => scalingMetric(metric, { due, container }, scene) ?? []) ?? [];
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

interface Around {
  readonly due: boolean;
  readonly container: string;
}

function scalingMetric(metric: MetricText, around: Around, scene: Scene): ScalingMetric | undefined {
  const resource = RESOURCES.get(metric.name);
  const entry = resource === undefined ? scene.settings.metricCatalog.get(metric.name) : undefined;
  if (resource !== undefined) {
    const { percent, quantity = '' } = metric.target;
    const isAmount = percent === undefined && !/^\d+$/.test(metric.target.text);
    const target: ScalingTarget | undefined = isAmount
      ? { type: 'AverageValue', averageValue: quantity }
      : utilization(metric, scene);
    return target && checked({ type: 'Resource', resource, target }, metric, around, scene);
  }
  if (entry === undefined) {
    reportUnknown(metric, scene);
    return undefined;
  }
  const target = targetOf(entry.target, metric, scene);
  if (target === undefined) return undefined;
  if (metric.name === 'gpu' && around.due) checkGpu(metric, scene);
  const wanted = { ...sourceOf(entry, around.container, scene), target } as ScalingMetric;
  checkSelector(wanted, metric, scene);
  if (wanted.type === 'ContainerResource') checkContainer(wanted.container, metric, scene);
  return checked(wanted, metric, around, scene);
}

/** What the catalogue says, with the Deployment's own name and namespace filled in. */
function sourceOf(entry: CatalogueMetric, container: string, { deployment }: Scene): object {
  const { name, namespace } = deployment.metadata;
  const fill = (text: string) => text.replaceAll('{name}', name).replaceAll('{namespace}', namespace);
  switch (entry.type) {
    case 'Resource':
      return { type: entry.type, resource: entry.resource };
    case 'ContainerResource':
      return { type: entry.type, resource: entry.resource, container: entry.container ?? container };
    default: {
      const { type, metric, selector } = entry;
      const labels = selector && Object.fromEntries(Object.entries(selector).map(([key, value]) => [key, fill(value)]));
      return {
        type,
        metric,
        ...(labels && { selector: labels }),
        ...(type === 'Object' && {
          describedObject: { ...entry.describedObject, name: fill(entry.describedObject.name) },
        }),
      };
    }
  }
}

function targetOf(target: CatalogueMetric['target'], metric: MetricText, scene: Scene): ScalingTarget | undefined {
  if (target === 'Utilization') return utilization(metric, scene);
  // `gpu:50%` is cube-studio's: what the metric counts is percent already.
  const value = metric.target.quantity ?? String(metric.target.percent ?? '');
  return target === 'Value' ? { type: 'Value', value } : { type: 'AverageValue', averageValue: value };
}

function utilization({ name, target, at, path }: MetricText, { report }: Scene): ScalingTarget | undefined {
  if (target.percent !== undefined) return { type: 'Utilization', averageUtilization: target.percent };
  report({
    name: 'ValueWrong',
    at,
    path,
    must: 'must be a whole percentage from 1% to 100%',
    found: `but is ${quoted(target.text)}`,
    fix: `write \`${name}:80%\``,
  });
  return undefined;
}

function reportUnknown({ name, nameAt, path }: MetricText, { settings, report }: Scene): void {
  const known = [...RESOURCE_METRICS, ...settings.metricCatalog.keys()];
  const meant = name === 'memory' ? 'mem' : nearestName(name, known);
  report({
    name: 'MetricUnknown',
    at: nameAt,
    path,
    must: `must be one of ${known.map(quoted).join(', ')}`,
    found: `but is ${quoted(name)}`,
    fix:
      meant === undefined
        ? 'write `cpu:80%`, or ask the platform for this metric (`metricCatalog`)'
        : `write \`${meant}\``,
  });
}

function checked(wanted: ScalingMetric, metric: MetricText, { due }: Around, scene: Scene): ScalingMetric {
  if (!due || wanted.target.type !== 'Utilization') return wanted;
  if (wanted.type === 'Resource') checkRequests(wanted.resource, undefined, metric, scene);
  if (wanted.type === 'ContainerResource') checkRequests(wanted.resource, wanted.container, metric, scene);
  return wanted;
}

/** Kubernetes would take it, and then find nothing to measure. */
function checkContainer(container: string, { nameAt, path }: MetricText, { deployment, report }: Scene): void {
  const names = [...containersOf(deployment), ...sidecarsOf(deployment)].map(({ name }) => name);
  if (names.includes(container)) return;
  report({
    name: 'ContainerUnknown',
    at: nameAt,
    path,
    must: `must find container ${quoted(container)}, which the platform's catalogue measures`,
    found: `but there is ${names.map(quoted).join(', ')}`,
    fix: `name the container ${quoted(container)}, or write another metric`,
  });
}

/** A limit counts as a request, as the API server makes it one. */
function checkRequests(
  resource: string,
  only: string | undefined,
  { name, nameAt, path }: MetricText,
  scene: Scene,
): void {
  const without = [...containersOf(scene.deployment), ...sidecarsOf(scene.deployment)].filter(
    ({ name: container, resources }) =>
      (only === undefined || only === container) &&
      (resources?.requests?.[resource] ?? resources?.limits?.[resource]) === undefined,
  );
  if (without.length === 0) return;
  scene.report({
    name: 'MetricWithoutRequest',
    at: nameAt,
    path,
    must: `must have \`resources.requests.${resource}\` in ${only === undefined ? 'every container' : `container '${only}'`}, since ${name} is a share of it`,
    found: `but it is not in ${without.map(container => quoted(container.name)).join(', ')}`,
    fix: `write \`resources: {requests: {${resource}: …}}\` into the container, unless a LimitRange does`,
  });
}

/** Kubernetes' limit for the value of a label. */
const MAX_LABEL_VALUE = 63;

/** The platform writes what is around the names; with a long name the whole is more than a label can hold. */
function checkSelector(wanted: ScalingMetric, { name, nameAt, path }: MetricText, { report }: Scene): void {
  const selector = ('selector' in wanted ? wanted.selector : undefined) ?? {};
  for (const [key, value] of Object.entries(selector)) {
    if (value.length <= MAX_LABEL_VALUE) continue;
    report({
      name: 'ValueWrong',
      at: nameAt,
      path,
      must: `must have labels of at most ${MAX_LABEL_VALUE} characters, with the Deployment's name filled in`,
      found: `but \`${key}\` has ${value.length}`,
      fix: `give the Deployment a shorter name, or ask the platform for a shorter selector of '${name}' (\`metricCatalog\`)`,
    });
  }
}

/** The names that device plug-ins of accelerators have in common. */
const ACCELERATOR = /gpu|npu|nvidia\.com\/|ascend/i;

function checkGpu({ nameAt, path }: MetricText, { deployment, report }: Scene): void {
  const resources = [...containersOf(deployment), ...sidecarsOf(deployment)].flatMap(({ resources }) => [
    ...Object.keys(resources?.requests ?? {}),
    ...Object.keys(resources?.limits ?? {}),
  ]);
  if (resources.some(name => ACCELERATOR.test(name))) return;
  report({
    name: 'MetricWithoutGpu',
    at: nameAt,
    path,
    must: 'must stand beside a GPU in some container, or there is nothing to measure',
    found: 'but no container has one',
    fix: "write `resources: {limits: {nvidia.com/gpu: '1'}}` into the container, or delete it",
  });
}
