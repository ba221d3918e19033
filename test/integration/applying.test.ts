import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EnvVar } from '../../shared/deployment.ts';
import { mutated, sentence, writesOf } from './audit.ts';
import { eventually } from './eventually.ts';
import {
  annotated,
  createNamespace,
  deployment,
  documents,
  exampleDeployment,
  inferenceService,
  mapping,
  withContainers,
} from './manifests.ts';
import type { Manifest } from './manifests.ts';
import { builtObjects, find, list, readDeployment } from './objects.ts';
import type { LiveDeployment } from './objects.ts';
import { WAYS } from './ways.ts';
import { apply, startWorld, stopWorlds } from './world.ts';
import type { World } from './world.ts';

const SOON = { within: 5_000 };

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(stopWorlds);

const OWN: EnvVar = { name: 'OWN', value: 'first of the user' };

const DOWNWARD = [
  ['K8S_NODE_NAME', 'spec.nodeName'],
  ['K8S_POD_NAMESPACE', 'metadata.namespace'],
  ['K8S_POD_IP', 'status.podIP'],
  ['K8S_HOST_IP', 'status.hostIP'],
  ['K8S_POD_NAME', 'metadata.name'],
].map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } }));

/** The two that every user of the ancestors knows; in each, what comes before the user's own, in order. */
const EXAMPLES: Readonly<Record<string, { file: string; variables: (image: string) => readonly unknown[] }>> = {
  'the InferenceService of tfserving': {
    file: 'tfserving-resnet50.yaml',
    variables: image => [
      { name: 'KUBEFLOW_ENV', value: 'prod' },
      { name: 'KUBEFLOW_MODEL_PATH', value: '/mnt/models/resnet50' },
      { name: 'KUBEFLOW_MODEL_VERSION', value: 'v2024.05.01' },
      { name: 'KUBEFLOW_MODEL_IMAGES', value: image },
      { name: 'KUBEFLOW_MODEL_NAME', value: 'resnet50' },
      // The API server leaves empty values out.
      { name: 'KUBEFLOW_AREA' },
      ...DOWNWARD,
    ],
  },
  "Ambassador's Mappings": {
    file: 'ambassador-mappings.yaml',
    variables: () => [{ name: 'KUBEFLOW_ENV', value: 'prod' }, { name: 'KUBEFLOW_AREA' }, ...DOWNWARD],
  },
};

const rows = Object.entries(EXAMPLES).flatMap(([example, { file, variables }]) =>
  Object.entries(WAYS).map(([name, way]) => ({ example, file, variables, name, way })),
);

describe('one annotation, however it is brought', () => {
  it.each(rows)(
    '$example by $name: the variables in order before the own ones, and nothing to do the second time (W10, W12)',
    async ({ file, variables, way }) => {
      const manifest = ready(exampleDeployment(file));
      await createNamespace(world.cluster, manifest.metadata.namespace);

      await way.bring(world, manifest);
      const first = await settled(manifest);
      const since = Date.now();
      await way.bring(world, manifest);
      const second = await settled(manifest);
      const patches = await patchesSince(since, manifest);
      await way.bring(
        world,
        withContainers(manifest, one => ({ ...one, image: 'echo:2' })),
      );
      const changed = await settled(manifest);
      await remove(manifest);

      expect(environments(first)).toEqual(manifestEnvironments(manifest, variables('echo')));
      expect(second.metadata.generation).toBe(first.metadata.generation);
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      if (way.keepsVariables) expect(patches).toEqual([]);
      expect(environments(changed)).toEqual(manifestEnvironments(manifest, variables('echo:2')));
    },
  );
});

describe('a dry run at the server (W9)', () => {
  const manifest = deployment('lab/serving-dry-1', { config: inferenceService('dry', 'v1') });

  beforeAll(() => createNamespace(world.cluster, 'lab'));

  it('shows the variables and stores nothing', async () => {
    const since = Date.now();

    const shown = await world.kubectl(['apply', '--dry-run=server', '-o', 'json', '-f', '-'], {
      input: JSON.stringify(manifest),
    });

    expect(environments(JSON.parse(shown.stdout) as Manifest)).toMatchObject({
      main: expect.arrayContaining([{ name: 'KUBEFLOW_MODEL_NAME', value: 'dry' }]),
    });
    expect(await find(world.cluster, 'Deployment', 'lab', 'serving-dry-1')).toBeUndefined();
    expect(writesOf(await world.cluster.audit(since)).map(sentence)).toEqual([]);
  });

  it('of an update shows what the update would bring, and changes nothing', async () => {
    await apply(world, manifest);
    const before = await settled(manifest);
    const built = await eventually(async () => {
      const objects = await builtObjects(world.cluster, 'lab');
      expect(objects).toHaveLength(2);
      return objects;
    }, SOON);
    const changed = annotated(manifest, inferenceService('dry', 'v1', 'area: shanghai', 'replicas: {min: 1, max: 2}'));

    const shown = await world.kubectl(['apply', '--dry-run=server', '-o', 'json', '-f', '-'], {
      input: JSON.stringify(changed),
    });

    expect(environments(JSON.parse(shown.stdout) as Manifest)).toMatchObject({
      main: expect.arrayContaining([{ name: 'KUBEFLOW_AREA', value: 'shanghai' }]),
    });
    expect(await settled(manifest)).toEqual(before);
    expect(await builtObjects(world.cluster, 'lab')).toEqual(built);
  });

  it('of a text with errors is refused', async () => {
    const broken = annotated(manifest, 'kind: Nothing');

    const { code, stderr } = await world.cluster.kubectl(['apply', '--dry-run=server', '-f', '-'], {
      input: JSON.stringify(broken),
    });

    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('denied the request') });
  });
});

