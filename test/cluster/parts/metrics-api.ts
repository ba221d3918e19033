import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cluster } from '../types.ts';
import { until } from '../wait.ts';
import { createCertificates } from './certificates.ts';

const NAMESPACE = 'kube-system';
const SERVICE = 'metrics';

/** What Kubernetes' autoscaler reads; a metrics-server and an adapter of Prometheus serve them elsewhere. */
const GROUPS = {
  resource: { group: 'metrics.k8s.io', version: 'v1beta1' },
  custom: { group: 'custom.metrics.k8s.io', version: 'v1beta2' },
  external: { group: 'external.metrics.k8s.io', version: 'v1beta1' },
} as const;

/** The three metrics APIs, with values that a test sets. Numbers are in the metric's own unit: cores, bytes, requests. */
export interface MetricsApi {
  /**
   * What the Pods of a Deployment do together, from now on: each that runs measures its equal share. `cpu` and `memory` are
   * resources, of each Pod's first container; every other name is a metric of Pods.
   */
  setLoad(namespace: string, deployment: string, metric: string, total: number): void;
  /** Of an object, `services/web`. */
  setObject(namespace: string, object: string, metric: string, value: number): void;
  /** Of something outside the cluster. The selector is the one that is asked with, such as `queue=web`; default none. */
  setExternal(namespace: string, metric: string, value: number, selector?: string): void;
  /** Paths that were asked for, without query. */
  readonly asked: ReadonlySet<string>;
  close(): Promise<void>;
}

/** Serves them through the API server's aggregation, and resolves when it says that all three are available. */
export async function startMetricsApi(cluster: Cluster): Promise<MetricsApi> {
  const values = new Map<string, number>();
  const asked = new Set<string>();
  const { authority, serving } = await createCertificates([[`${SERVICE}.${NAMESPACE}.svc`]]);
  const server = createServer({ cert: serving[0]?.certificate, key: serving[0]?.key }, (request, response) => {
    answer(request).then(
      body => send(response, body === undefined ? 404 : 200, body ?? { kind: 'Status', code: 404 }),
      (error: unknown) => send(response, 500, { kind: 'Status', code: 500, message: String(error) }),
    );
  });

  async function answer(request: IncomingMessage): Promise<unknown> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'https://localhost');
    asked.add(pathname);
    const [, , group = '', version = '', , namespace, ...rest] = pathname.split('/').map(decodeURIComponent);
    const apiVersion = `${group}/${version}`;
    if (namespace === undefined) return resourcesOf(apiVersion);
    const selector = searchParams.get('labelSelector') ?? '';
    if (group === GROUPS.resource.group) return resourceMetrics(apiVersion, namespace, selector);
    if (group === GROUPS.external.group) return externalMetrics(apiVersion, namespace, rest[0] ?? '', selector);
    const [resource = '', name = '', metric = ''] = rest;
    if (resource === 'pods' && name === '*') return podMetrics(apiVersion, namespace, metric, selector);
    return objectMetrics(apiVersion, namespace, `${resource}/${name}`, metric);
  }

  async function resourceMetrics(apiVersion: string, namespace: string, selector: string): Promise<unknown> {
    const pods = await runningPods(cluster, namespace, selector);
    const items = pods.flatMap(pod => {
      const [cpu, memory] = ['cpu', 'memory'].map(metric => shareOf(pod, metric, pods));
      if (cpu === undefined && memory === undefined) return [];
      const usage = { cpu: quantity(cpu ?? 0), memory: quantity(memory ?? 0) };
      const containers = pod.spec.containers.map(({ name }, index) => ({
        name,
        usage: index === 0 ? usage : { cpu: '0', memory: '0' },
      }));
      return [{ metadata: { name: pod.metadata.name, namespace }, timestamp: now(), window: '1s', containers }];
    });
    return { apiVersion, kind: 'PodMetricsList', metadata: {}, items };
  }

  async function podMetrics(apiVersion: string, namespace: string, metric: string, selector: string): Promise<unknown> {
    const pods = await runningPods(cluster, namespace, selector);
    const items = pods.flatMap(pod => {
      const value = shareOf(pod, metric, pods);
      const describedObject = { apiVersion: 'v1', kind: 'Pod', namespace, name: pod.metadata.name };
      return value === undefined ? [] : [valueOf(describedObject, metric, value)];
    });
    return { apiVersion, kind: 'MetricValueList', metadata: {}, items };
  }

  function shareOf({ metadata }: Pod, metric: string, pods: readonly Pod[]): number | undefined {
    const deployment = deploymentOf(metadata.name);
    const total = values.get(loadKey(metadata.namespace, deployment, metric));
    if (total === undefined) return undefined;
    return total / pods.filter(pod => deploymentOf(pod.metadata.name) === deployment).length;
  }

  function objectMetrics(apiVersion: string, namespace: string, object: string, metric: string): unknown {
    const value = values.get(objectKey(namespace, object, metric));
    if (value === undefined) return undefined;
    const [, name] = object.split('/');
    const items = [valueOf({ namespace, name }, metric, value)];
    return { apiVersion, kind: 'MetricValueList', metadata: {}, items };
  }

  function externalMetrics(apiVersion: string, namespace: string, metricName: string, selector: string): unknown {
    const value = values.get(externalKey(namespace, metricName, selector));
    if (value === undefined) return undefined;
    const items = [{ metricName, metricLabels: {}, timestamp: now(), value: quantity(value) }];
    return { apiVersion, kind: 'ExternalMetricValueList', metadata: {}, items };
  }

  await new Promise<void>(resolve => server.listen(0, cluster.nodeAddress, resolve));
  await register(cluster, (server.address() as AddressInfo).port, authority);
  return {
    setLoad: (namespace, deployment, metric, total) => values.set(loadKey(namespace, deployment, metric), total),
    setObject: (namespace, object, metric, value) => values.set(objectKey(namespace, object, metric), value),
    setExternal: (namespace, metric, value, selector = '') =>
      values.set(externalKey(namespace, metric, selector), value),
    asked,
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

const loadKey = (...parts: readonly string[]) => ['load', ...parts].join(' ');
const objectKey = (...parts: readonly string[]) => ['object', ...parts].join(' ');
const externalKey = (...parts: readonly string[]) => ['external', ...parts].join(' ');

interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly containers: readonly { readonly name: string }[] };
  readonly status: { readonly phase?: string };
}

