import { describe, expect, it } from '@jest/globals';
import { brief, context, resnet, service } from '../../test/support/readings.ts';
import { container } from '../../test/support/deployments.ts';
import type { Container } from '../deployment.ts';
import type { Reading } from '../intent.ts';
import { read } from '../read.ts';
import { parseSettings } from '../settings-file.ts';
import type { Settings } from '../settings.ts';

const BOUNDS = 'replicas: {min: 1, max: 4}';

function readMetrics(metrics: string, containers?: readonly Container[], settings: Partial<Settings> = {}): Reading {
  const object = resnet(service(BOUNDS, `metrics: ${metrics}`), { ...(containers && { containers }) });
  return read(object, context(settings));
}

function metricsOf({ intent }: Reading): unknown {
  return intent?.service?.autoscaling?.metrics;
}

const gpu = (name: string) => [
  container('main', { resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { [name]: '1' } } }),
];
const GPU = gpu('nvidia.com/gpu');

const utilization = (resource: string, percent: number) => ({
  type: 'Resource',
  resource,
  target: { type: 'Utilization', averageUtilization: percent },
});
const average = (resource: string, value: string) => ({
  type: 'Resource',
  resource,
  target: { type: 'AverageValue', averageValue: value },
});
const ofGpus = (value: string) => ({
  type: 'Pods',
  metric: 'DCGM_FI_DEV_GPU_UTIL',
  target: { type: 'AverageValue', averageValue: value },
});

describe('what users of cube-studio write', () => {
  const rows: Record<string, readonly [metrics: string, expected: readonly unknown[]]> = {
    'its manual’s example': [
      'cpu:50%,mem:%50,gpu:50%',
      [utilization('cpu', 50), utilization('memory', 50), ofGpus('50')],
    ],
    'P2: `gpu`, with a percent sign, is a metric of Pods that autoscaling/v2 takes': ['gpu:50%', [ofGpus('50')]],
    'P2: `gpu`, as a number': ['gpu:50', [ofGpus('50')]],
    'semicolons and equals signs': ['cpu=50%;mem=60', [utilization('cpu', 50), utilization('memory', 60)]],
    'its one hundred percent': ['cpu:100', [utilization('cpu', 100)]],
  };

  it.each(Object.entries(rows))('%s', (_, [metrics, expected]) => {
    const reading = readMetrics(metrics, GPU);

    expect(metricsOf(reading)).toEqual(expected);
  });

  it.each(['cpu:%', 'cpu:%%50', 'cpu:', ',', 'gpu:50%,qps:'])(
    'and its form let through, or broke on, is refused: %s',
    metrics => {
      expect(readMetrics(metrics, GPU).intent).toBeUndefined();
    },
  );
});

describe('quantities of a resource', () => {
  const rows: Record<string, unknown> = {
    'cpu:500m': average('cpu', '500m'),
    'cpu:0.5': average('cpu', '500m'),
    'cpu:1.5': average('cpu', '1500m'),
    'mem:2Gi': average('memory', '2Gi'),
    'mem:2048Mi': average('memory', '2Gi'),
    'mem:1500M': average('memory', '1500M'),
    'mem:1e9': average('memory', '1e9'),
  };

  it.each(Object.entries(rows))('%s', (text, expected) => {
    expect(metricsOf(readMetrics(text))).toEqual([expected]);
  });

  it('without a unit or a fraction are percentages, and refused above 100, so that no bytes are taken for them', () => {
    expect(readMetrics('mem:1073741824').findings.map(brief)).toEqual(['ValueWrong 7:14 metrics.mem']);
  });
});

describe('whether there is a GPU to measure', () => {
  it.each(['nvidia.com/gpu', 'amd.com/gpu', 'huawei.com/Ascend910', 'nvidia.com/mig-1g.5gb', 'gpu.intel.com/i915'])(
    '%s is one',
    name => {
      expect(readMetrics('gpu:50', gpu(name)).findings).toEqual([]);
    },
  );

  it.each(['ephemeral-storage', 'rdma/hca'])('%s is none', name => {
    expect(readMetrics('gpu:50', gpu(name)).findings.map(brief)).toEqual(['MetricWithoutGpu 7:10 metrics.gpu']);
  });

  it('does not matter where there is no autoscaler', () => {
    const { findings } = read(resnet(service('metrics: gpu:50')), context());

    expect(findings.map(brief)).toEqual(['MetricsUnused 6:10 metrics']);
  });
});

describe('a name of the platform’s catalogue', () => {
  const settings = parseSettings(
    `metricCatalog:
  queue: {type: External, metric: queue_length, selector: {queue: '{namespace}.{name}', kind: model}, target: AverageValue}
  qps: {type: Object, metric: rps, describedObject: {apiVersion: v1, kind: Service, name: '{name}'}, target: Value}
  other: {type: ContainerResource, resource: cpu, container: proxy, target: Utilization}
`,
    'settings.yaml',
  ).settings;

  it('that measures a container which the Deployment has not is refused', () => {
    const { findings } = readMetrics('other:50%', undefined, settings);

    expect(findings.map(brief)).toEqual(['ContainerUnknown 7:10 metrics.other']);
  });

  it('has the names of the Deployment filled in', () => {
    expect(metricsOf(readMetrics('queue:30,qps:100', undefined, settings))).toEqual([
      {
        type: 'External',
        metric: 'queue_length',
        selector: { queue: 'shop.tfserving-resnet50-20240501', kind: 'model' },
        target: { type: 'AverageValue', averageValue: '30' },
      },
      {
        type: 'Object',
        metric: 'rps',
        describedObject: { apiVersion: 'v1', kind: 'Service', name: 'tfserving-resnet50-20240501' },
        target: { type: 'Value', value: '100' },
      },
    ]);
  });

  it('is refused where a label of it would be too long for Kubernetes with the names filled in', () => {
    const metadata = { namespace: `a-namespace-with-a-long-name-${'x'.repeat(30)}` };
    const object = resnet(service(BOUNDS, 'metrics: queue:30'), {});
    const long = { ...object, metadata: { ...object.metadata, ...metadata } };

    const { findings } = read(long, context(settings));

    expect(findings.map(brief)).toEqual(['ValueWrong 7:10 metrics.queue']);
    expect(findings[0]?.found).toBe('but `queue` has 87');
  });

  it('that measures a container of its own is warned about by that one’s request', () => {
    const requests = { requests: { cpu: '1' } };
    const found = (proxy: Partial<Container>) =>
      readMetrics('other:50%', [container('main'), container('proxy', proxy)], settings).findings.map(brief);

    expect(found({})).toEqual(['MetricWithoutRequest 7:10 metrics.other']);
    expect(found({ resources: requests })).toEqual([]);
  });
});
