import { afterAll, describe, expect, it } from '@jest/globals';
import type { ApiGate } from '../cluster/parts/api-gate.ts';
import { writesOf } from './audit.ts';
import { eventually } from './eventually.ts';
import { mostWrites, whilePasses } from './traffic/chronicle.ts';
import { finalState } from './traffic/final-state.ts';
import { brief, concerns, eachOf, kindOf, gatedImages, killAfterRenewal, killAfterWrites } from './traffic/gated.ts';
import { hostOf, lastReady } from './traffic/scene.ts';
import type { Scene } from './traffic/scene.ts';
import { setStage } from './traffic/stage.ts';
import { answerers, failures } from './traffic/tally.ts';
import type { Answer } from './traffic/answer.ts';
import type { Traffic } from './traffic/traffic.ts';
import { nameOf } from './traffic/version.ts';
import { scaleWaymark, someLeader } from './waymark-pods.ts';
import { SYSTEM } from './world.ts';

/** Stories in which the whole cluster suffers: one after the other, on one stage. */

const [ONE, TWO] = [nameOf(1), nameOf(2)];
const DONE = { [ONE]: 'Retired', [TWO]: 'Active' } as const;
const HOUR = 3_600_000;

let gate: ApiGate | undefined;
const stage = setStage({
  longestBackoff: 250,
  async images(images, cluster) {
    const gated = await gatedImages(images, cluster);
    gate = gated.gate;
    return gated.images;
  },
});
afterAll(() => gate?.close());

interface Outcome {
  readonly answers: readonly Answer[];
  readonly state: unknown;
}

function gateOf(): ApiGate {
  if (gate === undefined) throw new Error('only inside a test');
  return gate;
}

/** Scenes with their first version, under traffic. */
function begun(names: readonly string[], rate?: number): Promise<readonly (readonly [Scene, Traffic])[]> {
  return Promise.all(
    names.map(async name => {
      const scene = await stage.scene(name);
      return [scene, await scene.begin({ replicas: 1 }, rate)] as const;
    }),
  );
}

async function ended([scene, traffic]: readonly [Scene, Traffic]): Promise<Outcome> {
  await scene.reach(DONE);
  const answers = await traffic.stop();
  const state = await settled(scene);
  await scene.end();
  return { answers, state };
}

/** What was written, whosever it was: `hosts`, `virtualservices`. */
function kindsOf(writes: readonly string[]): readonly string[] {
  return [...new Set(writes.map(kindOf))].map(String).sort();
}

let undisturbed: unknown;

/** What is told last may be told by a process that has yet to start. */
async function settled(scene: Scene): Promise<unknown> {
  const look = async () => {
    const state = await finalState(scene);
    if (undisturbed !== undefined) expect(state).toEqual(undisturbed);
    return state;
  };
  return eventually(look, { within: 15_000, every: 500 }).catch(() => finalState(scene));
}

function expectUndisturbed({ answers, state }: Outcome): void {
  expect(failures(answers)).toEqual([]);
  expect(answerers(answers)).toEqual([ONE, TWO]);
  expect(state).toEqual(undisturbed);
}

/** All writes of a takeover that nobody disturbs. */
let writes: readonly string[] = [];

describe('a takeover', () => {
  it('that nobody disturbs costs at most eight writes', async () => {
    const [run] = await begun(['calm']);
    if (run === undefined) throw new Error('no scene');
    const [scene] = run;
    const heard: string[] = [];
    const stop = gateOf().listen(write => {
      if (concerns(scene, write)) heard.push(brief(write));
    });

    const appliedAt = Date.now();
    await scene.apply(2, { replicas: 1 });
    const readyAt = lastReady(await scene.untilReady(2, 1));
    const outcome = await ended(run);

    stop();
    writes = heard;
    undisturbed = outcome.state;
    expectUndisturbed(outcome);
    // The built-in host of the new version is no part of the takeover.
    const own = writes.filter(write => !write.endsWith(`/virtualservices/${TWO}`));
    expect(own.length > mostWrites(readyAt - appliedAt) ? own : []).toEqual([]);
  });
});

// Whoever watches waits longer after each outage that comes within two minutes of another: the other one comes last.
describe('R-17: a takeover', () => {
  it('loses no request while the API server is away for 10 s, and the leader renews its Lease once afterwards and dies', async () => {
    const { cluster } = stage.world();
    const runs = await begun(['left-baking', 'left-draining']);
    const [[baking], [draining]] = runs as unknown as readonly [readonly [Scene], readonly [Scene]];
    await draining.apply(2, { replicas: 1 });
    await draining.reach({ [ONE]: 'Draining' });
    await baking.apply(2, { replicas: 1 });
    await baking.reach({ [TWO]: 'Baking' });

    await cluster.stopApiServer();
    await whilePasses(10_000);
    const killed = killAfterRenewal(stage.world(), gateOf());
    await cluster.startApiServer();
    await killed;
    const outcomes = await Promise.all(runs.map(ended));

    outcomes.forEach(expectUndisturbed);
  });
});

