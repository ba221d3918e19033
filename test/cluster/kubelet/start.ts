import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kubelet, KubeletOptions } from '../types.ts';
import { openApi } from './api.ts';
import { logPrefix } from './container-plan.ts';
import { openNetwork } from './network.ts';
import type { NodeContext } from './node-context.ts';
import { ensureNode } from './node.ts';
import { keyOf } from './objects.ts';
import type { ConfigMap, Pod, Secret } from './objects.ts';
import { PodLife } from './pod.ts';
import { bind } from './scheduler.ts';
import { Bell } from './timing.ts';
import { watchObjects } from './watch.ts';

/**
 * Starts the node of a cluster: every pod is bound to it, and its containers run as processes of this machine, each pod
 * in a network namespace of its own and each container in its own view of the file system. Only inside a sandbox.
 */
export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const { cluster, images, progress, longestBackoff = 5_000 } = options;
  const { apiServer, nodeName, nodeAddress, directory } = cluster;
  const report = progress ?? (() => undefined);
  const folder = join(directory, `pods-${nodeName}`);
  const logFolder = join(directory, 'logs');
  mkdirSync(folder, { recursive: true });
  mkdirSync(logFolder, { recursive: true });

  const api = openApi(apiServer);
  const ending = new AbortController();
  const network = await openNetwork();
  const sourcesChanged = new Bell();
  const onChange = () => sourcesChanged.ring();
  const secrets = watchObjects<Secret>({ api, path: '/api/v1/secrets', onChange });
  const configMaps = watchObjects<ConfigMap>({ api, path: '/api/v1/configmaps', onChange });

  const node: NodeContext = {
    api,
    images,
    network,
    sources: {
      secret: (namespace, name) => secrets.get(namespace, name),
      configMap: (namespace, name) => configMaps.get(namespace, name),
    },
    sourcesChanged,
    longestBackoff,
    nodeName,
    nodeAddress,
    apiServer: endpointFor(apiServer.url, nodeAddress),
    folder,
    logFolder,
    report,
    signal: ending.signal,
  };
  /** By uid: a pod may be made anew under its name before the old one has ended. */
  const lives = new Map<string, PodLife>();

  function onPod({ before, after }: { readonly before?: Pod; readonly after?: Pod }): void {
    if (before !== undefined && before.metadata.uid !== after?.metadata.uid) forget(before.metadata.uid);
    if (after === undefined) return;
    const { uid } = after.metadata;
    const known = lives.get(uid);
    if (known !== undefined) known.update(after);
    else if (after.spec.nodeName === nodeName) lives.set(uid, new PodLife(node, after));
    else if (after.spec.nodeName === undefined) void bind(node, after);
  }

  /** The object is gone: what still runs of it is killed. */
  function forget(uid: string): void {
    const life = lives.get(uid);
    life?.end(0);
    void life?.finished.then(() => lives.delete(uid));
  }

  async function stop(): Promise<void> {
    ending.abort();
    api.close();
    await Promise.all([pods.stop(), secrets.stop(), configMaps.stop()]);
    for (const life of lives.values()) life.end(0);
    await Promise.all([...lives.values()].map(life => life.finished));
    await network.close();
    await rm(folder, { recursive: true, force: true });
  }

  function find(namespace: string, name: string): PodLife {
    const uid = pods.get(namespace, name)?.metadata.uid;
    const life = uid === undefined ? undefined : lives.get(uid);
    if (life === undefined) throw new Error(`no pod ${keyOf({ namespace, name })} runs here`);
    return life;
  }

  const pods = watchObjects<Pod>({ api, path: '/api/v1/pods', onChange: onPod });
  try {
    await ensureNode(api, nodeName, nodeAddress);
    await Promise.all([secrets.synced, configMaps.synced, pods.synced]);
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    crash: async (namespace, pod) => find(namespace, pod).crash(),
    pause: (namespace, pod) => find(namespace, pod).signalAll('SIGSTOP'),
    resume: (namespace, pod) => find(namespace, pod).signalAll('SIGCONT'),
    logs(namespace, pod) {
      const prefix = logPrefix(namespace, pod);
      const files = readdirSync(logFolder).filter(file => file.startsWith(prefix));
      return files
        .sort()
        .map(file => readFileSync(join(logFolder, file), 'utf8'))
        .join('');
    },
    stop,
  };
}

/** A pod's loopback is its own: an API server that is known by a loopback address is reached at the node's. */
function endpointFor(url: string, nodeAddress: string): { readonly host: string; readonly port: string } {
  const { hostname, port } = new URL(url);
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  return { host: isLoopback ? nodeAddress : hostname, port: port || '443' };
}
