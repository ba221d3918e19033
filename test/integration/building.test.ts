import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOrThrow } from '../cluster/command.ts';
import { eventually } from './eventually.ts';
import { EXAMPLES, createNamespace, deployment, documents, inferenceService, mapping } from './manifests.ts';
import type { Manifest } from './manifests.ts';
import {
  BUILT_KINDS,
  apartFromStatus,
  builtNames,
  builtObjects,
  eventReasons,
  eventsOf,
  find,
  list,
  pathOf,
  read,
  readDeployment,
} from './objects.ts';
import type { Kind, LiveDeployment, LiveObject } from './objects.ts';
import { scaleWaymark } from './waymark-pods.ts';
import { DOMAIN, INGRESS_HOST, SYSTEM, apply, startWorld, stopWorlds } from './world.ts';
import type { World } from './world.ts';

/** A reconcile and what it waits for. */
const SOON = { within: 5_000 };

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await createNamespace(world.cluster, 'shop');
});
afterAll(stopWorlds);

interface Rendered {
  readonly kind: Kind;
  readonly metadata: { readonly namespace: string; readonly name: string; readonly labels?: object };
}

describe('`waymark render` of the examples', () => {
  let deployments: readonly (Rendered & Manifest)[] = [];
  let objects: readonly Rendered[] = [];

  beforeAll(async () => {
    const rendered = await render(EXAMPLES, { domain: DOMAIN, ingressHost: INGRESS_HOST });
    deployments = rendered.filter(({ kind }) => kind === 'Deployment') as unknown as readonly (Rendered & Manifest)[];
    objects = rendered.filter(({ kind }) => kind !== 'Deployment');
    await world.kubectl(['apply', '-f', EXAMPLES]);
    await eventually(async () => expect(await ours()).toHaveLength(objects.length), SOON);
  });

  it('shows the objects that the cluster holds, and no other', async () => {
    expect((await ours()).map(nameOf)).toEqual(objects.map(nameOf).toSorted());
  });

  it('shows them as they are, once the API server has filled in its defaults', async () => {
    // Applied once more by the same field manager, it adds what is missing and takes away what is too much.
    for (const object of objects) {
      const { kind, metadata } = object;
      const path = `${pathOf(kind, metadata.namespace, metadata.name)}?fieldManager=waymark&force=true&dryRun=All`;
      const applied = await world.cluster.api('PATCH', path, object, 'application/apply-patch+yaml');
      const live = await read(world.cluster, kind, metadata.namespace, metadata.name);

      expect(applied.status).toBe(200);
      expect(content(applied.body as LiveObject)).toEqual(content(live));
    }
  });

  it('shows the Deployments as they were admitted', async () => {
    for (const { kind, metadata, ...rest } of deployments) {
      const { namespace, name, annotations } = metadata;
      // Under another name and without annotation, so that the API server's defaults are all that is added.
      const twin = { kind, ...rest, metadata: { namespace, name: `${name}-twin` } };
      const created = await world.cluster.api('POST', `${pathOf(kind, namespace)}?dryRun=All`, twin);
      const live = await readDeployment(world.cluster, namespace, name);

      expect(created.status).toBe(201);
      expect((created.body as LiveDeployment).spec.template).toEqual(live.spec.template);
      expect(live.metadata.annotations).toMatchObject(annotations ?? {});
    }
  });

  /** Everything in the cluster that says it is Waymark's, in the order of its names. */
  async function ours(): Promise<readonly LiveObject[]> {
    const query = '?labelSelector=app.kubernetes.io/managed-by%3Dwaymark';
    const lists = await Promise.all(BUILT_KINDS.map(kind => list(world.cluster, kind, undefined, query)));
    return lists.flat().toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }

  async function render(folder: string, settings: object): Promise<readonly Rendered[]> {
    const config = join(world.cluster.directory, 'settings.yaml');
    writeFileSync(config, JSON.stringify(settings));
    const program = join(EXAMPLES, '..', 'bin', 'waymark.js');
    const { stdout } = await runOrThrow(process.execPath, [
      program,
      'render',
      '-f',
      folder,
      '-o',
      'json',
      '--config',
      config,
    ]);
    return (JSON.parse(stdout) as { readonly items: readonly Rendered[] }).items;
  }

  /** Owners are told apart by a uid that does not exist offline. */
  function content({ metadata, spec }: LiveObject): unknown {
    return { labels: metadata.labels, annotations: metadata.annotations, spec };
  }
});