it('a refusal reads as its user needs it: every mistake with its place, what must hold, and the fix', async () => {
  await createNamespace(world.cluster, 'lab');
  const config = documents(
    inferenceService('bert', 'v3', 'hpa: cpu:50%', 'replicas: {min: 4, max: 2}'),
    mapping('bert-predict', '/models/bert/', 'host: bert.example.com', 'methd: POST'),
  );

  const { code, stderr } = await world.cluster.kubectl(['create', '-f', '-'], {
    input: JSON.stringify(deployment('lab/serving-bert-3', { config })),
  });

  expect(code).toBe(1);
  expect(stderr.split('\n')).toEqual([
    'Error from server (Forbidden): error when creating "STDIN": admission webhook "validate.waymark.dev" denied the request: ' +
      'Deployment lab/serving-bert-3 is refused by Waymark, 3 findings:',
    'WM020 waymark.dev/config 6:1: `hpa` must be a field of InferenceService, ' +
      "but is cube-studio's name; fix: write `metrics`",
    'WM049 waymark.dev/config 7:25: `replicas.max` must be greater than or equal to `replicas.min`, but is 2, less than 4 ' +
      '(`replicas.min`: Deployment lab/serving-bert-3 waymark.dev/config 7:17); fix: write `replicas: {min: 2, max: 4}`',
    'WM020 waymark.dev/config 14:1: `methd` must be a field of Mapping, but is none; fix: write `method`',
    '',
  ]);
});

/** Nothing has to run here, and an own variable comes first in every container, to see that it stays behind ours. */
function ready(manifest: Manifest): Manifest {
  const withInit: Manifest = {
    ...manifest,
    spec: {
      ...manifest.spec,
      replicas: 0,
      template: {
        ...manifest.spec.template,
        spec: { initContainers: [{ name: 'fetch', image: 'echo' }], ...manifest.spec.template.spec },
      },
    },
  };
  return withContainers(withInit, one => ({ ...one, env: [OWN, ...(one.env ?? [])] }));
}

/** The Deployment, once its controller has seen it and written its own annotation. */
function settled({ metadata: { namespace, name } }: Manifest): Promise<LiveDeployment> {
  return eventually(
    async () => {
      const deployment = await readDeployment(world.cluster, namespace, name);
      const sets = await list(world.cluster, 'ReplicaSet', namespace);
      const newest = deployment.metadata.annotations?.['deployment.kubernetes.io/revision'];
      expect(deployment.status?.observedGeneration).toBe(deployment.metadata.generation);
      expect(sets.map(set => set.metadata.annotations?.['deployment.kubernetes.io/revision'])).toContain(newest);
      return deployment;
    },
    { within: 10_000 },
  );
}

/** Requests of users for the Deployment that the mutating webhook changed. */
async function patchesSince(since: number, { metadata: { namespace, name } }: Manifest): Promise<readonly string[]> {
  const entries = await world.cluster.audit(since);
  return entries
    .filter(entry => entry.resource === 'deployments' && entry.subresource === '')
    .filter(entry => entry.namespace === namespace && entry.name === name && mutated(entry) === true)
    .map(({ verb, uri }) => `${verb} ${uri}`);
}

async function remove({ metadata: { namespace, name } }: Manifest): Promise<void> {
  await world.cluster.helm(['uninstall', name, '--namespace', namespace, '--ignore-not-found']);
  await world.kubectl(['delete', 'deployment', name, '-n', namespace, '--ignore-not-found']);
  await eventually(async () => expect(await find(world.cluster, 'Deployment', namespace, name)).toBeUndefined(), {
    within: 10_000,
  });
}

type Environments = Readonly<Record<string, readonly unknown[]>>;

function environments({ spec }: Pick<Manifest, 'spec'>): Environments {
  const { initContainers = [], containers } = spec.template.spec;
  return Object.fromEntries([...initContainers, ...containers].map(({ name, env = [] }) => [name, env]));
}

function manifestEnvironments(manifest: Manifest, variables: readonly unknown[]): Environments {
  return Object.fromEntries(
    Object.entries(environments(manifest)).map(([name, own]) => [name, [...variables, ...own]]),
  );
}
