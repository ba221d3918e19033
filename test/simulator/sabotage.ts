import { RESOURCES, collectionPath } from '../../kube/resources.ts';
import type { KubeClient, KubeObject, RequestOptions } from '../../kube/types.ts';
import { REPLICAS } from '../../shared/inject/bookkeeping.ts';
import type { Compilation, ScaleStep } from '../../shared/compilation.ts';
import type { Deployment } from '../../shared/deployment.ts';
import type { Snapshot } from '../../shared/snapshot.ts';
import { isMap } from './api-server/json.ts';
import type { Sabotage } from './process.ts';

/** Five plausible bugs, put around the very controller: a simulator that does not find them is worth nothing. */

/** The old version goes as soon as the routes have moved. */
export const retireBeforeDrain: Sabotage = {
  compile: compile => snapshot => {
    const compilation = compile(snapshot);
    return { ...compilation, hosts: compilation.hosts.map(one => ({ ...one, steps: withHaste(one, snapshot) })) };
  },
};

function withHaste({ status, steps }: Compilation['hosts'][number], snapshot: Snapshot): readonly ScaleStep[] {
  const draining = (status?.members ?? []).filter(({ state }) => state === 'Draining');
  const early = draining.flatMap(({ namespace, name, uid }): ScaleStep[] => {
    const found = snapshot.deployments.find(({ metadata }) => metadata.uid === uid);
    const size = found?.spec.replicas ?? 0;
    return size === 0 ? [] : [{ step: 'retire', namespace, name, uid, replicas: 0, remembered: size }];
  });
  return [...steps, ...early];
}

/** A version counts as ready as soon as it has a Service. */
export const weightBeforeReady: Sabotage = {
  compile: compile => snapshot => compile(readyAtOnce(snapshot)),
};

function readyAtOnce(snapshot: Snapshot): Snapshot {
  const { facts, deployments } = snapshot;
  if (facts === undefined) return snapshot;
  const { traffic } = facts;
  const sizes = new Map(
    deployments.map(({ metadata, spec }) => [`${metadata.namespace}/${metadata.name}`, spec.replicas ?? 1]),
  );
  return {
    ...snapshot,
    deployments: deployments.map(one => {
      const size = one.spec.replicas ?? 1;
      const { generation = 0 } = one.metadata;
      const status = { replicas: size, updatedReplicas: size, readyReplicas: size, availableReplicas: size };
      return { ...one, status: { ...status, observedGeneration: generation } };
    }),
    facts: {
      ...facts,
      traffic: {
        ...traffic,
        service(namespace, name) {
          const service = traffic.service(namespace, name);
          return service && { ...service, ready: sizes.get(`${namespace}/${name}`) ?? 1, endpoints: 'all' };
        },
      },
    },
  };
}

/** The size that a version had is not written down. */
export const lostSize: Sabotage = {
  client: client => ({
    ...client,
    request: options => client.request({ ...options, body: withoutSize(options.body) }),
  }),
};

function withoutSize(body: unknown): unknown {
  if (!isMap(body) || !isMap(body['metadata']) || !isMap(body['metadata']['annotations'])) return body;
  const annotations = Object.entries(body['metadata']['annotations']).filter(([key]) => key !== REPLICAS);
  return { ...body, metadata: { ...body['metadata'], annotations: Object.fromEntries(annotations) } };
}

/** What is built is never twice the same, and so never what is there. */
export const writesInALoop: Sabotage = {
  compile: compile => snapshot => {
    const compilation = compile(snapshot);
    const objects = compilation.objects.map(({ group, object }) => ({
      group,
      object: {
        ...object,
        metadata: { ...object.metadata, labels: { ...object.metadata.labels, at: `t${snapshot.now}` } },
      },
    }));
    return { ...compilation, objects, wakeAt: Math.min(compilation.wakeAt ?? Infinity, snapshot.now + 500) };
  },
};

/** Whoever came last takes the host, by a write that does not ask what stands there. */
export const claimWithoutLock: Sabotage = {
  compile: compile => snapshot => compile(asTheNewestSees(snapshot)),
  client: client => ({ ...client, request: options => claimed(client, options) }),
};

/** The Deployments of the namespace that came last alone, and no Host of another one. */
function asTheNewestSees(snapshot: Snapshot): Snapshot {
  const { facts, deployments, focus } = snapshot;
  if (facts === undefined || focus?.startsWith('Host/') !== true) return snapshot;
  const [newest] = deployments.toSorted((a, b) => (createdAt(a) < createdAt(b) ? 1 : -1));
  const namespace = newest?.metadata.namespace;
  const { traffic } = facts;
  return {
    ...snapshot,
    deployments: deployments.filter(({ metadata }) => metadata.namespace === namespace),
    facts: {
      ...facts,
      traffic: {
        ...traffic,
        host(name) {
          const host = traffic.host(name);
          return namespace === undefined || host?.spec.namespace === namespace ? host : undefined;
        },
      },
    },
  };
}

function createdAt({ metadata: { creationTimestamp = '', name } }: Deployment): string {
  return `${creationTimestamp} ${name}`;
}

async function claimed(client: KubeClient, options: RequestOptions): Promise<unknown> {
  const path = collectionPath(RESOURCES.hosts);
  if (options.method !== 'POST' || options.path.split('?')[0] !== path) return client.request(options);
  const { spec, metadata } = options.body as KubeObject;
  try {
    return await client.request(options);
  } catch {
    const contentType = 'application/merge-patch+json';
    return client.request({
      ...options,
      method: 'PATCH',
      path: `${path}/${metadata.name}`,
      body: { spec },
      contentType,
    });
  }
}
