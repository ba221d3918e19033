import { beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureAssets } from '../cluster/assets.ts';
import { run } from '../cluster/command.ts';
import type { CommandResult } from '../cluster/types.ts';
import { sentence } from './audit.ts';
import { autoscaled } from './autoscaled.ts';
import { metrics, openStage, world } from './autoscaling-stage.ts';
import { eventually } from './eventually.ts';
import { annotated, createNamespace, inferenceService, withContainers } from './manifests.ts';
import type { Manifest } from './manifests.ts';
import { find, pathOf, read, readDeployment } from './objects.ts';
import type { LiveDeployment, LiveObject } from './objects.ts';
import { describeScaling } from './scaling.ts';
import { apply } from './world.ts';

const SOON = { within: 15_000 };
/** What manifests say, and what the autoscaler holds. */
const WRITTEN = 2;
const HELD = 4;

let healing: Promise<Healing>;
/** From when on the autoscaler holds all of them. */
let drivenSince = 0;
let kubectlFile = '';

beforeAll(async () => {
  kubectlFile = (await ensureAssets({ build: false })).kubectl;
  await openStage();
  await createNamespace(world().cluster, 'lab');
  await apply(world(), ...[HEALED, ...rows.map(({ manifest }) => manifest)].map(one => held(one)));
  await Promise.all([HEALED, ...rows.map(({ manifest }) => manifest)].map(scaledUp));
  drivenSince = Date.now();
  // A minute beside all that follows.
  healing = heal(HEALED, 60_000);
  healing.catch(() => undefined);
});
/** Nothing of it runs: what its autoscaler holds comes of a queue outside. */
const manifestOf = (model: string) =>
  autoscaled(`lab/serving-${model}-1`, { metrics: 'queue:10', bounds: '1..9', replicas: WRITTEN, runs: false });

function held(manifest: Manifest): Manifest {
  metrics().setExternal('lab', 'queue_length', HELD * 10, `queue=${manifest.metadata.name}`);
  return manifest;
}

function scaledUp({ metadata }: Manifest): Promise<LiveDeployment> {
  return eventually(async () => {
    const deployment = await live(metadata.name);
    expect(deployment.spec.replicas).toBe(HELD);
    return deployment;
  }, SOON);
}

const live = (name: string) => readDeployment(world().cluster, 'lab', name);
const HEALED = manifestOf('healed');

/** An update that says the size of the beginning, or none. */
interface Update {
  readonly by: (manifest: Manifest) => Promise<CommandResult>;
  /** What else it changes. Annotations of a Deployment raise its generation as well, once or, by its controller, twice. */
  readonly changes?: 'Pods' | 'annotations';
  /** The way itself does not get as far as the webhook: the API server refuses it for a conflict of managers. */
  readonly refused?: true;
}

const kubectl = (args: readonly string[], manifest?: object): Promise<CommandResult> =>
  world().cluster.kubectl([...args, '-n', 'lab'], manifest === undefined ? {} : { input: JSON.stringify(manifest) });

const SIZE = JSON.stringify({ spec: { replicas: WRITTEN } });
const patch = (type: string, body: string) => (manifest: Manifest) =>
  kubectl(['patch', 'deployment', manifest.metadata.name, '--type', type, '-p', body]);

