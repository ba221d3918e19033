import { join } from 'node:path';
import { startCluster } from '../cluster.ts';
import type { ApiAnswer, Cluster, Images, Kubelet } from '../types.ts';
import { until } from '../wait.ts';
import type { Container, Pod } from './objects.ts';
import { startKubelet } from './start.ts';

/** `sh` takes a script as its only argument. */
export const IMAGES: Images = {
  echo: { command: [process.execPath, join(import.meta.dirname, '../echo.ts')] },
  sh: { command: ['/bin/sh', '-c'] },
};

/** A control plane with a node, and what tests do with them. Everything lives in the namespace `default`. */
export interface Scene {
  readonly cluster: Cluster;
  readonly kubelet: Kubelet;
  create(...objects: readonly object[]): Promise<void>;
  /** Resolves with the pod as soon as `isSo`. */
  untilPod(name: string, what: string, isSo: (pod: Pod) => boolean): Promise<Pod>;
  untilReady(name: string): Promise<Pod>;
  untilGone(name: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startScene(): Promise<Scene> {
  const cluster = await startCluster({ istio: false });
  const kubelet = await startKubelet({ cluster, images: IMAGES });

  async function untilPod(name: string, what: string, isSo: (pod: Pod) => boolean): Promise<Pod> {
    let last: unknown;
    try {
      return await until(`pod ${name} ${what}`, async () => {
        const { status, body } = await cluster.api('GET', podPath(name));
        last = (body as Pod).status ?? body;
        return status === 200 && isSo(body as Pod) && (body as Pod);
      });
    } catch (error) {
      throw new Error(`${String(error)}; it was last: ${JSON.stringify(last)}`, { cause: error });
    }
  }

  return {
    cluster,
    kubelet,
    async create(...objects) {
      const list = { apiVersion: 'v1', kind: 'List', items: objects };
      const { code, stderr } = await cluster.kubectl(['create', '-f', '-'], { input: JSON.stringify(list) });
      if (code !== 0) throw new Error(stderr);
    },
    untilPod,
    untilReady: name => untilPod(name, 'is ready', isReady),
    async untilGone(name) {
      await until(`pod ${name} is gone`, async () => (await cluster.api('GET', podPath(name))).status === 404);
    },
    async stop() {
      await kubelet.stop();
      await cluster.stop();
    },
  };
}

export function podPath(name: string): string {
  return `/api/v1/namespaces/default/pods/${name}`;
}

export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

export function podOf(name: string, spec: object): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec };
}

/** One container with an echo server on port 80. */
export function echoPod(name: string, container: Partial<Container> = {}, spec: object = {}): object {
  return podOf(name, { containers: [echoContainer(container)], ...spec });
}

export function echoContainer(more: Partial<Container> = {}): Container {
  const readinessProbe = { httpGet: { path: '/readyz', port: 80 }, periodSeconds: 1, failureThreshold: 1 };
  return { name: 'main', image: 'echo:1', ports: [{ containerPort: 80 }], readinessProbe, ...more };
}

/** A request from where the gateway runs, to the pod's own address. */
export async function ask(pod: Pod, path: string, method = 'GET', timeout = 5_000): Promise<ApiAnswer> {
  const response = await fetch(`http://${pod.status?.podIP ?? ''}${path}`, {
    method,
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(timeout),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return { status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text };
}

export async function readFrom(pod: Pod, path: string): Promise<string> {
  const { status, body } = await ask(pod, `/file?path=${encodeURIComponent(path)}`);
  if (status !== 200) throw new Error(`${path} is not there`);
  return String(body);
}