const everything = (model: string) =>
  deployment(`shop/serving-${model}-1`, {
    config: documents(
      inferenceService(model, 'v1', `hosts: [${model}.example.org]`, 'replicas: {min: 1, max: 3}'),
      mapping('shared', `/${model}/`, `host: ${INGRESS_HOST}`),
    ),
  });

/** What one such Deployment makes in its own namespace. */
const madeBy = (model: string) => [
  `HorizontalPodAutoscaler serving-${model}-1`,
  `Service serving-${model}-1`,
  `VirtualService ${model}.example.org`,
  `VirtualService serving-${model}-1`,
];

/** On the host that all share, in order. */
const OF_KEEPER = ['shop/serving-keeper-1/model-path', 'shop/serving-keeper-1/shared'];

describe('what was built goes with the annotation, and nothing else does (C8, C13)', () => {
  const bystanders = [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'shop', name: 'bystander' },
      spec: { ports: [{ port: 80 }] },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { namespace: 'shop', name: 'bystander', labels: { 'app.kubernetes.io/managed-by': 'waymark' } },
      spec: { hosts: ['bystander.example.org'], http: [{ route: [{ destination: { host: 'bystander' } }] }] },
    },
  ];
  const keeper = everything('keeper');

  beforeAll(async () => {
    await apply(world, ...bystanders, keeper);
    await eventually(async () => expect(await builtNames(world.cluster, 'shop')).toHaveLength(6), SOON);
    await eventually(async () => expect(await sharedRoutes('shop/')).toEqual(OF_KEEPER), SOON);
  });

  it('taken away', async () => {
    const before = await present();
    await make('gone');

    await takeAway('gone');

    await eventually(async () => expect(await present()).toEqual(before), SOON);
    await eventually(async () => expect(await sharedRoutes('shop/')).toEqual(OF_KEEPER), SOON);
    expect(
      (await readDeployment(world.cluster, 'shop', 'serving-gone-1')).spec.template.spec.containers[0]?.env,
    ).toBeUndefined();
    expect(await find(world.cluster, 'Deployment', 'shop', 'serving-gone-1')).not.toHaveProperty([
      'metadata',
      'annotations',
      'waymark.dev/injected',
    ]);
  });

  it('taken away, or deleted with its Deployment, while the controller was down', async () => {
    const before = await present();
    await make('unseen');
    await make('deleted');
    await scaleWaymark(world, 'controller', 0);

    await takeAway('unseen');
    await world.kubectl(['delete', 'deployment/serving-deleted-1', '-n', 'shop']);
    expect(await builtNames(world.cluster, 'shop')).toEqual(expect.arrayContaining(madeBy('unseen')));
    await scaleWaymark(world, 'controller', 1);

    await eventually(async () => expect(await present()).toEqual(before), { within: 25_000 });
    await eventually(async () => expect(await sharedRoutes('shop/')).toEqual(OF_KEEPER), SOON);
  });

  it('the last path of the shared host: its VirtualService goes too', async () => {
    await world.kubectl(['delete', 'namespace', 'kubeflow', 'service', '--ignore-not-found', '--wait=false']);

    await takeAway('keeper');

    await eventually(
      async () => {
        expect(await builtNames(world.cluster, 'shop')).toEqual(['Service bystander', 'VirtualService bystander']);
        expect(await find(world.cluster, 'VirtualService', SYSTEM, INGRESS_HOST)).toBeUndefined();
      },
      { within: 15_000 },
    );
  });

  async function make(model: string): Promise<void> {
    await apply(world, everything(model));
    await eventually(async () => {
      expect(await builtNames(world.cluster, 'shop')).toEqual(expect.arrayContaining(madeBy(model)));
      expect(await sharedRoutes('shop/')).toContain(`shop/serving-${model}-1/shared`);
    }, SOON);
  }

  async function takeAway(model: string): Promise<void> {
    await world.kubectl(['annotate', `deployment/serving-${model}-1`, '-n', 'shop', 'waymark.dev/config-']);
  }

  /** Every object of the built kinds; one that was touched is another. */
  async function present(): Promise<readonly unknown[]> {
    return (await builtObjects(world.cluster, 'shop')).map(apartFromStatus);
  }

  async function sharedRoutes(prefix: string): Promise<readonly string[]> {
    const shared = await find(world.cluster, 'VirtualService', SYSTEM, INGRESS_HOST);
    const routes = (shared?.spec?.['http'] ?? []) as readonly { readonly name?: string }[];
    return routes.map(({ name = '' }) => name).filter(name => name.startsWith(prefix));
  }
});

