import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { EXTERNAL_LEDGER } from '../../shared/external-ledger.ts';
import { eventually } from './eventually.ts';
import { createNamespace, deployment, inferenceService } from './manifests.ts';
import type { Manifest } from './manifests.ts';
import { eventReasons, eventsOf, find, list, pathOf, read } from './objects.ts';
import type { LiveObject } from './objects.ts';
import { scaleWaymark, someLeader } from './waymark-pods.ts';
import { SYSTEM, apply, startWorld, stopWorlds } from './world.ts';
import type { World } from './world.ts';

const SOON = { within: 10_000 };
const MANY = 100;

const EXTERNAL = { ips: ['203.0.113.10'], allowedIPs: ['203.0.113.0/24', '10.0.0.0/8'] };

let world: World;
beforeAll(async () => {
  world = await startWorld({ values: { settings: { external: EXTERNAL } } });
  for (const name of ['shop', 'many']) await createNamespace(world.cluster, name);
  await createNamespace(world.cluster, 'lax', { labels: { 'waymark.dev/policy': 'warn' } });
  await createNamespace(world.cluster, 'own', { annotations: { 'waymark.dev/external-ips': '203.0.113.20' } });
});
afterAll(stopWorlds);

interface ExternalService extends LiveObject {
  readonly spec: {
    readonly type: string;
    readonly externalIPs?: readonly string[];
    readonly ports: readonly { readonly port: number; readonly nodePort?: number; readonly targetPort: number }[];
  };
}

const named = (fullName: string, ...more: readonly string[]): Manifest => {
  const [namespace = '', model = ''] = fullName.split('/');
  return deployment(`${namespace}/serving-${model}-1`, { config: inferenceService(model, 'v1', ...more) });
};

const serviceOf = (fullName: string): Promise<ExternalService> => {
  const [namespace = '', model = ''] = fullName.split('/');
  return read<ExternalService>(world.cluster, 'Service', namespace, `serving-${model}-1-external`);
};
const isBuilt = (fullName: string): Promise<ExternalService> => eventually(() => serviceOf(fullName), SOON);
const idOf = ({ spec }: ExternalService): number => ((spec.ports[0]?.port ?? 0) - 20_000) / 10;

/** Of all Services for access in a namespace: Deployment → number. */
async function idsIn(namespace: string): Promise<Readonly<Record<string, number>>> {
  const services = await list<ExternalService>(world.cluster, 'Service', namespace);
  const external = services.filter(({ metadata }) => metadata.name.endsWith('-external'));
  return Object.fromEntries(external.map(one => [one.metadata.name.replace(/-external$/, ''), idOf(one)]));
}

async function ledger(): Promise<Readonly<Record<string, string>> | undefined> {
  const found = await find<LiveObject & { data?: Record<string, string> }>(
    world.cluster,
    'ConfigMap',
    SYSTEM,
    EXTERNAL_LEDGER,
  );
  return found?.data;
}

const remove = (kind: string, namespace: string, name: string, ...more: readonly string[]) =>
  world.kubectl(['delete', kind, name, '-n', namespace, ...more]);

