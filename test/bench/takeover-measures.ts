import type { AuditEntry } from '../cluster/types.ts';
import { CONTROLLER, writesOf } from '../integration/audit.ts';
import { eventually } from '../integration/eventually.ts';
import { deployment, inferenceService } from '../integration/manifests.ts';
import { pathOf } from '../integration/objects.ts';
import { controllerWrites, movesIn, whilePasses } from '../integration/traffic/chronicle.ts';
import { hostOf } from '../integration/traffic/scene.ts';
import type { Scene } from '../integration/traffic/scene.ts';
import { failures, firstAnswer, lastAnswer } from '../integration/traffic/tally.ts';
import { nameOf } from '../integration/traffic/version.ts';
import type { VersionOptions } from '../integration/traffic/version.ts';
import { someLeader } from '../integration/waymark-pods.ts';
import { SYSTEM } from '../integration/world.ts';
import type { World } from '../integration/world.ts';

export const BAKE = 2_000;
/** Requests a second. */
export const RATE = 200;
/** As what the peers were measured with: three replicas that need half a second to start. */
const WORKLOAD: VersionOptions = { replicas: 3, variables: { START_AFTER: '500' }, bake: '2s', drain: '2s' };
/** Milliseconds from its start at which each Pod of the bad version fails, again and again: soon after it has the traffic. */
const FAILS_AFTER = '5000';
export const FAILING_FOR = 40_000;
export const QUIET_APPS = 100;
export const QUIET_FOR = 60_000;
const SOON = { within: 10_000 };

const [ONE, TWO] = [nameOf(1), nameOf(2)];

/** Milliseconds and counts. */
export interface Takeover {
  /** From the apply to the first answer of the new version. */
  readonly toNew: number;
  /** How much later that was than when the new version had been ready for `bake`. */
  readonly late: number;
  /** Answers of the old version after the controller said that it was done. */
  readonly oldAfterDone: number;
  readonly failed: number;
  readonly writes: number;
}

export async function takeover(scene: Scene): Promise<Takeover> {
  const traffic = await scene.begin(WORKLOAD, RATE);
  const appliedAt = Date.now();
  await scene.apply(2, WORKLOAD);
  await scene.reach({ [ONE]: 'Retired', [TWO]: 'Active' });
  const answers = await traffic.stop();
  const writes = await controllerWrites(scene, appliedAt);
  const [move] = movesIn(writes, scene);
  // The first Event after the move is `Promoted`; the Host has said it just before.
  const done = writes.find(({ resource, at }) => resource === 'events' && at > (move?.at ?? Infinity));
  if (done === undefined) throw new Error(`${scene.host} never said that it was done`);
  const newAt = firstAnswer(answers, TWO) ?? NaN;
  const readyAt = await lastEndpoint(scene, TWO, newAt);
  return {
    toNew: newAt - appliedAt,
    late: newAt - readyAt - BAKE,
    oldAfterDone: answers.filter(({ at, pod }) => at > done.at && pod.startsWith(ONE)).length,
    failed: failures(answers).length,
    writes: writes.length,
  };
}

/** From the pin of the old version, which is still up, to the last answer of the new one. */
export async function wayBack(scene: Scene): Promise<number> {
  const traffic = await scene.begin(WORKLOAD, RATE);
  await scene.apply(2, { ...WORKLOAD, strategy: 'coexist' });
  await scene.reach({ [TWO]: 'Active' });
  await whilePasses(1_000);
  const pinnedAt = Date.now();
  await scene.pin(1);
  await scene.reach({ [ONE]: 'Active' });
  await whilePasses(1_000);
  return (lastAnswer(await traffic.stop(), TWO) ?? NaN) - pinnedAt;
}

/** How much later than without it the route moves when the controller is killed half a second before that. */
export async function killedInTheMiddle(scene: Scene): Promise<number> {
  const { world } = scene;
  const traffic = await scene.begin(WORKLOAD, RATE);
  await scene.apply(2, WORKLOAD);
  await scene.reach({ [TWO]: 'Baking' });
  await whilePasses(BAKE - 500);
  await world.kubelet.crash(SYSTEM, await someLeader(world.cluster));
  await scene.reach({ [TWO]: 'Active' });
  const newAt = firstAnswer(await traffic.stop(), TWO) ?? NaN;
  return newAt - (await lastEndpoint(scene, TWO, newAt)) - BAKE;
}

