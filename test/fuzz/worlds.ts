import type { Deployment } from '../../shared/deployment.ts';
import { defaultSettings, parseSettings } from '../../shared/settings-file.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Namespace } from '../../shared/snapshot.ts';
import { container, deployment } from '../support/deployments.ts';
import { SECRET } from './promises.ts';
import { BrokenPromise } from './target.ts';

/** What stands around a text: the platform, the namespaces, and the Deployment that it is put on. */
export interface FuzzWorld {
  readonly settings: Settings;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly key: string;
  /** The Deployment of this name with this text. */
  readonly deployment: (name: string, text: string) => Deployment;
}

const PLATFORM = `
domain: service.example.com
ingressHost: apps.example.com
types: []
external: {ips: [203.0.113.10], allowedIPs: [198.51.100.0/24, '2001:db8::/32']}
metricCatalog:
  gpu: {type: Pods, metric: DCGM_FI_DEV_GPU_UTIL, target: AverageValue}
  qps: {type: Object, metric: requests_per_second, target: Value, describedObject: {apiVersion: v1, kind: Service, name: '{name}'}}
  queue: {type: External, metric: queue_length, target: AverageValue, selector: {queue: '{namespace}.{name}'}}
  side: {type: ContainerResource, resource: memory, target: Utilization}
`;

function settingsOf(text: string): Settings {
  const { settings, findings } = parseSettings(text);
  if (settings === undefined) throw new BrokenPromise('the settings of the worlds are good', findings);
  return settings;
}

const namespaces: ReadonlyMap<string, Namespace> = new Map(
  [
    {
      name: 'shop',
      annotations: { 'waymark.dev/area': 'shanghai', 'waymark.dev/external-ips': '198.51.100.7' },
    },
    { name: 'other', annotations: { 'waymark.dev/allow-traffic-from': 'shop,default' } },
    {
      name: 'strict',
      annotations: { 'waymark.dev/allowed-hosts': 'example.com', 'waymark.dev/environment': 'test' },
      labels: { 'waymark.dev/policy': 'warn' },
    },
  ].map(metadata => [metadata.name, { metadata }]),
);

const requests = { cpu: '500m', memory: '1Gi', 'nvidia.com/gpu': '1' };
const secret = { name: 'PASSWORD', value: SECRET };

export const WORLDS: readonly FuzzWorld[] = [
  {
    settings: settingsOf(PLATFORM),
    namespaces,
    key: 'waymark.dev/config',
    deployment: (name, config) =>
      deployment(`shop/${name}`, {
        config,
        containers: [container('main', { resources: { requests }, env: [secret] })],
      }),
  },
  {
    settings: settingsOf(`${PLATFORM}environment: prod\npolicy: audit\nreservedHosts: [internal.example.com]\n`),
    namespaces,
    key: 'waymark.dev/config',
    deployment: (name, config) =>
      deployment(`strict/${name}`, {
        config,
        containers: [
          container('main', {
            ports: [
              { name: 'grpc', containerPort: 9000 },
              { containerPort: 8080, protocol: 'TCP' },
              { name: 'dns', containerPort: 53, protocol: 'UDP' },
            ],
            env: [secret, { name: 'KUBEFLOW_AREA', value: SECRET }],
          }),
          { name: 'second', image: 'example.com/$(HOME)/second:1', ports: [{ name: 'grpc', containerPort: 9001 }] },
        ],
        initContainers: [container('sidecar', { restartPolicy: 'Always', ports: [{ containerPort: 15_020 }] })],
      }),
  },
  {
    settings: { ...defaultSettings, types: ['tfserving'] },
    namespaces: new Map(),
    key: 'getambassador.io/config',
    deployment: (name, text) =>
      deployment(`other/${name}`, {
        annotations: { 'getambassador.io/config': text },
        containers: [container('main', { ports: [] })],
      }),
  },
];

/** The one that the number falls on. */
export function oneOf<T>(all: readonly T[], number: number): T {
  const one = all[number % all.length];
  if (one === undefined) throw new Error('there is none');
  return one;
}
