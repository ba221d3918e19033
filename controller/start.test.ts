import { describe, expect, it } from '@jest/globals';
import { RESOURCES } from '../kube/resources.ts';
import { serviceConfig, useControllerCluster } from '../test/support/controller-cluster.ts';
import { until } from '../test/support/until.ts';

const world = useControllerCluster();

const A = 'tfserving-resnet50-20240501';
const B = 'tfserving-bert-1';
const SCALED = ['replicas: {min: 2, max: 10}', 'metrics: cpu:50%'];
const ALL_OF_A = [`HorizontalPodAutoscaler shop/${A}`, `Service shop/${A}`, `VirtualService shop/${A}`];

async function builtBecomes(expected: readonly string[]): Promise<void> {
  await until(`there is ${expected.join(', ')}`, () => world().built().join() === expected.join());
}

const hostsOf = (name: string, namespace?: string) =>
  (world().get(RESOURCES.virtualServices, name, namespace)?.['spec'] as { hosts?: string[] } | undefined)?.hosts;
const entriesOf = (name: string, namespace?: string) =>
  (world().get(RESOURCES.virtualServices, name, namespace)?.['spec'] as { http: { name: string }[] }).http.map(
    entry => entry.name,
  );

describe('an annotated Deployment', () => {
  it('gets its Service, autoscaler and route, each its own, and keeps them', async () => {
    await world().start();
    const { metadata } = world().deploy(A, serviceConfig(A, ...SCALED));
    await builtBecomes(ALL_OF_A);

    expect(world().get(RESOURCES.services, A)?.metadata.ownerReferences).toMatchObject([
      { kind: 'Deployment', name: A, uid: metadata.uid, controller: true },
    ]);
    expect(hostsOf(A)).toEqual([`${A}.shop.models.example.com`]);
  });

  it('is written once for each change, although every write comes back by watch (C2, R-11)', async () => {
    await world().start();
    world().deploy(A, serviceConfig(A, ...SCALED));
    await builtBecomes(ALL_OF_A);
    await world().quiet();

    expect(
      world()
        .writes()
        .filter(write => write.startsWith('PATCH') && !write.includes('/secrets/')),
    ).toHaveLength(3);

    world().deploy(A, serviceConfig(A, 'replicas: {min: 2, max: 12}', 'metrics: cpu:50%'));
    await until(
      'the autoscaler has followed',
      () =>
        (world().get(RESOURCES.horizontalPodAutoscalers, A)?.['spec'] as { maxReplicas: number }).maxReplicas === 12,
    );
    await world().quiet();
    expect(world().writes()).toEqual([`PATCH /apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/${A}`]);
  });

  it('loses everything that was made for it with its annotation, and nothing else goes (C13, R-13)', async () => {
    await world().start();
    world().deploy(A, serviceConfig(A, ...SCALED, 'hosts: [resnet.example.com]'));
    world().deploy(B, serviceConfig(B));
    await builtBecomes(
      [...ALL_OF_A, `Service shop/${B}`, 'VirtualService shop/resnet.example.com', `VirtualService shop/${B}`].sort(),
    );

    world().strip(A);
    await builtBecomes([`Service shop/${B}`, `VirtualService shop/${B}`]);
  });

  it('has its autoscaler edited in place, and removed when it is no longer due (R-02)', async () => {
    await world().start();
    world().deploy(A, serviceConfig(A, ...SCALED));
    await builtBecomes(ALL_OF_A);
    const uid = world().get(RESOURCES.horizontalPodAutoscalers, A)?.metadata.uid;
    world().deploy(A, serviceConfig(A, 'replicas: {min: 3, max: 10}', 'metrics: cpu:50%'));
    await world().quiet();

    expect(world().get(RESOURCES.horizontalPodAutoscalers, A)?.metadata.uid).toBe(uid);
    world().deploy(A, serviceConfig(A));
    await builtBecomes([`Service shop/${A}`, `VirtualService shop/${A}`]);
  });

  it('gets back what somebody deletes or edits', async () => {
    await world().start();
    world().deploy(A, serviceConfig(A));
    await builtBecomes([`Service shop/${A}`, `VirtualService shop/${A}`]);
    const service = world().get(RESOURCES.services, A);
    world().server.remove(RESOURCES.virtualServices, 'shop', A);
    world().server.put({
      ...service,
      metadata: { ...service?.metadata, name: A, labels: { 'app.kubernetes.io/managed-by': 'waymark' } },
      spec: { ports: [] },
    });
    await builtBecomes([`Service shop/${A}`, `VirtualService shop/${A}`]);
    await world().quiet();

    expect(world().get(RESOURCES.services, A)?.['spec']).toMatchObject({ ports: [{ port: 8501 }] });
  });

  it('with an error in its text keeps what its last good text made, also over a restart (C13)', async () => {
    const first = await world().start();
    world().deploy(A, serviceConfig(A, ...SCALED));
    await builtBecomes(ALL_OF_A);
    world().deploy(A, serviceConfig(A, 'replicas: {min: 5, max: 2}'));
    await until('it is told', () => world().reasons(A).includes('AnnotationInvalid'));
    await first.close();
    world().writes();
    await world().start();
    await world().quiet();

    expect(world().built()).toEqual(ALL_OF_A);
    expect(world().writes()).toEqual([]);
  });

  it('that is paused is left alone, whatever becomes of what it made', async () => {
    await world().start();
    world().deploy(A, serviceConfig(A));
    await builtBecomes([`Service shop/${A}`, `VirtualService shop/${A}`]);
    world().deploy(A, serviceConfig(A, ...SCALED), { annotations: { 'waymark.dev/paused': 'true' } });
    await world().quiet();
    world().server.remove(RESOURCES.services, 'shop', A);
    await world().quiet();

    expect(world().built()).toEqual([`VirtualService shop/${A}`]);
    world().deploy(A, serviceConfig(A, ...SCALED));
    await builtBecomes(ALL_OF_A);
  });
});