export interface Crash {
  /** Moves of the route after the new version had it. */
  readonly moves: number;
  /** From the moment when the API server knew that an endpoint was lost to the move. */
  readonly handBack: number;
  readonly failed: number;
  readonly answeredInTheEnd: string;
}

/** All Pods of a version fail soon after it has the traffic, and go on failing. */
export async function crashing(scene: Scene): Promise<Crash> {
  const traffic = await scene.begin(WORKLOAD, RATE);
  const variables = { ...WORKLOAD.variables, FAIL_AFTER: FAILS_AFTER };
  await scene.apply(2, { ...WORKLOAD, variables, bake: '3s', drain: '30s' });
  await scene.reach({ [TWO]: 'Active' });
  const since = Date.now();
  await whilePasses(FAILING_FOR);
  const answers = await traffic.stop();
  const [back, ...more] = movesIn(await controllerWrites(scene, since), scene);
  const lost = (await endpointWrites(scene, TWO)).find(({ at }) => at > since);
  return {
    moves: back === undefined ? 0 : 1 + more.length,
    handBack: (back?.at ?? NaN) - (lost?.at ?? NaN),
    failed: failures(answers).length,
    answeredInTheEnd: answers.at(-1)?.pod ?? '',
  };
}

export interface Quiet {
  readonly reads: number;
  readonly writes: number;
}

/** What the controller asks the API server for while nothing happens, but for its Lease. Pods that do nothing stand for the apps. */
export async function quiet(world: World, scene: Scene): Promise<Quiet> {
  const { cluster } = world;
  for (let index = 0; index < QUIET_APPS; index++) {
    const host = `hosts: [app-${index}.${scene.host}]`;
    const { status, body } = await cluster.api('POST', pathOf('Deployment', scene.namespace), idle(scene, index, host));
    if (status !== 201) throw new Error(`an app was answered ${status}: ${JSON.stringify(body)}`);
  }
  await eventually(
    async () => {
      const host = await hostOf(world, `app-${QUIET_APPS - 1}.${scene.host}`);
      if (host?.status?.active === undefined) throw new Error('not all apps are up');
    },
    { within: 120_000 },
  );
  await whilePasses(10_000);
  const since = Date.now();
  await whilePasses(QUIET_FOR);
  const entries = (await cluster.audit(since)).filter(isNoWatch);
  const asked = entries.filter(({ user, resource }) => user === CONTROLLER && resource !== 'leases');
  const writes = writesOf(asked).length;
  return { reads: asked.length - writes, writes };
}

/** A watch that runs out and is asked for again reads nothing that has not changed. */
function isNoWatch({ verb }: AuditEntry): boolean {
  return verb !== 'watch';
}

function idle({ namespace }: Scene, index: number, host: string): object {
  const { spec, ...manifest } = deployment(`${namespace}/serving-idle-${index}`, {
    config: inferenceService('idle', `v${index}`, host),
    replicas: 1,
  });
  const { template } = spec;
  const containers = [{ name: 'main', image: 'echo', ports: [{ containerPort: 8080 }], command: ['sleep', '3600'] }];
  const pod = { terminationGracePeriodSeconds: 0, containers };
  return { ...manifest, spec: { ...spec, template: { ...template, spec: pod } } };
}

/** When the API server last heard of a change of a version's endpoints before a moment: milliseconds since the epoch. */
async function lastEndpoint(scene: Scene, service: string, before: number): Promise<number> {
  return (await endpointWrites(scene, service)).findLast(({ at }) => at < before)?.at ?? NaN;
}

async function endpointWrites({ world, namespace }: Scene, service: string): Promise<readonly AuditEntry[]> {
  const entries = await eventually(() => world.cluster.audit(), SOON);
  return entries.filter(
    ({ resource, namespace: within, name, verb, code }) =>
      resource === 'endpointslices' &&
      within === namespace &&
      name.startsWith(service) &&
      (verb === 'update' || verb === 'patch' || verb === 'create') &&
      code < 300,
  );
}