describe('numbers of access by address and port (R-06, F-11)', () => {
  let ids: Readonly<Record<string, number>> = {};

  it('of a hundred that are created at the same time are the hundred lowest, and all on record', async () => {
    const all = Array.from({ length: MANY }, (_, index) => named(`many/m${index}`));
    const created = await Promise.all(all.map(one => world.cluster.api('POST', pathOf('Deployment', 'many'), one)));
    expect(created.filter(({ status }) => status !== 201)).toEqual([]);

    await eventually(async () => expect(Object.keys(await idsIn('many'))).toHaveLength(MANY), { within: 30_000 });
    ids = await idsIn('many');
    expect(Object.values(ids).toSorted((a, b) => a - b)).toEqual(Array.from({ length: MANY }, (_, index) => index + 1));
    expect(await ledger()).toEqual(
      Object.fromEntries(Object.entries(ids).map(([name, id]) => [String(id), `many/${name}`])),
    );
  });

  it('stay when the controller is killed, the ledger deleted and a Service deleted (C1)', async () => {
    const before = await ledger();
    await remove('configmap', SYSTEM, EXTERNAL_LEDGER);
    await eventually(async () => expect(await ledger()).toEqual(before), SOON);

    await world.kubelet.crash(SYSTEM, await someLeader(world.cluster));
    await remove('service', 'many', 'serving-m7-1-external');
    await eventually(async () => expect(await idsIn('many')).toEqual(ids), { within: 30_000 });
    expect(await ledger()).toEqual(before);
  });

  it('are learned from the Services when the ledger is lost while no controller runs', async () => {
    const before = await ledger();
    await scaleWaymark(world, 'controller', 0);
    await remove('configmap', SYSTEM, EXTERNAL_LEDGER);
    await apply(world, named('shop/late'));
    await scaleWaymark(world, 'controller', 1);

    expect(idOf(await isBuilt('shop/late'))).toBe(MANY + 1);
    expect(await idsIn('many')).toEqual(ids);
    expect(await ledger()).toEqual({ ...before, [MANY + 1]: 'shop/serving-late-1' });
  });

  it('come back to a Deployment that is deleted and made again', async () => {
    await remove('deployment', 'many', 'serving-m3-1');
    const id = ids['serving-m3-1'] ?? 0;
    await eventually(async () => expect(await ledger()).toMatchObject({ [`${id}.free`]: 'many/serving-m3-1' }), SOON);
    await apply(world, named('many/m3'));

    expect(idOf(await isBuilt('many/m3'))).toBe(id);
  });

  it('are given up only when the Service is gone, not while a finalizer holds it', async () => {
    await apply(world, named('shop/held', 'external: {id: 900}'));
    await isBuilt('shop/held');
    const path = pathOf('Service', 'shop', 'serving-held-1-external');
    const finalizers = (list: readonly string[]) =>
      world.cluster.api('PATCH', path, { metadata: { finalizers: list } }, 'application/merge-patch+json');
    await finalizers(['example.com/balancer']);
    await apply(world, named('shop/held', 'external: false'));
    await apply(world, named('lax/waits', 'external: {id: 900}'));
    await eventually(
      async () => expect(await eventReasons(world.cluster, 'lax', 'serving-waits-1')).toEqual(['ExternalIdTaken']),
      SOON,
    );
    await eventually(
      async () => expect((await serviceOf('shop/held')).metadata).toHaveProperty('deletionTimestamp'),
      SOON,
    );
    expect(await ledger()).toMatchObject({ 900: 'shop/serving-held-1' });

    await finalizers([]);
    expect(idOf(await isBuilt('lax/waits'))).toBe(900);
    expect(await find(world.cluster, 'Service', 'shop', 'serving-held-1-external')).toBeUndefined();
  });
});

describe('a number that two write (R-06)', () => {
  it('is refused at apply when it is known to be held, naming the holder', async () => {
    await apply(world, named('shop/first', 'external: {id: 700}'));
    await isBuilt('shop/first');

    await eventually(async () => {
      const { code, stderr } = await world.cluster.kubectl(['apply', '--dry-run=server', '-f', '-'], {
        input: JSON.stringify(named('shop/second', 'external: {id: 700}')),
      });
      expect(code).not.toBe(0);
      expect(stderr).toContain(
        'WM107 waymark.dev/config 6:16: `external.id` must be a number that no other Deployment',
      );
      expect(stderr).toContain('700 is held by Deployment shop/serving-first-1');
    }, SOON);
  });

  it('has the older one, also when both came while no controller ran; the other is told who has it', async () => {
    await scaleWaymark(world, 'controller', 0);
    await apply(world, named('shop/zz-older', 'external: {id: 800}'));
    // Creation times are whole seconds.
    const { creationTimestamp } = (await read(world.cluster, 'Deployment', 'shop', 'serving-zz-older-1')).metadata;
    await eventually(() => expect(Date.now()).toBeGreaterThan(Date.parse(creationTimestamp) + 1_000), SOON);
    await apply(world, named('shop/aa-younger', 'external: {id: 800}'));
    await scaleWaymark(world, 'controller', 1);

    expect(idOf(await isBuilt('shop/zz-older'))).toBe(800);
    await eventually(async () => {
      const [event] = await eventsOf(world.cluster, 'shop', 'serving-aa-younger-1');
      expect(event?.reason).toBe('ExternalIdTaken');
      expect(event?.message).toContain('800 is held by Deployment shop/serving-zz-older-1');
    }, SOON);
    expect(await find(world.cluster, 'Service', 'shop', 'serving-aa-younger-1-external')).toBeUndefined();
    expect(await find(world.cluster, 'Service', 'shop', 'serving-aa-younger-1')).toBeDefined();
  });
});

