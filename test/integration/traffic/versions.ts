import { describe, expect, it } from '@jest/globals';
import { controllerWrites, mostWrites, movesIn, scalesIn, sentences, whilePasses } from './chronicle.ts';
import { failPod } from './pod-programs.ts';
import { lastReady } from './scene.ts';
import type { Scene } from './scene.ts';
import type { Stage } from './stage.ts';
import { answerers, failures, lastAnswer, outage, within } from './tally.ts';
import { nameOf } from './version.ts';

const [ONE, TWO, THREE] = [nameOf(1), nameOf(2), nameOf(3)];
/** As the versions have it. */
const BAKE = 2_000;
const DRAIN = 2_000;

async function replace(scene: Scene) {
  const traffic = await scene.begin({}, 200);
  const since = Date.now();
  await scene.apply(2);
  const ready = lastReady(await scene.untilReady(2, 2));
  await scene.reach({ [ONE]: 'Retired', [TWO]: 'Active' });
  const answers = await traffic.stop();
  const writes = await controllerWrites(scene, since);
  const [move] = movesIn(writes, scene);
  const promoted = writes.find(({ resource, at }) => resource === 'events' && at > (move?.at ?? Infinity));
  return { answers, wait: ready - since, ready, writes, move, promoted, size: await scene.sizeOf(1) };
}

async function coexist(scene: Scene) {
  const traffic = await scene.begin();
  await scene.apply(2, { strategy: 'coexist' });
  await scene.reach({ [TWO]: 'Active' });
  const since = Date.now();
  await whilePasses(BAKE + DRAIN);
  const answers = await traffic.stop();
  return { answers, scales: scalesIn(await controllerWrites(scene, since)), sizes: await sizes(scene, 1, 2) };
}

async function neverReady(scene: Scene) {
  const traffic = await scene.begin();
  await scene.apply(2, { variables: { READINESS: '503' } });
  await scene.reach({ [ONE]: 'Active', [TWO]: 'Waiting' });
  await whilePasses(BAKE + DRAIN);
  const meanwhile = await scene.reach({ [ONE]: 'Active', [TWO]: 'Waiting' });
  await scene.apply(3);
  await scene.reach({ [ONE]: 'Retired', [TWO]: 'Retired', [THREE]: 'Active' });
  return { answers: await traffic.stop(), meanwhile, sizes: await sizes(scene, 1, 2, 3) };
}

async function crashWhileBaking(scene: Scene) {
  const traffic = await scene.begin();
  await scene.apply(2, { replicas: 3, bake: '3s' });
  await scene.reach({ [TWO]: 'Baking' });
  const [pod] = await scene.untilReady(2, 3);
  await scene.world.kubelet.crash(scene.namespace, pod?.metadata.name ?? '');
  const crashedAt = Date.now();
  await scene.reach({ [ONE]: 'Retired', [TWO]: 'Active' });
  const ready = lastReady(await scene.untilReady(2, 3));
  const moved = movesIn(await controllerWrites(scene), scene).at(-1);
  return { answers: await traffic.stop(), crashedAt, ready, moved: moved?.at ?? 0 };
}

async function crashAfterTheMove(scene: Scene) {
  const traffic = await scene.begin({ replicas: 3 });
  await scene.apply(2, { replicas: 3, bake: '4s', drain: '4s' });
  await scene.reach({ [ONE]: 'Draining', [TWO]: 'Active' });
  const [first, ...others] = await scene.untilReady(2, 3);
  if (first !== undefined) await failPod(first);
  const failedAt = Date.now();
  await scene.reach({ [ONE]: 'Active' });
  // What is said of a rollback is said before the routes turn: the others crash when nobody asks them any more.
  await scene.servedBy(1);
  for (const pod of others) await scene.world.kubelet.crash(scene.namespace, pod.metadata.name);
  await scene.untilReady(2, 3);
  await whilePasses(4_000 + 1_000);
  const members = await scene.members();
  return { answers: await traffic.stop(), failedAt, members, sizes: await sizes(scene, 1, 2) };
}

