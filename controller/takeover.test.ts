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

/** As the Deployment's and the EndpointSlices' controllers, for all Pods at once. */
function setReady(name: string, ready: boolean): void {
  const object = world().get(RESOURCES.deployments, name);
  if (object === undefined) throw new Error(`there is no Deployment ${name}`);
  const { replicas } = object['spec'] as { replicas: number };
  const count = ready ? replicas : 0;
  const pods = { replicas, updatedReplicas: replicas, readyReplicas: count, availableReplicas: count };
  const metadata = { ...object.metadata, generation: 1 };
  world().server.put({ ...object, metadata, status: { observedGeneration: 1, ...pods } });
  world().server.put({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-x`, namespace: 'shop', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: Array.from({ length: replicas }, (_, index) => ({
      addresses: [`10.0.0.${index}`],
      conditions: { ready },
    })),
  });
}

function deployReady(name: string, createdAt: string, ...lines: readonly string[]): void {
  world().deploy(name, serviceConfig(name, ...QUICK, ...lines), { createdAt });
  setReady(name, true);
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
    await world().start();
    await lead();
    world().deploy(NEW, serviceConfig(NEW, ...QUICK), { createdAt: '2024-06-01T00:00:00Z' });
    await world().quiet();
    expect(leads(OLD)).toBe(true);

    setReady(NEW, true);
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
  });
});
