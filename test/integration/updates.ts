import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { Container, EnvVar } from '../../shared/deployment.ts';
import { CONFIG, annotated, deployment } from './manifests.ts';
import type { Manifest } from './manifests.ts';
import { pathOf, readDeployment } from './objects.ts';
import type { LiveDeployment } from './objects.ts';
import { exported, RECORD, textOf } from './twins.ts';
import type { Wish } from './twins.ts';
import type { World } from './world.ts';

/** One update of one Deployment; the same for its twin in another namespace. */
export type Update =
  | { readonly way: 'kubectl apply' | 'replace' | 'patch containers'; readonly manifest: Manifest }
  | {
      readonly way: 'apply at the server';
      readonly manager: string;
      readonly force: boolean;
      readonly manifest: Manifest;
    }
  | { readonly way: 'helm upgrade'; readonly serverSide: boolean; readonly manifest: Manifest }
  | { readonly way: 'set env'; readonly name: string; readonly value?: string | undefined }
  | { readonly way: 'patch a variable'; readonly name: string; readonly value: string }
  | { readonly way: 'set image' | 'restart' | 'label'; readonly value: string }
  | { readonly way: 'annotate'; readonly text?: string | undefined }
  | { readonly way: 'take the first container’s env out' };

/** Whether it was taken; both of a pair must be, or neither. Who applies may be in conflict with another manager. */
export async function bring(world: World, namespace: string, name: string, update: Update): Promise<boolean> {
  const { cluster } = world;
  const path = pathOf('Deployment', namespace, name);
  const patch = async (type: string, body: unknown) => {
    const answer = await cluster.api('PATCH', path, body, `application/${type}`);
    expect(answer).toMatchObject({ status: 200 });
    return true;
  };
  const kubectl = async (args: readonly string[], input?: object) => {
    await world.kubectl([...args, '-n', namespace], input && { input: JSON.stringify(input) });
    return true;
  };
  switch (update.way) {
    case 'kubectl apply': {
      const input = JSON.stringify(at(namespace, update.manifest));
      const { code, stderr } = await cluster.kubectl(['apply', '-f', '-'], { input });
      // kubectl's patch takes variables out of a container that somebody took out whole; no API server takes that.
      if (code !== 0) expect(stderr).toContain('strict decoding error');
      return code === 0;
    }
    case 'replace': {
      const { status, body } = await cluster.api('PUT', path, at(namespace, update.manifest));
      expect({ status, body }).toMatchObject({ status: 200 });
      return true;
    }
    case 'patch containers': {
      const { containers, initContainers = null } = update.manifest.spec.template.spec;
      return patch('merge-patch+json', { spec: { template: { spec: { containers, initContainers } } } });
    }
    case 'apply at the server': {
      const { status, body } = await applyAtServer(world, namespace, update);
      if (status !== 409) expect({ ok: status < 300, body }).toMatchObject({ ok: true });
      return status < 300;
    }
    case 'helm upgrade':
      return helm(world, namespace, update.manifest, update.serverSide);
    case 'set env':
      return kubectl([
        'set',
        'env',
        `deployment/${name}`,
        `${update.name}${update.value === undefined ? '-' : `=${update.value}`}`,
      ]);
    case 'patch a variable':
      return patch('strategic-merge-patch+json', {
        spec: {
          template: {
            spec: {
              containers: [{ name: 'main', env: [{ name: update.name, value: update.value, valueFrom: null }] }],
            },
          },
        },
      });
    case 'set image':
      return kubectl(['set', 'image', `deployment/${name}`, `main=${update.value}`]);
    case 'restart':
      return patch('merge-patch+json', {
        spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': update.value } } } },
      });
    case 'label':
      return patch('merge-patch+json', { metadata: { labels: { touched: update.value } } });
    case 'annotate':
      return patch('merge-patch+json', { metadata: { annotations: { [CONFIG]: update.text ?? null } } });
    case 'take the first container’s env out': {
      const { spec } = await readDeployment(cluster, namespace, name);
      if (spec.template.spec.containers[0]?.env === undefined) return true;
      return patch('json-patch+json', [{ op: 'remove', path: '/spec/template/spec/containers/0/env' }]);
    }
  }
}

export function at(namespace: string, manifest: Manifest): Manifest {
  return { ...manifest, metadata: { ...manifest.metadata, namespace } };
}