describe('who has access, and by which address (P8, S-15)', () => {
  const inTest = (model: string, ...more: readonly string[]) =>
    deployment(`shop/test-serving-${model}-1`, {
      config: inferenceService(model, 'v1', 'environment: test', ...more),
    });

  it('is what annotation, Namespace and platform say, in this order', async () => {
    await apply(
      world,
      named('shop/plain'),
      named('shop/asks', 'external: {ips: [203.0.113.30, 203.0.113.31]}'),
      named('own/plain'),
      named('shop/none', 'external: false'),
      inTest('quiet'),
      inTest('asks', 'external: {}'),
    );

    expect((await isBuilt('shop/plain')).spec.externalIPs).toEqual(['203.0.113.10']);
    expect((await isBuilt('shop/asks')).spec.externalIPs).toEqual(['203.0.113.30', '203.0.113.31']);
    expect((await isBuilt('own/plain')).spec.externalIPs).toEqual(['203.0.113.20']);
    const own = await eventually(() => read(world.cluster, 'Service', 'shop', 'test-serving-asks-1-external'), SOON);
    expect(own.spec?.['selector']).toEqual({ app: 'test-serving-asks-1' });
    for (const name of ['serving-none-1', 'test-serving-quiet-1']) {
      await eventually(() => read(world.cluster, 'Service', 'shop', name), SOON);
      expect(await find(world.cluster, 'Service', 'shop', `${name}-external`)).toBeUndefined();
    }
  });

  it('R-25, S-15: the address of a Node, and of a Service, is refused; the end of externalIPs is told', async () => {
    const { clusterIP } = (await read(world.cluster, 'Service', 'default', 'kubernetes')).spec as { clusterIP: string };
    for (const [ip, owner] of [
      [world.cluster.nodeAddress, `Node ${world.cluster.nodeName}`],
      [clusterIP, 'the Services'],
    ] as const) {
      const { code, stderr } = await world.cluster.kubectl(['apply', '--dry-run=server', '-f', '-'], {
        input: JSON.stringify(named('shop/greedy', `external: {ips: [${ip}]}`)),
      });

      expect(code).not.toBe(0);
      expect(stderr).toContain(`WM109`);
      expect(stderr).toContain(`${ip} belongs to ${owner}`);
    }
    const { stderr } = await world.kubectl(['apply', '--dry-run=server', '-f', '-'], {
      input: JSON.stringify(named('shop/modest')),
    });
    expect(stderr).toContain('which Kubernetes deprecates since 1.36');
  });
});

describe('another strategy', () => {
  it('edits Services in place, leaves no node port behind, and brings everything back (R-25)', async () => {
    await world.kubectl(['delete', 'deployment', '--all', '-n', 'many']);
    await eventually(async () => expect(await ledger()).toHaveProperty(['5.free']), { within: 20_000 });
    await eventually(() => apply(world, named('shop/asks', 'external: {id: 5}')), SOON);
    await eventually(async () => expect(idOf(await serviceOf('shop/asks'))).toBe(5), SOON);
    const { uid } = (await serviceOf('shop/asks')).metadata;
    const becomes = (spec: object) =>
      eventually(async () => {
        const service = await serviceOf('shop/asks');
        expect(service.spec).toMatchObject(spec);
        expect(service.metadata.uid).toBe(uid);
        return service.spec;
      }, SOON);

    await world.install({ settings: { external: { ...EXTERNAL, strategy: 'nodePort' } } });
    const byNodePort = await becomes({ type: 'NodePort', ports: [{ port: 30_050, nodePort: 30_050 }] });
    expect(byNodePort.externalIPs).toBeUndefined();
    await changeTo('loadBalancer');
    await becomes({ type: 'LoadBalancer', ports: [{ port: 20_050 }] });
    await changeTo('externalIPs');
    const byAddress = await becomes({ type: 'ClusterIP', externalIPs: ['203.0.113.10'], ports: [{ port: 20_050 }] });
    expect(byAddress.ports[0]?.nodePort).toBeUndefined();
    expect(byAddress).not.toHaveProperty('healthCheckNodePort');

    await changeTo('none');
    await eventually(async () => {
      expect(await idsIn('shop')).toEqual({});
      expect(Object.keys((await ledger()) ?? {}).filter(key => !key.endsWith('.free'))).toEqual([]);
    }, SOON);
    await changeTo('externalIPs');
    expect(idOf(await isBuilt('shop/asks'))).toBe(5);
    expect(idOf(await isBuilt('shop/late'))).toBe(MANY + 1);
  });

  /** What helm does, without the time that a new webhook takes. */
  async function changeTo(strategy: string): Promise<void> {
    const path = pathOf('ConfigMap', SYSTEM, 'waymark-settings');
    const { data } = (await world.cluster.api('GET', path)).body as { data: { 'settings.yaml': string } };
    const settings = parse(data['settings.yaml']) as { external: object };
    const text = stringify({ ...settings, external: { ...settings.external, strategy } });
    await scaleWaymark(world, 'controller', 0);
    await world.cluster.api('PATCH', path, { data: { 'settings.yaml': text } }, 'application/merge-patch+json');
    await scaleWaymark(world, 'controller', 1);
  }
});
