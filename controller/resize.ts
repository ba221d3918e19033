import { isConflict } from '../kube/kube-error.ts';
import { readObject } from '../kube/read-object.ts';
import { RESOURCES, objectPath } from '../kube/resources.ts';
import type { KubeClient, KubeObject } from '../kube/types.ts';
import type { Logger } from '../runtime/log.ts';
import { REPLICAS } from '../shared/inject/bookkeeping.ts';
import type { HostOutcome, ScaleStep } from '../shared/compilation.ts';
import { hostGroup } from '../shared/plan/hosts.ts';
import { FIELD_MANAGER } from '../shared/render/labels.ts';
import { CacheBehind } from './cache-behind.ts';
import type { LiveChild } from './children.ts';
import type { World } from './observe.ts';

export interface ResizerOptions {
  readonly world: Pick<World, 'deployments' | 'children' | 'hostsOf' | 'resourceOf'>;
  readonly client: KubeClient;
  /** Rejects when another process leads. */
  readonly fence: () => Promise<void>;
  readonly onWrite: (kind: string, verb: 'patch') => void;
  readonly log: Logger;
}

/** Retires Deployments and brings them back. Rejects with KubeError, or with CacheBehind. */
export interface Resizer {
  resize(outcomes: readonly HostOutcome[]): Promise<void>;
}

/**
 * Nothing is scaled down on what is only believed: this process leads by what the API server says, the routes are those
 * that our watch shows, and the Deployment is the one, in the state, that was decided on.
 */
export function createResizer({ world, client, fence, onWrite, log }: ResizerOptions): Resizer {
  /** A watch that stands still does not know it. */
  async function confirm({ child: { kind, metadata }, resourceVersion }: LiveChild): Promise<void> {
    const { namespace, name } = metadata;
    const resource = world.resourceOf(kind);
    if (resource === undefined) throw new Error(`no resource is known for ${kind}`);
    const found = await readObject(client, objectPath(resource, namespace, name));
    if (found?.metadata.resourceVersion !== resourceVersion) throw new CacheBehind(`${kind} ${namespace}/${name}`);
  }

  async function confirmRoutes(host: string, { namespace, name }: ScaleStep): Promise<void> {
    const hosts = new Set([host, ...world.hostsOf(namespace, name)]);
    const routes = [...hosts].map(one => world.children.ofGroup(hostGroup(one)));
    if (routes[0]?.length === 0) throw new CacheBehind(`the routes of ${host}`);
    for (const route of routes.flat()) await confirm(route);
  }

  async function take(host: string, step: ScaleStep): Promise<void> {
    const { namespace, name, uid, replicas, remembered } = step;
    const known = world.deployments.get(namespace, name);
    if (known?.uid !== uid) throw new CacheBehind(`Deployment ${namespace}/${name}`);
    await fence();
    if (step.step === 'retire') await confirmRoutes(host, step);
    const path = objectPath(RESOURCES.deployments, namespace, name);
    onWrite(RESOURCES.deployments.kind, 'patch');
    try {
      const written = await client.request({
        method: 'PATCH',
        path: `${path}?fieldManager=${FIELD_MANAGER}`,
        contentType: 'application/merge-patch+json',
        body: {
          metadata: {
            uid,
            resourceVersion: known.resourceVersion,
            annotations: { [REPLICAS]: remembered === undefined ? null : String(remembered) },
          },
          spec: { replicas },
        },
      });
      world.deployments.wrote(written as KubeObject);
    } catch (error) {
      if (!isConflict(error)) throw error;
      const found = await readObject(client, path);
      if (found !== undefined) world.deployments.wrote(found);
      throw new CacheBehind(`Deployment ${namespace}/${name}`);
    }
    log.info({ host, deployment: `${namespace}/${name}`, step: step.step, replicas }, 'scaled');
  }

  return {
    async resize(outcomes) {
      for (const { host, steps } of outcomes) for (const step of steps) await take(host, step);
    },
  };
}
