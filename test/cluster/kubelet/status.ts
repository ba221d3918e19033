import type { ContainerState, Terminated } from './container.ts';
import type { Container, Pod, PodStatus } from './objects.ts';

/** A container as the pod's status shows it. */
export interface ContainerView {
  readonly container: Container;
  readonly state: ContainerState;
  readonly lastTermination: Terminated | undefined;
  readonly restarts: number;
  readonly isStarted: boolean;
  readonly isReady: boolean;
}

export interface PodView {
  readonly pod: Pod;
  readonly hostAddress: string;
  readonly podAddress: string | undefined;
  /** RFC 3339. */
  readonly startTime: string;
  readonly initContainers: readonly ContainerView[];
  readonly containers: readonly ContainerView[];
  readonly isInitialized: boolean;
  /** No container runs or will run again. */
  readonly isOver: boolean;
}

type Condition = NonNullable<PodStatus['conditions']>[number];

/** The status that a kubelet would report; `before` is the one reported last, for the times of the conditions. */
export function statusOf(view: PodView, before: PodStatus | undefined, now: Date): PodStatus {
  const { pod, hostAddress, podAddress, startTime } = view;
  const phase = phaseOf(view);
  return {
    phase,
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    hostIP: hostAddress,
    hostIPs: [{ ip: hostAddress }],
    ...(podAddress !== undefined && { podIP: podAddress, podIPs: [{ ip: podAddress }] }),
    startTime,
    conditions: conditionsOf(view, phase).map(condition => since(condition, before, now)),
    ...(view.initContainers.length > 0 && {
      initContainerStatuses: view.initContainers.map(each => containerStatus(pod, each)),
    }),
    containerStatuses: view.containers.map(each => containerStatus(pod, each)),
  };
}

function phaseOf({ containers, initContainers, isInitialized, isOver }: PodView): NonNullable<PodStatus['phase']> {
  if (isOver) {
    const every = [...initContainers.filter(each => !isSidecar(each)), ...containers];
    const hasSucceeded = every.every(({ state }) => 'terminated' in state && state.terminated.exitCode === 0);
    return hasSucceeded ? 'Succeeded' : 'Failed';
  }
  const hasRun = containers.some(each => !('waiting' in each.state) || each.lastTermination !== undefined);
  return isInitialized && hasRun ? 'Running' : 'Pending';
}

function conditionsOf(view: PodView, phase: string): Condition[] {
  const { pod, isInitialized, podAddress } = view;
  const needed = [...view.initContainers.filter(isSidecar), ...view.containers];
  const unready = needed.filter(each => !each.isReady).map(each => each.container.name);
  const areReady: Omit<Condition, 'type'> =
    phase === 'Succeeded'
      ? { status: 'False', reason: 'PodCompleted' }
      : unready.length > 0
        ? {
            status: 'False',
            reason: 'ContainersNotReady',
            message: `containers with unready status: [${unready.join(' ')}]`,
          }
        : { status: 'True' };
  const closedGates = (pod.spec.readinessGates ?? [])
    .map(gate => gate.conditionType)
    .filter(type => pod.status?.conditions?.find(each => each.type === type)?.status !== 'True');
  const isReady: Omit<Condition, 'type'> =
    areReady.status === 'True' && closedGates.length > 0
      ? { status: 'False', reason: 'ReadinessGatesNotReady', message: `not true: ${closedGates.join(', ')}` }
      : areReady;
  return [
    { type: 'PodReadyToStartContainers', status: podAddress === undefined ? 'False' : 'True' },
    { type: 'Initialized', status: isInitialized ? 'True' : 'False' },
    { type: 'ContainersReady', ...areReady },
    { type: 'Ready', ...isReady },
    { type: 'PodScheduled', status: 'True' },
  ];
}

function since(condition: Condition, before: PodStatus | undefined, now: Date): Condition {
  const last = before?.conditions?.find(({ type }) => type === condition.type);
  const kept = last?.status === condition.status ? last.lastTransitionTime : undefined;
  // Conditions are merged by type, so that a reason which is left out would stay.
  return { reason: '', message: '', ...condition, lastTransitionTime: kept ?? now.toISOString() };
}

function isSidecar({ container }: ContainerView): boolean {
  return container.restartPolicy === 'Always';
}

function containerStatus(pod: Pod, view: ContainerView): NonNullable<PodStatus['containerStatuses']>[number] {
  const { container, state, lastTermination, restarts, isStarted, isReady } = view;
  const image = container.image ?? '';
  const hasRun = !('waiting' in state) || lastTermination !== undefined;
  return {
    name: container.name,
    image,
    imageID: hasRun ? image : '',
    ...(hasRun && { containerID: `process://${pod.metadata.uid}/${container.name}/${restarts}` }),
    ready: isReady,
    started: isStarted,
    restartCount: restarts,
    state,
    ...(lastTermination !== undefined && { lastState: { terminated: lastTermination } }),
  };
}