async function rollBack(scene: Scene) {
  const traffic = await scene.begin({ replicas: 3 });
  await scene.apply(2);
  await scene.reach({ [ONE]: 'Retired', [TWO]: 'Active' });
  const since = Date.now();
  await scene.pin(1);
  await scene.reach({ [ONE]: 'Active', [TWO]: 'Retired' });
  const pinned = { ready: lastReady(await scene.untilReady(1, 3)), writes: await controllerWrites(scene, since) };
  await scene.unpin(1);
  await whilePasses(BAKE + DRAIN);
  const unpinned = await scene.members();
  await scene.apply(3);
  await scene.reach({ [ONE]: 'Retired', [TWO]: 'Retired', [THREE]: 'Active' });
  return { answers: await traffic.stop(), ...pinned, moves: movesIn(pinned.writes, scene), unpinned };
}

async function threeInARow(scene: Scene) {
  const traffic = await scene.begin();
  await scene.apply(2);
  await scene.reach({ [TWO]: 'Baking' });
  await scene.apply(3);
  await scene.reach({ [ONE]: 'Retired', [TWO]: 'Retired', [THREE]: 'Active' });
  return { answers: await traffic.stop(), sizes: await sizes(scene, 1, 2, 3) };
}

async function pinThenDelete(scene: Scene) {
  const traffic = await scene.begin();
  await scene.apply(2);
  await scene.reach({ [ONE]: 'Retired', [TWO]: 'Active' });
  await scene.pin(1);
  await scene.reach({ [ONE]: 'Active', [TWO]: 'Retired' });
  await scene.remove(2);
  await whilePasses(BAKE);
  return { answers: await traffic.stop(), members: await scene.members() };
}

async function deleteLeader(scene: Scene) {
  const traffic = await scene.begin();
  await scene.apply(2, { strategy: 'coexist' });
  await scene.reach({ [TWO]: 'Active' });
  const removedAt = Date.now();
  await scene.remove(2);
  await scene.reach({ [ONE]: 'Active' });
  await whilePasses(BAKE);
  return { answers: await traffic.stop(), removedAt };
}

