import type { Container } from '../../shared/deployment.ts';
import { deployment, inferenceService } from './manifests.ts';
import type { Manifest } from './manifests.ts';

/** Names that users may write as metrics, beside the chart's own `gpu`: with it one of each kind that Kubernetes has. */
export const CATALOGUE = {
  'main-cpu': { type: 'ContainerResource', resource: 'cpu', target: 'Utilization' },
  qps: {
    type: 'Object',
    metric: 'requests_per_second',
    describedObject: { apiVersion: 'v1', kind: 'Service', name: '{name}' },
    target: 'Value',
  },
  queue: { type: 'External', metric: 'queue_length', selector: { queue: '{name}' }, target: 'AverageValue' },
} as const;

export interface AutoscaledOptions {
  readonly metrics: string;
  /** `min..max`; default `1..3`. */
  readonly bounds?: string;
  /** What the manifest says; default 1. */
  readonly replicas?: number;
  /** Default true. Otherwise no Pod of it is ever scheduled, which is enough where nothing of it is measured. */
  readonly runs?: boolean;
}

/** `shop/serving-bert-1`, with an autoscaler. Its Pods do nothing, at no cost. */
export function autoscaled(fullName: string, options: AutoscaledOptions): Manifest {
  const { metrics, bounds = '1..3', replicas = 1, runs = true } = options;
  const [, model = ''] = fullName.split('-');
  const [min = '', max = ''] = bounds.split('..');
  const config = inferenceService(model, 'v1', `replicas: {min: ${min}, max: ${max}}`, `metrics: ${metrics}`);
  const { spec, ...manifest } = deployment(fullName, { config, replicas });
  const [container] = spec.template.spec.containers;
  if (container === undefined) throw new Error('a Deployment without containers');
  const { name, image, ports } = container;
  const idle = { name, image, ports, command: ['sleep', '3600'], resources: REQUESTS } as Container;
  const pod = {
    terminationGracePeriodSeconds: 0,
    containers: [idle],
    ...(!runs && { schedulingGates: [{ name: 'example.com/never' }] }),
  };
  return { ...manifest, spec: { ...spec, template: { ...spec.template, spec: pod } } };
}

const REQUESTS = {
  requests: { cpu: '100m', memory: '64Mi', 'nvidia.com/gpu': '1' },
  limits: { 'nvidia.com/gpu': '1' },
};
