import { setTimeout as delay } from 'node:timers/promises';
import { RESOURCES, collectionPath, objectPath } from '../../kube/resources.ts';
import type { KubeObject } from '../../kube/types.ts';
import { APPLY, MERGE } from './controller-client.ts';
import type { Client } from './controller-client.ts';
import type { ControllerProcess } from './controller-program.ts';
import { stocked } from './controller-stock.ts';
import type { Stocked } from './controller-stock.ts';

export interface EditCost {
  /** The controller's CPU, all threads. */
  readonly microseconds: number;
  /** Milliseconds from the sending of an apply until a watch showed the VirtualService; ascending. */
  readonly latencies: readonly number[];
}

/** Milliseconds that the last edit may still keep the controller busy. */
const REST = 500;
const PATIENCE = 30_000;
/** The apply, and the status. */
export const WRITES_OF_EDITOR = 2;
/** Coprime to every number of Deployments that is used, so that edits come to all kinds of them. */
const STRIDE = 7919;

export interface EditOptions {
  readonly size: number;
  readonly edits: number;
  /** Seconds: of the first edit, each later one has a second more. */
  readonly timeout: number;
}

/** Edits one Deployment after the other, each as soon as what the one before led to is there. */
export async function edit(
  client: Client,
  controller: ControllerProcess,
  { size, edits, timeout }: EditOptions,
): Promise<EditCost> {
  const routes = await watchRoutes(client);
  const latencies: number[] = [];
  const before = controller.cpuMicroseconds();
  for (let i = 0; i < edits; i++) {
    const one = stocked((i * STRIDE) % size);
    latencies.push(await editOne(client, routes, one, timeout + i));
  }
  await delay(REST);
  const microseconds = (controller.cpuMicroseconds() - before) / edits;
  await routes.stop();
  return { microseconds, latencies: latencies.toSorted((a, b) => a - b) };
}

async function editOne(client: Client, routes: Routes, one: Stocked, timeout: number): Promise<number> {
  const { namespace, name, route } = one;
  const path = objectPath(RESOURCES.deployments, namespace, name);
  const body = JSON.stringify(one.manifest(timeout));
  const written = routes.next(`${namespace}/${route}`, text => text.includes(`"timeout":"${timeout}s"`));
  const begin = performance.now();
  const applied = client.ask({
    method: 'PATCH',
    path: `${path}?fieldManager=kubectl&force=true`,
    body,
    type: APPLY,
  }) as Promise<KubeObject>;
  const [end, { metadata }] = await Promise.all([written, applied]);
  // As the Deployment's controller would, which has seen the edit.
  const status = JSON.stringify({ status: { observedGeneration: metadata['generation'] } });
  await client.send({ method: 'PATCH', path: `${path}/status`, body: status, type: MERGE });
  return end - begin;
}

interface Routes {
  /** When (`performance.now()`) the VirtualService was seen with a `spec` whose JSON is as asked. */
  next(key: string, isAsAsked: (spec: string) => boolean): Promise<number>;
  stop(): Promise<void>;
}

async function watchRoutes(client: Client): Promise<Routes> {
  const path = collectionPath(RESOURCES.virtualServices);
  const listed = (await client.ask({ method: 'GET', path: `${path}?limit=1` })) as KubeObject;
  const stopping = new AbortController();
  let waiting: { key: string; isAsAsked: (spec: string) => boolean; seen: (at: number) => void } | undefined;

  async function follow(): Promise<void> {
    const query = `watch=true&resourceVersion=${listed.metadata.resourceVersion ?? ''}`;
    for await (const event of client.watch(`${path}?${query}`, stopping.signal)) {
      const { metadata, spec } = (event as { readonly object: KubeObject }).object;
      const key = `${metadata.namespace ?? ''}/${metadata.name}`;
      if (waiting?.key === key && waiting.isAsAsked(JSON.stringify(spec))) waiting.seen(performance.now());
    }
  }

  const following = follow();
  return {
    next: (key, isAsAsked) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`VirtualService ${key} was not written`)), PATIENCE);
        waiting = {
          key,
          isAsAsked,
          seen: at => {
            clearTimeout(timer);
            waiting = undefined;
            resolve(at);
          },
        };
        following.catch(reject);
      }),
    async stop() {
      stopping.abort();
      await following;
    },
  };
}