const UPDATES: Record<string, Update> = {
  'client-side apply': { by: one => kubectl(['apply', '-f', '-'], one) },
  'client-side apply of another image': {
    by: one =>
      kubectl(
        ['apply', '-f', '-'],
        withContainers(one, box => ({ ...box, image: 'echo:2' })),
      ),
    changes: 'Pods',
  },
  'server-side apply': { by: one => kubectl(['apply', '--server-side', '-f', '-'], one), refused: true },
  'server-side apply with force': {
    by: one => kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], one),
  },
  'server-side apply with force by another manager': {
    by: one => kubectl(['apply', '--server-side', '--force-conflicts', '--field-manager=argocd', '-f', '-'], one),
    // What `kubectl apply` noted for itself goes.
    changes: 'annotations',
  },
  replace: { by: one => kubectl(['replace', '-f', '-'], one), changes: 'annotations' },
  'a strategic patch': { by: patch('strategic', SIZE) },
  'a merge patch': { by: patch('merge', SIZE) },
  'a JSON patch': { by: patch('json', JSON.stringify([{ op: 'replace', path: '/spec/replicas', value: WRITTEN }])) },
  'a JSON patch that takes the size out': {
    by: patch('json', JSON.stringify([{ op: 'remove', path: '/spec/replicas' }])),
  },
  'kubectl edit': { by: one => edit(one) },
  'kubectl set image': {
    by: one => kubectl(['set', 'image', `deployment/${one.metadata.name}`, 'main=echo:2']),
    changes: 'Pods',
  },
  'kubectl rollout restart': {
    by: one => kubectl(['rollout', 'restart', `deployment/${one.metadata.name}`]),
    changes: 'Pods',
  },
  'Helm 4 at the server': { by: one => helm(one, '--force-conflicts'), changes: 'annotations' },
  'Helm 4 at the client': { by: one => helm(one, '--server-side=false'), changes: 'annotations' },
};

const rows = Object.entries(UPDATES).map(([way, update]) => ({
  way,
  manifest: manifestOf(way.toLowerCase().replace(/[^a-z0-9]/g, '')),
  ...update,
}));

describe('R-01, F-03, P9: while an autoscaler of Waymark drives a Deployment', () => {
  it.each(rows)('$way leaves the size alone', async ({ manifest, by, changes, refused }) => {
    const before = await live(manifest.metadata.name);

    const result = await by(manifest);
    const after = await live(manifest.metadata.name);

    expect(result).toMatchObject({ code: refused ? 1 : 0 });
    if (changes !== 'Pods') expect(after.spec).toEqual(before.spec);
    expect(after.spec.replicas).toBe(HELD);
    if (changes !== 'annotations') {
      const raised = (after.metadata.generation ?? 0) - (before.metadata.generation ?? 0);
      expect(raised).toBe(changes === 'Pods' ? 1 : 0);
    }
  });

  it('there is nothing for the autoscaler to mend', async () => {
    const names = new Set(rows.map(({ manifest }) => manifest.metadata.name));
    const mended = (await world().cluster.audit(drivenSince)).filter(
      ({ namespace, name, subresource, verb }) =>
        namespace === 'lab' && names.has(name) && subresource === 'scale' && verb !== 'get',
    );

    expect(mended.map(sentence)).toEqual([]);
  });

  it('who is turned back is told so, with both sizes', async () => {
    const { stderr } = await patch('merge', SIZE)(HEALED);

    expect(stderr).toContain('Warning: WM206 spec.replicas: ');
    expect(stderr).toContain('but is 2; 4 is kept');
  });

  it('a dry run at the server shows the size that stays', async () => {
    const { stdout } = await kubectl(['apply', '--dry-run=server', '-o', 'json', '-f', '-'], HEALED);

    expect(JSON.parse(stdout)).toMatchObject({ spec: { replicas: HELD } });
  });
});

describe('what does change the size', () => {
  const name = 'serving-free-1';
  const free = manifestOf('free');

  beforeAll(async () => {
    await apply(world(), held(free));
    await scaledUp(free);
  });

  it('`kubectl scale`, which is no update of the Deployment; then the autoscaler goes on', async () => {
    const { generation = 0 } = (await live(name)).metadata;

    await world().kubectl(['scale', `deployment/${name}`, '--replicas=7', '-n', 'lab']);
    const after = await scaledUp(free);

    // There and back.
    expect(after.metadata.generation).toBe(generation + 2);
  });

  it('an explicit 0, which stays, and a start from there, which the autoscaler takes over', async () => {
    await kubectl(['apply', '-f', '-'], { ...free, spec: { ...free.spec, replicas: 0 } });
    const stopped = await live(name);
    await eventually(async () => expect(await conditionsOf(name)).toContain('ScalingDisabled'), SOON);
    const later = await live(name);
    await kubectl(['apply', '-f', '-'], free);
    await scaledUp(free);

    expect([stopped.spec.replicas, later.spec.replicas]).toEqual([0, 0]);
  });

  it('a text that asks for no autoscaler any more, from that very update on', async () => {
    const fixed = annotated(free, inferenceService('free', 'v1'));

    await kubectl(['apply', '-f', '-'], fixed);

    expect((await live(name)).spec.replicas).toBe(WRITTEN);
    await eventually(
      async () => expect(await find(world().cluster, 'HorizontalPodAutoscaler', 'lab', name)).toBeUndefined(),
      SOON,
    );
  });
});

