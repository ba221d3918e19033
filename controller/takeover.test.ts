import { describe, expect, it } from '@jest/globals';
import { RESOURCES } from '../kube/resources.ts';
import type { Host } from '../shared/host.ts';
import { serviceConfig, useControllerCluster } from '../test/support/controller-cluster.ts';
import { until } from '../test/support/until.ts';

const world = useControllerCluster();

const HOST = 'shop.example.com';
const OLD = 'serving-a-1';
const NEW = 'serving-a-2';
const QUICK = ['hosts: [shop.example.com]', 'upgrade: {bake: 0s, drain: 0s}'];

const hostObject = () => world().server.collection(RESOURCES.hosts).get('', HOST);
const host = () => hostObject() as unknown as Host | undefined;
const condition = (type: string) => host()?.status?.conditions.find(one => one.type === type);
const member = (name: string) => host()?.status?.members.find(one => one.name === name);
const replicasOf = (name: string) =>
  (world().get(RESOURCES.deployments, name)?.['spec'] as { replicas: number } | undefined)?.replicas;

function leads(name: string): boolean {
  const http = (world().get(RESOURCES.virtualServices, HOST)?.['spec'] as { http?: unknown } | undefined)?.http;
  return JSON.stringify(http ?? '').includes(`${name}.shop.svc`);
}

/** As an autoscaler, the Deployment's and the EndpointSlices' controllers. */
function setSize(name: string, replicas: number, ready: number): void {
  const object = world().get(RESOURCES.deployments, name);
  if (object === undefined) throw new Error(`there is no Deployment ${name}`);
  world().server.put({
    ...object,
    metadata: { ...object.metadata, generation: 1 },
    spec: { ...(object['spec'] as object), replicas },
    status: {
      observedGeneration: 1,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: ready,
      availableReplicas: ready,
    },
  });
  const pods = Array.from({ length: Math.max(replicas, ready) }, (_, index) => index);
  world().server.put({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-x`,
      namespace: 'shop',
      labels: { 'kubernetes.io/service-name': name },
      generation: ++generations,
    },
    addressType: 'IPv4',
    endpoints: pods.map(index => ({ addresses: [`10.0.0.${index}`], conditions: { ready: index < ready } })),
  });
}

let generations = 0;

function setReady(name: string): void {
  const { replicas } = world().get(RESOURCES.deployments, name)?.['spec'] as { replicas: number };
  setSize(name, replicas, replicas);
}

function deployReady(name: string, createdAt: string, ...lines: readonly string[]): void {
  world().deploy(name, serviceConfig(name, ...QUICK, ...lines), { createdAt });
  setReady(name);
}

async function lead(): Promise<void> {
  deployReady(OLD, '2024-05-01T00:00:00Z');
  await until('it leads', () => condition('Programmed')?.status === 'True' && leads(OLD));
}

describe('a host', () => {
  it('is claimed before it is routed, and says who leads', async () => {
    await world().start();
    await lead();

    const writes = world().writes();
    const at = (path: string) => writes.findIndex(write => write.endsWith(path));
    expect(at('/hosts')).toBeLessThan(at(`/virtualservices/${HOST}`));
    expect(host()?.spec.namespace).toBe('shop');
    expect(host()?.status?.active).toBe(OLD);
    expect(member(OLD)).toMatchObject({ state: 'Active', ready: true });
  });

  it('gets no write when nothing happens, also not over a restart (R-16)', async () => {
    const first = await world().start();
    await lead();
    await world().quiet();
    await first.close();
    world().writes();
    await world().start();
    await world().quiet();

    expect(world().writes()).toEqual([]);
  });

  it('is given up with its last Deployment', async () => {
    await world().start();
    await lead();
    world().strip(OLD);

    await until('all is gone', () => host() === undefined && world().built().length === 0);
  });

  it('of another namespace is not taken, and its owner is named (R-18, S-10)', async () => {
    world().server.put({
      apiVersion: 'waymark.dev/v1',
      kind: 'Host',
      metadata: { name: HOST },
      spec: { namespace: 'other', reserved: true },
    });
    await world().start();
    deployReady(OLD, '2024-05-01T00:00:00Z');
    await until('it is told', () => world().reasons(OLD).includes('HostTaken'));
    await world().quiet();

    expect(world().get(RESOURCES.virtualServices, HOST)).toBeUndefined();
    expect(host()?.spec.namespace).toBe('other');
  });
});

describe('a newer version', () => {
  it('takes the host over when it is ready, and the older one is retired afterwards (R-09, R-10, F-02)', async () => {
    const controller = await world().start();
    await lead();
    world().deploy(NEW, serviceConfig(NEW, ...QUICK), { createdAt: '2024-06-01T00:00:00Z' });
    setSize(NEW, 2, 1);
    await world().quiet();
    expect(leads(OLD)).toBe(true);
    expect(leads(NEW)).toBe(false);

    setSize(NEW, 2, 2);
    await until('it leads', () => leads(NEW));
    expect(replicasOf(OLD)).toBe(1);
    await until('the older one is retired', () => replicasOf(OLD) === 0);
    expect(condition('Programmed')?.status).toBe('True');
    expect(world().get(RESOURCES.deployments, OLD)?.metadata.annotations?.['waymark.dev/replicas']).toBe('1');
    await until(
      'both are told',
      () => world().reasons(NEW).includes('Promoted') && world().reasons(OLD).includes('Retired'),
    );
    expect(world().get(RESOURCES.services, OLD)).toBeDefined();
    await world().quiet();

    const metrics = await (await fetch(`http://127.0.0.1:${controller.metricsPort}/metrics`)).text();
    for (const line of [
      'waymark_takeovers_total{result="promoted"} 1',
      'waymark_deployments{state="retired"} 1',
      'waymark_deployments{state="built"} 1',
      'waymark_hosts{state="routed"} 1',
    ]) {
      expect(metrics).toContain(line);
    }
  });
});