describe('an object of the same name that is not ours (C8)', () => {
  const LABELS = { 'app.kubernetes.io/managed-by': 'waymark' };
  const strangers: Readonly<Record<string, object>> = {
    'without any mark': {},
    'with our label, but no owner': { labels: LABELS },
    'with our label, but another owner': {
      labels: LABELS,
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'UID', controller: true }],
    },
  };

  it.each(Object.entries(strangers))(
    '%s is not touched, its Deployment is told, the rest is built, and ours follows once it is gone',
    async (title, marks) => {
      const model = title.replaceAll(/[^a-z]+/g, '').slice(0, 20);
      const name = `serving-${model}-1`;
      const stranger = await createStranger(name, marks);
      await apply(world, everything(model));

      await eventually(async () => {
        expect(await builtNames(world.cluster, 'shop')).toEqual(expect.arrayContaining(madeBy(model)));
        expect(await eventReasons(world.cluster, 'shop', name)).toEqual(['NotOwned']);
      }, SOON);
      const untouched = await read(world.cluster, 'Service', 'shop', name);
      const [event] = await eventsOf(world.cluster, 'shop', name);
      await world.kubectl(['delete', 'service', name, '-n', 'shop']);
      const ours = await eventually(() => read(world.cluster, 'Service', 'shop', name), SOON);

      expect(untouched).toEqual(stranger);
      expect(event?.message).toContain(`Service`);
      const { uid } = (await readDeployment(world.cluster, 'shop', name)).metadata;
      expect(ours.metadata.labels).toEqual(LABELS);
      expect(ours.metadata.ownerReferences).toEqual([
        { apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true, blockOwnerDeletion: true },
      ]);
    },
  );

  async function createStranger(name: string, marks: object): Promise<LiveObject> {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'shop', name: 'owner' } };
    await world.cluster.api('POST', pathOf('ConfigMap', 'shop'), owner);
    const { uid } = (await read(world.cluster, 'ConfigMap', 'shop', 'owner')).metadata;
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'shop', name, ...(JSON.parse(JSON.stringify(marks).replace('UID', uid)) as object) },
      spec: { ports: [{ port: 1 }] },
    };
    const { status, body } = await world.cluster.api('POST', pathOf('Service', 'shop'), service);
    expect(status).toBe(201);
    return body as LiveObject;
  }
});

function nameOf({
  kind,
  metadata,
}: {
  readonly kind?: string;
  readonly metadata: { readonly namespace: string; readonly name: string };
}): string {
  return `${kind ?? ''} ${metadata.namespace}/${metadata.name}`;
}
