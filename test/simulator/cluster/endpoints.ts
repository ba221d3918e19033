import { RESOURCES, collectionPath, objectPath } from '../../../kube/resources.ts';
import type { KubeObject } from '../../../kube/types.ts';
import { createDelayed, write } from './ask.ts';
import type { Surroundings } from './ask.ts';
import type { Pod, Pods } from './pods.ts';

/** Milliseconds from a change of Pods to the slices that tell of it. */
const REACTION = { low: 5, high: 800 };

const LABEL = 'kubernetes.io/service-name';

export interface Endpoints {
  /** Something about the Pods of a namespace has changed. */
  podsChanged(namespace: string): void;
}

/** The controller that writes the EndpointSlices of every Service with a selector; `perSlice` endpoints in each. */
export function createEndpoints(world: Surroundings, pods: () => Pods, perSlice: number): Endpoints {
  const { server } = world;

  const sync = createDelayed(world, REACTION.low, REACTION.high, key => {
    const [namespace = '', name = ''] = key.split('/');
    const service = server.get(RESOURCES.services, namespace, name);
    const selector = (service?.['spec'] as { selector?: Record<string, string> } | undefined)?.selector;
    if (service === undefined || selector === undefined) return;
    const selected = pods().selected(namespace, selector);
    const known = slicesOf(namespace, name).length;
    const needed = Math.max(1, Math.ceil(selected.length / perSlice));
    for (let i = 0; i < Math.max(known, needed); i++) {
      put(sliceOf(service, i, selected.slice(i * perSlice, (i + 1) * perSlice)));
    }
  });

  function slicesOf(namespace: string, service: string): readonly KubeObject[] {
    return server
      .collection(RESOURCES.endpointSlices)
      .list()
      .filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.[LABEL] === service);
  }

  function put(slice: KubeObject): void {
    const { namespace = '', name } = slice.metadata;
    const isThere = server.get(RESOURCES.endpointSlices, namespace, name) !== undefined;
    if (isThere) write(server, 'PUT', objectPath(RESOURCES.endpointSlices, namespace, name), slice);
    else write(server, 'POST', collectionPath(RESOURCES.endpointSlices, namespace), slice);
  }

  server.store.onCommit(({ resource }, { object, type }) => {
    if (resource.kind === 'Service' && type !== 'DELETED') {
      sync(`${object.metadata.namespace ?? ''}/${object.metadata.name}`);
    }
  });

  return {
    podsChanged(namespace) {
      for (const { metadata } of server.collection(RESOURCES.services).list()) {
        if (metadata.namespace === namespace) sync(`${namespace}/${metadata.name}`);
      }
    },
  };
}

function sliceOf(service: KubeObject, index: number, pods: readonly Pod[]): KubeObject {
  const { name, namespace = '', uid = '' } = service.metadata;
  const { ports } = service['spec'] as { ports: readonly { name?: string; targetPort?: unknown; protocol?: string }[] };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${index}`,
      namespace,
      labels: { [LABEL]: name, 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true }],
    },
    addressType: 'IPv4',
    endpoints: pods.map(({ address, state, name: pod }) => ({
      addresses: [address],
      conditions: {
        ready: state === 'ready',
        serving: state === 'ready' || state === 'ending',
        terminating: state === 'ending',
      },
      targetRef: { kind: 'Pod', namespace, name: pod, uid: `pod-${pod}` },
    })),
    ports: ports.map(({ name: port, targetPort, protocol }) => ({ name: port ?? '', port: targetPort, protocol })),
  };
}