describe('a leader that is settled', () => {
  it('is written about only when it is ready or not, as an autoscaler sizes it and Pods follow one by one (R-11)', async () => {
    await world().start();
    await lead();
    await world().quiet();
    world().writes();
    for (const [replicas, ready] of [
      [3, 1],
      [3, 2],
      [3, 3],
      [2, 3],
      [2, 2],
    ] as const) {
      setSize(OLD, replicas, ready);
      await world().quiet();
    }

    const writes = world().writes();
    expect(writes.filter(write => !write.endsWith(`/hosts/${HOST}/status`))).toEqual([]);
    expect(writes.length).toBeLessThanOrEqual(2);
  });
});

describe('a write that cannot be made', () => {
  it('of routes leaves everything as it stands, and the Host says so', async () => {
    await world().start();
    await lead();
    await world().quiet();
    world().fault = ({ method, url }) =>
      method === 'PATCH' && url.includes(`/virtualservices/${HOST}`) ? { status: 500 } : undefined;
    deployReady(NEW, '2024-06-01T00:00:00Z');
    await until('it is said', () => condition('Programmed')?.reason === 'WriteFailed');

    expect(condition('Programmed')?.status).toBe('False');
    expect(host()?.status?.active).toBe(OLD);
    expect(replicasOf(OLD)).toBe(1);

    world().fault = () => undefined;
    await until('it leads', () => leads(NEW) && condition('Programmed')?.status === 'True');
    await until('the older one is retired', () => replicasOf(OLD) === 0);
  });

  it('because the API server does not take the object is told to the Deployment', async () => {
    world().fault = ({ method, url }) =>
      method === 'PATCH' && url.includes('/services/')
        ? { status: 422, body: { kind: 'Status', message: 'provided port is already allocated' } }
        : undefined;
    await world().start();
    await lead();
    await until('it is told', () => world().reasons(OLD).includes('WriteRefused'));
  });
});

describe('what could cost traffic (R-18)', () => {
  it('is not done by whoever does not lead any more by what the API server says', async () => {
    await world().start({ leaderElection: true, identity: 'a' });
    await lead();
    await world().quiet();
    let fences = 0;
    world().fault = ({ method, url }) => {
      if (method !== 'GET' || !url.includes('/leases/')) return undefined;
      fences++;
      return { status: 200, body: { metadata: { name: 'waymark-controller' }, spec: { holderIdentity: 'b' } } };
    };
    deployReady(NEW, '2024-06-01T00:00:00Z');
    await until('it was to be done', () => leads(NEW) && fences > 1);

    expect(replicasOf(OLD)).toBe(1);
    world().fault = () => undefined;
    await until('it is done', () => replicasOf(OLD) === 0);
  });

  it('is not done on routes that the watch has not shown', async () => {
    await world().start();
    await lead();
    await world().quiet();
    let looks = 0;
    world().fault = ({ method, url, watch }) => {
      if (method !== 'GET' || watch || !url.endsWith(`/virtualservices/${HOST}`)) return undefined;
      looks++;
      const object = world().get(RESOURCES.virtualServices, HOST);
      return { status: 200, body: { ...object, metadata: { ...object?.metadata, resourceVersion: '999999' } } };
    };
    deployReady(NEW, '2024-06-01T00:00:00Z');
    await until('it was to be done', () => leads(NEW) && looks > 1);

    expect(replicasOf(OLD)).toBe(1);
    world().fault = () => undefined;
    await until('it is done', () => replicasOf(OLD) === 0);
  });
});

describe('somebody who reverts the routes (R-11)', () => {
  it('is given way to, and named by the Host, by an Event and by a metric', async () => {
    const controller = await world().start();
    await lead();
    await world().quiet();
    world().writes();
    const original = world().get(RESOURCES.virtualServices, HOST);
    const spec = { ...(original?.['spec'] as object), gateways: ['other/gateway'] };
    const managedFields = [{ manager: 'argocd', operation: 'Update', fieldsV1: { 'f:spec': { 'f:gateways': {} } } }];
    let reverts = 0;
    const revert = () => {
      const object = world().get(RESOURCES.virtualServices, HOST);
      if (object === undefined || JSON.stringify(object['spec']) === JSON.stringify(spec)) return;
      reverts++;
      world().server.put({ ...object, spec, metadata: { ...object.metadata, managedFields } });
    };
    await until('it is said', () => {
      revert();
      return condition('Contended')?.status === 'True';
    });
    await until('it is told', () => world().reasons(OLD).includes('Contended'));

    expect(condition('Contended')?.message).toContain('argocd');
    const routes = world()
      .writes()
      .filter(write => write.includes(`/virtualservices/${HOST}`));
    expect(routes.length).toBeLessThanOrEqual(6);
    expect(reverts).toBeLessThanOrEqual(7);
    const metrics = await (await fetch(`http://127.0.0.1:${controller.metricsPort}/metrics`)).text();
    expect(metrics).toContain('waymark_contended_objects 1');
  });
});
