import { describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.ts';
import { createNamespace } from '../manifests.ts';
import { eventReasons, pathOf } from '../objects.ts';
import { whilePasses } from './chronicle.ts';
import { arrivedAt } from './pod-programs.ts';
import type { Scene } from './scene.ts';
import type { Stage } from './stage.ts';
import { answerers, countOf, deviation, failures, within } from './tally.ts';
import { nameOf, versionOf } from './version.ts';

const LEADER = nameOf(1);
const [TREE, NEW_TREE] = [nameOf(1, 'tree'), nameOf(2, 'tree')];
const [EAR, NOSE] = [nameOf(1, 'ear'), nameOf(1, 'nose')];
const GRANT = 'waymark.dev/allow-traffic-from';
/** Percent. */
const SHARE = 30;
const COPIED = 50;
/** Milliseconds of a sample. Of two samples one must fit: that both are out by chance happens once in a hundred thousand runs. */
const SAMPLE = 2_500;
/** Requests that are under way when a sample begins or ends. */
const UNDER_WAY = 20;

interface Sample {
  readonly from: number;
  readonly to: number;
  /** Copies that arrived meanwhile, by Deployment. */
  readonly copies: Readonly<Record<string, number>>;
}

/** Two samples, one after the other. */
async function take(scene: Scene): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (let each = 0; each < 2; each++) {
    const [from, before] = [Date.now(), await copies(scene)];
    await whilePasses(SAMPLE);
    const [to, after] = [Date.now(), await copies(scene)];
    const arrived = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]);
    samples.push({ from, to, copies: Object.fromEntries(arrived) as Record<string, number> });
  }
  return samples;
}

async function copies(scene: Scene): Promise<Readonly<Record<string, number>>> {
  const count = async (model: string) => arrivedAt(await scene.pods(1, model), scene.host);
  return { [EAR]: await count('ear'), [NOSE]: await count('nose') };
}

/** Versions of another line, on a host of their own, take a part of this host's traffic and are succeeded meanwhile. */
async function splitAndMirror(scene: Scene) {
  const trees = `tree.${scene.host}`;
  const mirror = `mirror: {${EAR}: ${COPIED}, ${NOSE}: 100}`;
  const leader = (tree: string) => ({ replicas: 1, lines: [`split: {${tree}: ${SHARE}}`, mirror] });
  for (const model of ['tree', 'ear', 'nose']) {
    await scene.apply(1, { model, replicas: 1, host: `${model}.${scene.host}` });
  }
  for (const model of ['tree', 'ear', 'nose']) await scene.untilReady(1, 1, model);
  const traffic = await scene.begin(leader(TREE));
  const before = await take(scene);

  const traffics = [traffic, scene.traffic({ host: trees })];
  await scene.apply(2, { model: 'tree', replicas: 1, host: trees });
  await scene.reach({ [TREE]: 'Held', [NEW_TREE]: 'Active' }, trees);
  await whilePasses(SAMPLE);
  const held = await scene.sizeOf(1, 'tree');

  await scene.apply(1, leader(NEW_TREE));
  await scene.reach({ [TREE]: 'Retired', [NEW_TREE]: 'Active' }, trees);
  const after = await take(scene);
  const [answers = [], toTrees = []] = await Promise.all(traffics.map(each => each.stop()));
  return { answers, toTrees, before, after, held, size: await scene.sizeOf(1, 'tree') };
}

/** The other side allows the traffic, and then does not any more. */
async function grantAndRevoke(scene: Scene) {
  const { cluster } = scene.world;
  const other = `${scene.namespace}-other`;
  const grant = { [GRANT]: scene.namespace };
  await createNamespace(cluster, other, { annotations: grant });
  const target = versionOf(other, 1, { model: 'tree', replicas: 1, host: `tree.${scene.host}` });
  await cluster.api('POST', pathOf('Deployment', other), target);
  await scene.reach({ [TREE]: 'Active' }, `tree.${scene.host}`);

  const traffic = await scene.begin({ replicas: 1, lines: [`split: {${other}/${TREE}: 50}`] });
  await leaderHas(scene, 50);
  await whilePasses(1_000);
  const revokedAt = Date.now();
  await cluster.api(
    'PATCH',
    `/api/v1/namespaces/${other}`,
    { metadata: { annotations: { [GRANT]: null } } },
    'application/merge-patch+json',
  );
  await leaderHas(scene, 100);
  await whilePasses(1_000);
  const answers = await traffic.stop();
  const reasons = await eventReasons(cluster, scene.namespace, LEADER);
  await cluster.api('DELETE', `/api/v1/namespaces/${other}`);
  return { answers, revokedAt, reasons };
}

/** Percent that really goes to the leader. */
async function leaderHas(scene: Scene, percent: number): Promise<void> {
  await eventually(
    async () => {
      const share = (await scene.members()).find(({ name }) => name === LEADER)?.share.effective;
      if (share !== percent) throw new Error(`the leader has ${String(share)} %`);
    },
    { within: 20_000 },
  );
}

/** What goes to others beside the leader, and what is copied to them. */
export function describeShares(stage: Stage): void {
  const told = stage.perform({ splitAndMirror, grantAndRevoke });

  describe('a split (F-09)', () => {
    it.each(['before', 'after'] as const)('R-12: is what was written, %s its target is succeeded', async when => {
      const story = await told.splitAndMirror();
      const target = when === 'before' ? TREE : NEW_TREE;

      const deviations = story[when].map(sample => {
        const answers = within(story.answers, sample);
        return deviation(countOf(answers, target), answers.length, SHARE / 100);
      });

      expect(Math.min(...deviations)).toBeLessThanOrEqual(3);
      for (const sample of story[when]) {
        expect(answerers(within(story.answers, sample))).toEqual([target, LEADER].sort());
      }
    });

    it('holds its target at its size, and lets it retire when it is named no more', async () => {
      const { answers, toTrees, held, size } = await told.splitAndMirror();

      expect(held).toBe(1);
      expect(size).toBe(0);
      expect(failures(answers)).toEqual([]);
      expect(failures(toTrees)).toEqual([]);
    });
  });

  describe('S-13: a split to another namespace', () => {
    it('goes where that one allows it, and comes back without a failed request when it does not any more', async () => {
      const { answers, revokedAt, reasons } = await told.grantAndRevoke();

      expect(failures(answers)).toEqual([]);
      expect(answerers(within(answers, { to: revokedAt }))).toEqual([TREE, LEADER].sort());
      expect(answerers(within(answers, { from: (answers.at(-1)?.at ?? 0) - 500 }))).toEqual([LEADER]);
      expect(reasons).toContain('TargetNotPermitted');
    });
  });

  describe('a mirror', () => {
    it('brings the copies that were written to every one of its targets, as they count them', async () => {
      const { answers, before } = await told.splitAndMirror();

      const deviations = before.map(sample =>
        deviation(sample.copies[EAR] ?? 0, within(answers, sample).length, COPIED / 100),
      );

      expect(Math.min(...deviations)).toBeLessThanOrEqual(3);
      for (const sample of before) {
        const missing = within(answers, sample).length - (sample.copies[NOSE] ?? 0);
        expect(Math.abs(missing)).toBeLessThanOrEqual(UNDER_WAY);
      }
    });
  });
}