type Applied = Extract<Update, { way: 'apply at the server' }>;

export function applyAtServer(
  { cluster }: World,
  namespace: string,
  { manifest, manager, force }: Pick<Applied, 'manifest' | 'manager' | 'force'>,
  dryRun = false,
): ReturnType<typeof cluster.api> {
  const path = pathOf('Deployment', namespace, manifest.metadata.name);
  const query = `?fieldManager=${manager}&force=${force}${dryRun ? '&dryRun=All' : ''}`;
  return cluster.api('PATCH', path + query, at(namespace, manifest), 'application/apply-patch+yaml');
}

/** With a chart of one template: the manifest, in which there is nothing that helm would take for its own language. */
export async function helm(
  { cluster }: World,
  namespace: string,
  manifest: Manifest,
  serverSide: boolean,
): Promise<true> {
  const { name } = manifest.metadata;
  const chart = join(cluster.directory, 'charts', namespace, name);
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`);
  writeFileSync(join(chart, 'templates', 'deployment.yaml'), JSON.stringify(at(namespace, manifest)));
  const args = ['upgrade', '--install', name, chart, '-n', namespace, `--server-side=${serverSide}`];
  const conflicts = serverSide ? ['--force-conflicts'] : [];
  expect(await cluster.helm([...args, ...conflicts, '--take-ownership'])).toMatchObject({ code: 0 });
  return true;
}

/** What must leave all as it is: the same again, an edit of something else, and what `kubectl get` shows, sent back. */
export async function expectNoDrift(world: World, live: LiveDeployment, update: Update): Promise<void> {
  const { cluster } = world;
  const { namespace, name } = live.metadata;
  const path = pathOf('Deployment', namespace, name);
  const touched = await cluster.api(
    'PATCH',
    `${path}?dryRun=All`,
    { metadata: { labels: { seen: 'again' } } },
    'application/merge-patch+json',
  );
  expectSame(touched.body, live);
  const sentBack = await cluster.api('PUT', `${path}?dryRun=All`, exported(live, [RECORD]));
  expectSame(sentBack.body, live);
  switch (update.way) {
    case 'kubectl apply': {
      const { stdout } = await world.kubectl(['apply', '--dry-run=server', '-o', 'json', '-f', '-'], {
        input: JSON.stringify(at(namespace, update.manifest)),
      });
      expectSame(JSON.parse(stdout), live);
      return;
    }
    case 'apply at the server': {
      const { body } = await applyAtServer(world, namespace, { ...update, force: true }, true);
      expectSame(body, live);
      return;
    }
    case 'replace': {
      const { body } = await cluster.api('PUT', `${path}?dryRun=All`, at(namespace, update.manifest));
      expectSame(body, live);
      return;
    }
    default:
  }
}

function expectSame(body: unknown, live: LiveDeployment): void {
  const { spec, metadata } = body as LiveDeployment;
  expect(spec).toEqual(live.spec);
  expect(metadata.annotations?.[RECORD]).toBe(live.metadata.annotations?.[RECORD]);
}

/** Never a value that Waymark writes, so that it is plain by every way whose a variable is. */
const ENTRIES: fc.Arbitrary<EnvVar> = fc.oneof(
  fc.record({ name: fc.constantFrom('A', 'B', 'C'), value: fc.constantFrom('mine-1', 'mine-2', '$(KUBEFLOW_ENV)') }),
  fc.record({
    name: fc.constantFrom('KUBEFLOW_ENV', 'KUBEFLOW_MODEL_NAME', 'K8S_POD_IP'),
    value: fc.constant('mine-1'),
  }),
  fc.constant({ name: 'SECRET', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }),
  fc.constant({ name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }),
);

export const WISHES: readonly Wish[] = [
  { modelPath: '', area: '' },
  { modelPath: '/mnt/$(X)', area: 'x' },
  { modelPath: '/mnt/y', area: '' },
  { modelPath: '', area: '', mappingsOnly: true },
];

function manifests(name: string): fc.Arbitrary<Manifest> {
  const container = (names: readonly string[], more: object) =>
    fc.uniqueArray(
      fc.record({
        name: fc.constantFrom(...names),
        image: fc.constantFrom('echo', 'echo:2'),
        env: fc.uniqueArray(ENTRIES, { selector: entry => entry.name, maxLength: 4 }),
        more: fc.constantFrom({}, more),
      }),
      { selector: one => one.name },
    );
  const model = modelOf(name);
  return fc
    .record({
      wish: fc.option(fc.constantFrom(...WISHES), { nil: undefined, freq: 6 }),
      first: container(['main'], { envFrom: [{ configMapRef: { name: 'c', optional: true } }] }),
      others: container(['side'], { terminationMessagePath: '/dev/end' }),
      init: container(['fetch', 'vault'], { restartPolicy: 'Always' }),
    })
    .map(({ wish, first, others, init }) => {
      const plain = deployment(`any/${name}`);
      const template = plain.spec.template;
      const all = (list: readonly (Container & { readonly more: object })[]): Container[] =>
        list.map(({ more, env = [], ...one }) => ({ ...one, ...more, ...(env.length > 0 && { env }) }));
      const [main = { name: 'main', image: 'echo', env: [], more: {} }] = first;
      const served = { ...main, ports: [{ name: 'http', containerPort: 8080 }] };
      const pod = {
        ...template.spec,
        containers: all([served, ...others]),
        ...(init.length > 0 && { initContainers: all(init) }),
      };
      const manifest = { ...plain, spec: { ...plain.spec, template: { ...template, spec: pod } } };
      return wish ? annotated(manifest, textOf(model, wish)) : manifest;
    });
}

/** `serving-m0-1` → `m0`. */
export function modelOf(name: string): string {
  return name.split('-')[1] ?? '';
}

/** Where its users apply. A server knows who owns a field, and a hand that edits it makes that a matter of its own. */
export type Side = 'client' | 'server';

export function updatesOf(name: string, side: Side): fc.Arbitrary<Update> {
  const manifest = manifests(name);
  const removed = fc.record({ way: fc.constant('set env' as const), name: NAMES });
  return fc.oneof(
    { weight: 10, arbitrary: side === 'client' ? appliesAtClient(manifest) : appliesAtServer(manifest) },
    { weight: 4, arbitrary: side === 'client' ? edits(NAMES) : fc.oneof(edits(fc.constant('A')), removed) },
    { weight: 3, arbitrary: fc.record({ way: fc.constantFrom('replace' as const, 'patch containers'), manifest }) },
    { weight: 8, arbitrary: others(modelOf(name)) },
  );
}

const NAMES = fc.constantFrom('KUBEFLOW_ENV', 'K8S_POD_IP', 'KUBEFLOW_MODEL_PATH', 'A');
const VALUES = fc.constantFrom('mine-1', 'mine-2');

function appliesAtClient(manifest: fc.Arbitrary<Manifest>): fc.Arbitrary<Update> {
  const helm = fc.record({ way: fc.constant('helm upgrade' as const), serverSide: fc.constant(false), manifest });
  const kubectl = fc.record({ way: fc.constant('kubectl apply' as const), manifest });
  return fc.oneof({ weight: 5, arbitrary: kubectl }, { weight: 1, arbitrary: helm });
}

function appliesAtServer(manifest: fc.Arbitrary<Manifest>): fc.Arbitrary<Update> {
  const helm = fc.record({ way: fc.constant('helm upgrade' as const), serverSide: fc.constant(true), manifest });
  const apply = fc.record({
    way: fc.constant('apply at the server' as const),
    manager: fc.constantFrom('argocd-controller', 'kustomize-controller', 'kubectl'),
    force: fc.boolean(),
    manifest,
  });
  return fc.oneof({ weight: 5, arbitrary: apply }, { weight: 1, arbitrary: helm });
}

function edits(name: fc.Arbitrary<string>): fc.Arbitrary<Update> {
  return fc.oneof(
    fc.record({ way: fc.constant('set env' as const), name, value: fc.option(VALUES, { nil: undefined }) }),
    fc.record({ way: fc.constant('patch a variable' as const), name, value: VALUES }),
  );
}

function others(model: string): fc.Arbitrary<Update> {
  const text = fc.option(fc.constantFrom(...WISHES.map(wish => textOf(model, wish))), { nil: undefined });
  return fc.oneof(
    fc.record({ way: fc.constant('set image' as const), value: fc.constantFrom('echo', 'echo:2') }),
    fc.record({ way: fc.constantFrom('restart' as const, 'label'), value: VALUES }),
    fc.record({ way: fc.constant('annotate' as const), text }),
    fc.constant({ way: 'take the first container’s env out' as const }),
  );
}
