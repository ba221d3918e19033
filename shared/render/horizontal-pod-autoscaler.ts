import type { Deployment } from '../deployment.ts';
import type { Intent, MetricIdentity, ScalingMetric } from '../intent.ts';
import type { KubernetesObject } from '../snapshot.ts';
import { ownedMetadata } from './labels.ts';
import { horizontalPodAutoscalerName } from './names.ts';

/** The autoscaler of a Deployment, while one is due: when `max` is greater than `min`. */
export function renderHorizontalPodAutoscaler(
  { service, object }: Intent,
  deployment: Deployment,
): KubernetesObject | undefined {
  const autoscaling = service?.autoscaling;
  if (!autoscaling) return undefined;
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: ownedMetadata(horizontalPodAutoscalerName(object.name), deployment.metadata),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: object.name },
      minReplicas: autoscaling.min,
      maxReplicas: autoscaling.max,
      metrics: autoscaling.metrics.map(renderMetric),
    },
  };
}

function renderMetric(metric: ScalingMetric): unknown {
  const { type, target } = metric;
  switch (metric.type) {
    case 'Resource':
      return { type, resource: { name: metric.resource, target } };
    case 'ContainerResource':
      return { type, containerResource: { name: metric.resource, container: metric.container, target } };
    case 'Pods':
      return { type, pods: { metric: renderIdentity(metric), target } };
    case 'External':
      return { type, external: { metric: renderIdentity(metric), target } };
    case 'Object':
      return { type, object: { describedObject: metric.describedObject, metric: renderIdentity(metric), target } };
  }
}

function renderIdentity({ metric, selector }: MetricIdentity): unknown {
  return { name: metric, ...(selector && { selector: { matchLabels: selector } }) };
}