/** Versions of one line on one host, with requests all the time. */
export function describeVersions(stage: Stage): void {
  const told = stage.perform({
    replace,
    crashAfterTheMove,
    crashWhileBaking,
    rollBack,
    neverReady,
    threeInARow,
    pinThenDelete,
    coexist,
    deleteLeader,
  });

  describe('a version that replaces another (F-02)', () => {
    it('R-10: takes over without a failed request, and the old one answers nothing after the Event `Promoted`', async () => {
      const { answers, promoted } = await told.replace();

      expect(failures(answers)).toEqual([]);
      expect(answerers(answers)).toEqual([ONE, TWO]);
      expect(lastAnswer(answers, ONE)).toBeLessThan(promoted?.at ?? 0);
    });

    it('R-09: is baked before the route moves, and the old one is drained before it is scaled down', async () => {
      const { ready, writes, move, size } = await told.replace();
      const [scale] = scalesIn(writes);

      expect((move?.at ?? 0) - ready).toBeGreaterThanOrEqual(BAKE);
      expect((scale?.at ?? 0) - (move?.at ?? 0)).toBeGreaterThanOrEqual(DRAIN);
      expect(size).toBe(0);
    });

    it('R-11: costs one write of the routes, one of the old version, and at most eight in all', async () => {
      const { writes, wait } = await told.replace();
      // The built-in host of the new version is no part of the takeover.
      const own = writes.filter(({ resource, name }) => !(resource === 'virtualservices' && name === TWO));

      expect(own.filter(({ resource }) => resource === 'virtualservices')).toHaveLength(1);
      expect(scalesIn(own)).toHaveLength(1);
      expect(own.length > mostWrites(wait) ? sentences(own) : []).toEqual([]);
    });

    it('leaves the old one at its size where both are to stay', async () => {
      const { answers, scales, sizes: left } = await told.coexist();

      expect(failures(answers)).toEqual([]);
      expect(answerers(answers)).toEqual([ONE, TWO]);
      expect(sentences(scales)).toEqual([]);
      expect(left).toEqual([2, 2]);
    });

    it('R-20: need not wait for the one before it: of three in quick succession the last one leads', async () => {
      const { answers, sizes: left } = await told.threeInARow();

      expect(failures(answers)).toEqual([]);
      expect(answers.at(-1)?.pod).toContain(THREE);
      expect(left).toEqual([0, 0, 2]);
    });
  });

  describe('a version that is not well (R-09)', () => {
    it('gets nothing while it is not ready, and is retired with the others by the next one', async () => {
      const { answers, meanwhile, sizes: left } = await told.neverReady();

      expect(failures(answers)).toEqual([]);
      expect(meanwhile.map(({ name, share }) => [name, share.effective])).toEqual(
        expect.arrayContaining([
          [ONE, 100],
          [TWO, 0],
        ]),
      );
      expect(answerers(answers)).toEqual([ONE, THREE]);
      expect(left).toEqual([0, 0, 2]);
    });

    it('is baked anew when a Pod of it crashes meanwhile', async () => {
      const { answers, crashedAt, ready, moved } = await told.crashWhileBaking();

      expect(failures(answers)).toEqual([]);
      // Pods tell their readiness in whole seconds.
      expect(ready).toBeGreaterThan(crashedAt - 1000);
      expect(moved - ready).toBeGreaterThanOrEqual(3_000);
    });

    it('F-05: gives back what it took when it loses a Pod soon after, once and for good', async () => {
      const { answers, failedAt, members, sizes: left } = await told.crashAfterTheMove();

      expect(failures(answers)).toEqual([]);
      expect((lastAnswer(answers, TWO) ?? 0) - failedAt).toBeLessThan(2_000);
      expect(members.find(({ name }) => name === ONE)?.state).toBe('Active');
      expect(members.find(({ name }) => name === TWO)?.reason).toBe('RolledBack');
      expect(left).toEqual([3, 3]);
    });
  });

  describe('a way back', () => {
    it('R-21: the pinned one is scaled up to its size and ready before it takes the traffic', async () => {
      const { answers, ready, writes, moves } = await told.rollBack();

      expect(failures(answers)).toEqual([]);
      expect(moves).toHaveLength(1);
      expect(scalesIn(writes)[0]?.at).toBeLessThan(ready);
      expect(moves[0]?.at).toBeGreaterThanOrEqual(ready);
    });

    it('leads on when its pin is taken away, until a newer one comes', async () => {
      const { answers, unpinned } = await told.rollBack();

      expect(unpinned.find(({ name }) => name === ONE)?.state).toBe('Active');
      expect(answers.at(-1)?.pod).toContain(THREE);
    });

    it('is there for who deletes the leader, without a failed request when he pins another first', async () => {
      const { answers, members } = await told.pinThenDelete();

      expect(failures(answers)).toEqual([]);
      expect(members.map(({ name, state }) => [name, state])).toEqual([[ONE, 'Active']]);
      expect(answers.at(-1)?.pod).toContain(ONE);
    });

    it('costs at most the requests of a second when he does not', async () => {
      const { answers, removedAt } = await told.deleteLeader();

      expect(outage(answers)).toBeLessThanOrEqual(1_000);
      expect(failures(within(answers, { to: removedAt }))).toEqual([]);
      expect(failures(within(answers, { from: removedAt + 1_500 }))).toEqual([]);
      expect(answers.at(-1)?.pod).toContain(ONE);
    });
  });
}

function sizes(scene: Scene, ...versions: readonly number[]): Promise<readonly number[]> {
  return Promise.all(versions.map(version => scene.sizeOf(version)));
}