describe('objects of others', () => {
  it('of the same name are never touched; the Deployment is told, and what else it asks for is built (C8)', async () => {
    const foreign = world().server.put({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: A, namespace: 'shop' },
      spec: { ports: [{ port: 1 }] },
    });
    await world().start();
    world().deploy(A, serviceConfig(A));
    await builtBecomes([`VirtualService shop/${A}`]);
    await until('it is told', () => world().reasons(A).includes('NotOwned'));

    expect(world().get(RESOURCES.services, A)).toEqual(foreign);
    world().strip(A);
    await builtBecomes([]);
    expect(world().get(RESOURCES.services, A)).toEqual(foreign);

    world().deploy(A, serviceConfig(A));
    await builtBecomes([`VirtualService shop/${A}`]);
    world().server.remove(RESOURCES.services, 'shop', A);
    await builtBecomes([`Service shop/${A}`, `VirtualService shop/${A}`]);
  });

  it('that carry our label but belong to another owner are not ours (C8)', async () => {
    const labels = { 'app.kubernetes.io/managed-by': 'waymark' };
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: A, uid: 'another', controller: true };
    const foreign = world().server.put({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: A, namespace: 'shop', labels, ownerReferences: [owner] },
      spec: { ports: [] },
    });
    await world().start();
    world().deploy(A, serviceConfig(A));
    await until('it is told', () => world().reasons(A).includes('NotOwned'));
    world().strip(A);
    await world().quiet();

    expect(world().get(RESOURCES.services, A)).toEqual(foreign);
  });

  it('in Kubernetes’ namespaces and Waymark’s own are not acted on, annotated or not', async () => {
    await world().start();
    world().deploy(A, serviceConfig(A), { namespace: 'kube-system' });
    world().deploy(A, serviceConfig(A), { namespace: 'waymark-system' });
    await world().quiet();

    expect(world().built()).toEqual([]);
  });
});

describe('a host', () => {
  it('that two ask for belongs to the older; it goes to the other when the older lets go', async () => {
    await world().start();
    world().deploy(A, serviceConfig(A, 'hosts: [x.example.com]'), { createdAt: '2026-01-01T00:00:00Z' });
    world().deploy(B, serviceConfig(B, 'hosts: [x.example.com]'), { createdAt: '2026-02-01T00:00:00Z' });
    await until('the newer is told', () => world().reasons(B).includes('LineConflict'));
    await world().quiet();
    expect(entriesOf('x.example.com')).toEqual([`shop/${A}/catch-all`]);

    world().deploy(A, serviceConfig(A, 'hosts: [y.example.com]'));
    await until('it has moved', () => entriesOf('x.example.com').join() === `shop/${B}/catch-all`);
    await until('the other is there', () => hostsOf('y.example.com')?.join() === 'y.example.com');
  });

  it('goes when nobody asks for it any more, also when that happened while nobody looked', async () => {
    const first = await world().start();
    world().deploy(A, serviceConfig(A, 'hosts: [x.example.com]'));
    await until('it is routed', () => hostsOf('x.example.com') !== undefined);
    await world().quiet();
    await first.close();
    world().deploy(A, serviceConfig(A, 'hosts: [y.example.com]'));
    await world().start();

    await builtBecomes([`Service shop/${A}`, `VirtualService shop/${A}`, 'VirtualService shop/y.example.com'].sort());
  });

  it('that all share holds the routes of a member whose text has an error, also over a restart', async () => {
    const mapping = (prefix: string) =>
      `apiVersion: waymark.dev/v1\nkind: Mapping\nname: m\nprefix: ${prefix}\nhostname: shared.example.com\n`;
    const first = await world().start();
    world().deploy('one', mapping('/one/'));
    world().deploy('two', mapping('/two/'));
    const name = 'shared.example.com';
    const entries = () => (hostsOf(name, 'waymark-system') === undefined ? [] : entriesOf(name, 'waymark-system'));
    await until('both are routed', () => entries().length === 2);
    world().deploy('one', `${mapping('/one/')}unknown: 1\n`);
    await until('it is told', () => world().reasons('one').includes('AnnotationInvalid'));
    await first.close();
    await world().start();
    world().deploy('two', mapping('/deux/'));
    await world().quiet();

    expect(entries().sort()).toEqual(['shop/one/m', 'shop/two/m']);
    world().strip('one');
    await until('its route is gone', () => entries().join() === 'shop/two/m');
  });
});

describe('settings of a Namespace', () => {
  it('reach its Deployments when they change', async () => {
    await world().start();
    world().deploy(A, serviceConfig(A));
    await until('it is routed', () => hostsOf(A) !== undefined);
    const annotations = { 'waymark.dev/domain': 'shop.example' };
    world().server.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', annotations } });

    await until('the host has followed', () => hostsOf(A)?.join() === `${A}.shop.shop.example`);
  });
});