describe('a takeover', () => {
  it('R-19: ends in the same state when the controller is killed after each of its writes, without a failed request', async () => {
    const runs = await begun(
      writes.map((_, index) => `killed-${index + 1}`),
      50,
    );
    const each = eachOf(writes);
    const plan = runs.flatMap(([scene], index) => each.slice(index, index + 1).map(write => ({ scene, write })));
    const killing = killAfterWrites(stage.world(), gateOf(), plan);

    await Promise.all(runs.map(([scene]) => scene.apply(2, { replicas: 1 })));
    const outcomes = await Promise.all(runs.map(ended));

    killing.stop();
    outcomes.forEach(expectUndisturbed);
    // All of them suffer from every kill, and one that starts late has less to say: the last numbers may never come.
    expect(killing.after.length).toBeGreaterThanOrEqual(writes.length - 2);
    expect(kindsOf(killing.after)).toEqual(kindsOf(writes));
  });
});

describe('R-18: two controllers', () => {
  it('go on where the leader stopped that was told to go', async () => {
    await scaleWaymark(stage.world(), 'controller', 2);
    const runs = await begun(['handed-on']);
    await Promise.all(runs.map(([scene]) => scene.apply(2, { replicas: 1 })));
    await Promise.all(runs.map(([scene]) => scene.reach({ [TWO]: 'Baking' })));

    const leader = await someLeader(stage.world().cluster);
    await stage.world().kubectl(['delete', 'pod', leader, '-n', SYSTEM, '--wait=false']);

    for (const run of runs) expectUndisturbed(await ended(run));
  });

  it('go on when the leader freezes for 20 s, who writes nothing when it wakes', async () => {
    const { cluster, kubelet } = stage.world();
    await scaleWaymark(stage.world(), 'controller', 2);
    const runs = await begun(['frozen-baking', 'frozen-draining']);
    const [[baking], [draining]] = runs as unknown as readonly [readonly [Scene], readonly [Scene]];
    await draining.apply(2, { replicas: 1 });
    await draining.reach({ [ONE]: 'Draining' });
    await baking.apply(2, { replicas: 1, bake: '2s' });
    await baking.reach({ [TWO]: 'Baking' });

    const frozen = await someLeader(cluster);
    kubelet.pause(SYSTEM, frozen);
    await whilePasses(20_000);
    const from = Date.now();
    kubelet.resume(SYSTEM, frozen);
    const outcomes = await Promise.all(runs.map(ended));
    await whilePasses(2_000);

    outcomes.forEach(expectUndisturbed);
    expect(writesOf(await cluster.audit(from)).filter(({ pod }) => pod === frozen)).toEqual([]);
    await scaleWaymark(stage.world(), 'controller', 1);
  });
});

describe('R-17: takeovers', () => {
  it('lose no request while etcd stands still for 10 s, and then the API server is away for 10 s', async () => {
    const { cluster } = stage.world();
    const runs = await begun(['away-baking', 'away-draining']);
    const [[baking], [draining]] = runs as unknown as readonly [readonly [Scene], readonly [Scene]];
    await draining.apply(2, { replicas: 1 });
    await draining.reach({ [ONE]: 'Draining' });
    await baking.apply(2, { replicas: 1 });
    await baking.reach({ [TWO]: 'Baking' });

    cluster.pauseEtcd();
    await whilePasses(10_000);
    cluster.resumeEtcd();
    await whilePasses(2_000);
    await cluster.stopApiServer();
    await whilePasses(10_000);
    await cluster.startApiServer();
    const outcomes = await Promise.all(runs.map(ended));

    outcomes.forEach(expectUndisturbed);
  });
});

describe('a controller whose clock is an hour off', () => {
  it.each([HOUR, -HOUR])('by %s ms does the same, and tells the time as the API server does', async ahead => {
    const world = stage.world();
    await world.kubectl(['set', 'env', 'deployment/waymark-controller', `CLOCK_AHEAD=${ahead}`, '-n', SYSTEM]);
    await world.kubectl(['rollout', 'status', 'deployment/waymark-controller', '-n', SYSTEM, '--timeout=30s']);
    const runs = await begun([ahead > 0 ? 'ahead' : 'behind']);
    const since = Date.now();

    await Promise.all(runs.map(([scene]) => scene.apply(2, { replicas: 1 })));
    await Promise.all(runs.map(([scene]) => scene.reach(DONE)));
    const hosts = await Promise.all(runs.map(([scene]) => hostOf(stage.world(), scene.host)));
    const outcomes = await Promise.all(runs.map(ended));

    outcomes.forEach(expectUndisturbed);
    const times = hosts.flatMap(host => host?.status?.members.map(member => Date.parse(member.since)) ?? []);
    expect(Math.min(...times)).toBeGreaterThan(since - 1_000);
    expect(Math.max(...times)).toBeLessThan(Date.now() + 1_000);
  });
});
