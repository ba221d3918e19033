import { isDeepStrictEqual } from 'node:util';
import { RESOURCES } from '../../../kube/resources.ts';
import type { KubeObject } from '../../../kube/types.ts';
import type { Deployment } from '../../../shared/deployment.ts';
import { createDelayed, patchStatus } from './ask.ts';
import type { Surroundings } from './ask.ts';

export interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Text of the Pod template. */
  readonly template: string;
  /** `ending` = it was told to, and still answers. */
  state: 'starting' | 'ready' | 'unready' | 'ending' | 'gone';
}

/** How the Pods of a Deployment behave. */
export interface Health {
  /** Milliseconds until a new Pod is ready; `undefined` = it never is. */
  readonly startup: number | undefined;
}

/** The controllers of Deployments and ReplicaSets, and the kubelet: they make Pods and tell the status. */
export interface Pods {
  /** Those that are not gone. */
  of(namespace: string, deployment: string): readonly Pod[];
  /** In a namespace, with all of these labels. */
  selected(namespace: string, labels: Readonly<Record<string, string>>): readonly Pod[];
  setHealth(namespace: string, deployment: string, health: Health): void;
  /** So many ready Pods of it are unready for a while; 0 = for ever. A crash loses connections at once. */
  upset(namespace: string, deployment: string, count: number, milliseconds: number): void;
}

/** Milliseconds. */
const REACTION = { low: 5, high: 400 };
const GOODBYE = { low: 500, high: 3000 };
const START = 1000;

interface Owned {
  readonly uid: string;
  pods: Pod[];
}

export function createPods(world: Surroundings, onChange: (namespace: string) => void): Pods {
  const { server, time, dice } = world;
  const owned = new Map<string, Owned>();
  const healths = new Map<string, Health>();
  let count = 0;

  const sync = createDelayed(world, REACTION.low, REACTION.high, key => {
    const [namespace = '', name = ''] = key.split('/');
    const object = server.get(RESOURCES.deployments, namespace, name);
    const known = owned.get(key);
    if (known !== undefined && known.uid !== object?.metadata.uid) {
      // Of an earlier Deployment of this name.
      for (const pod of known.pods) finish(key, pod);
      owned.delete(key);
    }
    if (object !== undefined) roll(key, object);
  });

  function move(key: string, pod: Pod, state: Pod['state']): void {
    if (pod.state === 'gone' || pod.state === state) return;
    pod.state = state;
    onChange(pod.namespace);
    sync(key);
  }

  function finish(key: string, pod: Pod): void {
    if (pod.state === 'ending' || pod.state === 'gone') return;
    move(key, pod, 'ending');
    time.after(dice.delay(GOODBYE.low, GOODBYE.high), () => move(key, pod, 'gone'));
  }

  function start(key: string, { metadata, spec }: Deployment, template: string): Pod {
    const number = ++count;
    const pod: Pod = {
      name: `${metadata.name}-${number}`,
      namespace: metadata.namespace,
      address: `10.244.${number >> 8}.${number & 255}`,
      labels: spec.template.metadata?.labels ?? {},
      template,
      state: 'starting',
    };
    const { startup } = healths.get(key) ?? { startup: START };
    if (startup !== undefined) {
      time.after(startup + dice.delay(0, 500), () => {
        if (pod.state === 'starting') move(key, pod, 'ready');
      });
    }
    return pod;
  }

  /** One step of a rolling update that never has less than what is wanted, where it can. */
  function roll(key: string, object: KubeObject): void {
    const deployment = object as unknown as Deployment;
    const { uid = '' } = object.metadata;
    const template = JSON.stringify(deployment.spec.template);
    const mine = owned.get(key) ?? { uid, pods: [] };
    owned.set(key, mine);
    mine.pods = mine.pods.filter(({ state }) => state !== 'gone');
    const wanted = deployment.spec.replicas ?? 1;
    const live = () => mine.pods.filter(({ state }) => state !== 'ending');
    const isNew = (pod: Pod) => pod.template === template;
    const surge = live().every(isNew) ? 0 : Math.max(1, Math.ceil(wanted / 4));
    while (live().filter(isNew).length < wanted && live().length < wanted + surge) {
      mine.pods.push(start(key, deployment, template));
    }
    const ready = () => live().filter(({ state }) => state === 'ready');
    for (const pod of live().filter(one => !isNew(one))) {
      if (pod.state !== 'ready' || ready().length > wanted || wanted === 0) finish(key, pod);
    }
    const surplus = live().filter(isNew).length - wanted;
    const leaving = live()
      .filter(isNew)
      .sort((a, b) => Number(a.state === 'ready') - Number(b.state === 'ready'));
    for (const pod of leaving.slice(0, Math.max(0, surplus))) finish(key, pod);
    tell(object, mine, isNew);
  }

  function tell(object: KubeObject, { pods }: Owned, isNew: (pod: Pod) => boolean): void {
    const live = pods.filter(({ state }) => state !== 'ending');
    const ready = live.filter(({ state }) => state === 'ready').length;
    const status = {
      observedGeneration: object.metadata['generation'],
      replicas: live.length,
      updatedReplicas: live.filter(isNew).length,
      readyReplicas: ready,
      availableReplicas: ready,
      unavailableReplicas: live.length - ready,
    };
    if (!isDeepStrictEqual(object['status'], status)) patchStatus(world, RESOURCES.deployments, object, status);
  }

  server.store.onCommit(({ resource }, { object }) => {
    if (resource.kind === 'Deployment') sync(`${object.metadata.namespace ?? ''}/${object.metadata.name}`);
  });

  return {
    of: (namespace, name) => owned.get(`${namespace}/${name}`)?.pods.filter(({ state }) => state !== 'gone') ?? [],
    selected: (namespace, labels) =>
      [...owned.values()]
        .flatMap(({ pods }) => pods)
        .filter(pod => pod.namespace === namespace && pod.state !== 'gone')
        .filter(pod => Object.entries(labels).every(([name, value]) => pod.labels[name] === value)),
    setHealth: (namespace, name, health) => void healths.set(`${namespace}/${name}`, health),
    upset(namespace, name, number, milliseconds) {
      const key = `${namespace}/${name}`;
      const ready = owned.get(key)?.pods.filter(({ state }) => state === 'ready') ?? [];
      for (const pod of ready.slice(0, number)) {
        move(key, pod, 'unready');
        if (milliseconds === 0) continue;
        time.after(milliseconds, () => {
          if (pod.state === 'unready') move(key, pod, 'ready');
        });
      }
    },
  };
}
