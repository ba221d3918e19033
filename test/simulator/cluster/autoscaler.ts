import { RESOURCES } from '../../../kube/resources.ts';
import { createDelayed, patchSpec } from './ask.ts';
import type { Surroundings } from './ask.ts';

/** Milliseconds. */
const REACTION = { low: 500, high: 15_000 };

export interface Autoscaler {
  /** The load of a Deployment is such that it needs so many Pods. */
  setLoad(namespace: string, deployment: string, pods: number): void;
}

/** The controller of HorizontalPodAutoscalers: it leaves alone what is scaled to zero. */
export function createAutoscaler(world: Surroundings): Autoscaler {
  const { server } = world;
  const loads = new Map<string, number>();

  const sync = createDelayed(world, REACTION.low, REACTION.high, key => {
    const [namespace = '', name = ''] = key.split('/');
    const object = server.get(RESOURCES.horizontalPodAutoscalers, namespace, name);
    const deployment = server.get(RESOURCES.deployments, namespace, name);
    if (object === undefined || deployment === undefined) return;
    const { minReplicas, maxReplicas } = object['spec'] as { minReplicas: number; maxReplicas: number };
    const { replicas } = deployment['spec'] as { replicas: number };
    const wanted = Math.min(Math.max(loads.get(key) ?? replicas, minReplicas), maxReplicas);
    if (replicas !== 0 && replicas !== wanted)
      patchSpec(world, RESOURCES.deployments, deployment, { replicas: wanted });
  });

  server.store.onCommit(({ resource }, { object, type }) => {
    const isOurs = resource.kind === 'HorizontalPodAutoscaler' || resource.kind === 'Deployment';
    const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    if (isOurs && type !== 'DELETED' && server.get(RESOURCES.horizontalPodAutoscalers, ...addressOf(key))) sync(key);
  });

  return {
    setLoad(namespace, deployment, pods) {
      loads.set(`${namespace}/${deployment}`, pods);
      sync(`${namespace}/${deployment}`);
    },
  };
}

function addressOf(key: string): [namespace: string, name: string] {
  const [namespace = '', name = ''] = key.split('/');
  return [namespace, name];
}