describeScaling();

describe('a GitOps controller that applies its manifest every second', () => {
  it('for a minute changes nothing while the autoscaler holds another size, and makes no loop', async () => {
    const { before, after, answers, sizes } = await healing;

    expect(answers.length).toBeGreaterThanOrEqual(50);
    expect(new Set(answers)).toEqual(new Set([200]));
    expect([...sizes]).toEqual([HELD]);
    expect(after.metadata.generation).toBe(before.metadata.generation);
  });
});

/** Reasons that Kubernetes gives on the autoscaler. */
async function conditionsOf(name: string): Promise<readonly string[]> {
  const { status } = await read<Conditioned>(world().cluster, 'HorizontalPodAutoscaler', 'lab', name);
  return (status?.conditions ?? []).map(({ reason }) => reason);
}

type Conditioned = LiveObject & {
  readonly status?: { readonly conditions?: readonly { readonly reason: string }[] };
};

interface Healing {
  readonly before: LiveDeployment;
  readonly after: LiveDeployment;
  readonly answers: readonly number[];
  /** Every one that was answered or seen in between. */
  readonly sizes: ReadonlySet<number | undefined>;
}

/** As Argo CD does with self-heal: server-side apply with force, whatever is found. */
async function heal(manifest: Manifest, duration: number): Promise<Healing> {
  const path = `${pathOf('Deployment', 'lab', manifest.metadata.name)}?fieldManager=argocd-controller&force=true`;
  const before = await live(manifest.metadata.name);
  const answers: number[] = [];
  const sizes = new Set<number | undefined>();
  const end = performance.now() + duration;
  for (let next = performance.now(); next < end; next += 1000) {
    const { status, body } = await world().cluster.api('PATCH', path, manifest, 'application/apply-patch+yaml');
    answers.push(status);
    sizes.add((body as { spec?: LiveDeployment['spec'] }).spec?.replicas);
    await delay(Math.max(0, next + 500 - performance.now()));
    sizes.add((await live(manifest.metadata.name)).spec.replicas);
    await delay(Math.max(0, next + 1000 - performance.now()));
  }
  return { before, after: await live(manifest.metadata.name), answers, sizes };
}

/** In a real editor, which changes the one line. */
function edit({ metadata }: Manifest): Promise<CommandResult> {
  return run(kubectlFile, ['edit', 'deployment', metadata.name, '-n', 'lab'], {
    env: {
      PATH: process.env['PATH'],
      HOME: join(world().cluster.directory, 'home'),
      KUBECONFIG: world().cluster.kubeconfig,
      KUBE_EDITOR: `sed -i 's/^  replicas: ${HELD}$/  replicas: ${WRITTEN}/'`,
    },
  });
}

/** The release takes over what was applied before, as one does that comes to Helm late. */
function helm(manifest: Manifest, ...flags: readonly string[]): Promise<CommandResult> {
  const { name } = manifest.metadata;
  const chart = join(world().cluster.directory, 'charts', name);
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`);
  writeFileSync(join(chart, 'templates', 'deployment.yaml'), JSON.stringify(manifest));
  const args = ['upgrade', '--install', name, chart, '--namespace', 'lab', '--take-ownership', ...flags];
  return world().cluster.helm(args);
}