async function runningPods(cluster: Cluster, namespace: string, selector: string): Promise<readonly Pod[]> {
  const query = new URLSearchParams({ labelSelector: selector });
  const { body } = await cluster.api('GET', `/api/v1/namespaces/${namespace}/pods?${query.toString()}`);
  const { items } = body as { readonly items: readonly Pod[] };
  return items.filter(({ metadata, status }) => status.phase === 'Running' && metadata.deletionTimestamp === undefined);
}

/** The ReplicaSet's and the Pod's own part come last. */
function deploymentOf(pod: string): string {
  return pod.split('-').slice(0, -2).join('-');
}

function valueOf(describedObject: object, metric: string, value: number): object {
  return { describedObject, metric: { name: metric }, timestamp: now(), value: quantity(value) };
}

/** In thousandths: what is measured is rarely whole. */
function quantity(value: number): string {
  return `${Math.round(value * 1000)}m`;
}

function now(): string {
  return new Date().toISOString();
}

function resourcesOf(groupVersion: string): unknown {
  if (!Object.values(GROUPS).some(({ group, version }) => groupVersion === `${group}/${version}`)) return undefined;
  const pods = { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] };
  const resources = groupVersion.startsWith(GROUPS.resource.group) ? [pods] : [];
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function register(cluster: Cluster, port: number, authority: string): Promise<void> {
  const create = async (path: string, object: object): Promise<void> => {
    const { status, body } = await cluster.api('POST', path, object);
    if (status !== 201) throw new Error(`POST ${path} was answered ${status}: ${JSON.stringify(body)}`);
  };
  const metadata = { name: SERVICE, namespace: NAMESPACE };
  await create(`/api/v1/namespaces/${NAMESPACE}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { ports: [{ name: 'https', port: 443, targetPort: port }] },
  });
  await create(`/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': SERVICE } },
    addressType: 'IPv4',
    ports: [{ name: 'https', port }],
    endpoints: [{ addresses: [cluster.nodeAddress], conditions: { ready: true } }],
  });
  for (const { group, version } of Object.values(GROUPS)) {
    const name = `${version}.${group}`;
    await create('/apis/apiregistration.k8s.io/v1/apiservices', {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name },
      spec: {
        group,
        version,
        service: { ...metadata, port: 443 },
        caBundle: Buffer.from(authority).toString('base64'),
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
    });
    await until(`${name} to be available`, async () => {
      const { body } = await cluster.api('GET', `/apis/apiregistration.k8s.io/v1/apiservices/${name}`);
      return conditionsOf(body).some(({ type, status }) => type === 'Available' && status === 'True');
    });
  }
}

function conditionsOf(body: unknown): readonly { readonly type: string; readonly status: string }[] {
  const { status } = body as { readonly status?: { readonly conditions?: ReturnType<typeof conditionsOf> } };
  return status?.conditions ?? [];
}
