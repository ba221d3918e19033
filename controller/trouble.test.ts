import { describe, expect, it } from '@jest/globals';
import { RESOURCES } from '../kube/resources.ts';
import { serviceConfig, useControllerCluster } from '../test/support/controller-cluster.ts';
import { until } from '../test/support/until.ts';

const world = useControllerCluster();

const A = 'serving-a-1';
const B = 'serving-b-1';
const both = (name: string) => [`Service shop/${name}`, `VirtualService shop/${name}`];
const isBuilt = (name: string) => both(name).every(one => world().built().includes(one));

describe('an API server that refuses', () => {
  it('one object for good does not hold up others, nor the rest of the same Deployment (C6)', async () => {
    world().fault = ({ method, url }) =>
      method === 'PATCH' && url.includes(`/services/${A}`) ? { status: 422, body: { reason: 'Invalid' } } : undefined;
    await world().start();
    world().deploy(A, serviceConfig(A));
    world().deploy(B, serviceConfig(B));

    await until('the others are there', () => isBuilt(B) && world().built().includes(`VirtualService shop/${A}`));
    world().fault = () => undefined;
    await until('it is tried again', () => isBuilt(A));
  });

  it('an Event at first is asked again until it takes it, though nothing else happens', async () => {
    let refused = 0;
    world().fault = ({ method, url }) =>
      method === 'POST' && url.includes('/events') && ++refused <= 2 ? { status: 500 } : undefined;
    await world().start();
    world().deploy(A, serviceConfig(A, 'replicas: {min: 3, max: 1}'));

    await until('it is told', () => world().reasons(A).includes('AnnotationInvalid'));
    expect(refused).toBe(3);
  });

  it('for a while, with a time to wait, is left alone so long (C14)', async () => {
    let refused = 0;
    let at = 0;
    world().fault = ({ method }) => {
      if (method !== 'PATCH' || refused > 0) return undefined;
      refused++;
      at = performance.now();
      return { status: 429, headers: { 'retry-after': '1' } };
    };
    await world().start();
    world().deploy(A, serviceConfig(A));
    await until('it is there', () => isBuilt(A));

    expect(performance.now() - at).toBeGreaterThan(950);
  });

  it('because somebody else wrote in between is asked again with what is there now (C14)', async () => {
    await world().start();
    world().deploy(A, serviceConfig(A));
    await until('it is there', () => isBuilt(A));
    let meddled = false;
    world().fault = ({ method, url }) => {
      const service = world().get(RESOURCES.services, A);
      if (method === 'PATCH' && url.includes('/services/') && !meddled && service !== undefined) {
        meddled = true;
        world().server.put({ ...service, spec: { ...(service['spec'] as object), sessionAffinity: 'ClientIP' } });
      }
      return undefined;
    };
    world().deploy(A, serviceConfig(A, 'ports: [9000]').replace('ports: [9000]', 'timeout: 20s'));
    const service = world().get(RESOURCES.services, A);
    world().server.put({
      ...service,
      metadata: { ...service?.metadata, name: A, labels: { 'app.kubernetes.io/managed-by': 'waymark', extra: 'x' } },
      spec: { ports: [] },
    });
    await until('it is healed', () => JSON.stringify(world().get(RESOURCES.services, A)?.['spec']).includes('8501'));

    expect(meddled).toBe(true);
    expect(world().get(RESOURCES.services, A)?.['spec']).toMatchObject({ sessionAffinity: 'ClientIP' });
  });
});

describe('without Istio (C12)', () => {
  it('Services are built, one Event says that routes are not, and routes appear when the kind does', async () => {
    world().server.store.unserve(RESOURCES.virtualServices);
    await world().start();
    world().deploy(A, serviceConfig(A));
    await until('it is told', () => world().reasons(A).includes('RoutesUnavailable'));
    await until('the Service is there', () => world().server.collection(RESOURCES.services).list().length === 1);
    world().server.store.unserve(RESOURCES.virtualServices);

    world().serve(RESOURCES.virtualServices);
    await until('the route is there', () => isBuilt(A));
    expect(world().reasons(A)).toEqual(['RoutesUnavailable']);
  });
});

describe('two replicas (C11)', () => {
  it('are both ready, and one of them writes; the other takes over when it stops', async () => {
    const [a, b] = await Promise.all([
      world().start({ leaderElection: true, identity: 'a' }),
      world().start({ leaderElection: true, identity: 'b' }),
    ]);
    await until('one leads', () => a.isLeading() !== b.isLeading());
    for (const { metricsPort } of [a, b]) {
      expect((await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).status).toBe(200);
    }
    world().deploy(A, serviceConfig(A));
    await until('it is there', () => isBuilt(A));
    const writers = new Set(
      world()
        .server.requests.filter(({ method, url }) => method !== 'GET' && !url.includes('/leases'))
        .map(({ authorization }) => authorization),
    );
    expect(writers.size).toBe(1);

    const [leader, standby] = a.isLeading() ? [a, b] : [b, a];
    await leader.close();
    expect(leader.isLeading()).toBe(false);
    world().deploy(B, serviceConfig(B));
    await until('the other has taken over', () => standby.isLeading() && isBuilt(B));
  });

  it('a leader that lost its Lease unseen deletes nothing (R-18)', async () => {
    const controller = await world().start({ leaderElection: true, identity: 'a' });
    world().deploy(A, serviceConfig(A));
    await until('it is there', () => isBuilt(A));
    const lease = world().get(RESOURCES.leases, 'waymark-controller', 'waymark-system');
    const spec = { ...(lease?.['spec'] as object), holderIdentity: 'b', leaseDurationSeconds: 15 };
    world().server.put({ ...lease, metadata: { ...lease?.metadata, name: 'waymark-controller' }, spec });
    expect(controller.isLeading()).toBe(true);
    world().strip(A);
    await until('it has noticed', () => !controller.isLeading());

    expect(isBuilt(A)).toBe(true);
    expect(
      world()
        .writes()
        .filter(write => write.startsWith('DELETE')),
    ).toEqual([]);
  });
});

describe('metrics (spec 5.2)', () => {
  const scrape = async (port: number) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

  it('count writes, restarts, states, findings, and say who leads', async () => {
    const { metricsPort } = await world().start();
    world().deploy(A, serviceConfig(A, 'hosts: [a.example.com]'));
    world().deploy(B, serviceConfig(B, 'replicas: {min: 3, max: 1}'));
    await until('both are done', () => isBuilt(A) && world().reasons(B).length === 1);
    world().server.watches()[0]?.reset();
    await world().quiet();

    const text = await scrape(metricsPort);
    expect(text).toContain('waymark_leader 1');
    expect(text).toContain('waymark_api_writes_total{kind="Service",verb="apply"} 1');
    expect(text).toContain('waymark_api_writes_total{kind="Event",verb="create"} 1');
    expect(text).toMatch(/waymark_watch_restarts_total\{kind="\w+"\} 1/);
    expect(text).toContain('waymark_deployments{state="built"} 1');
    expect(text).toContain('waymark_deployments{state="invalid"} 1');
    expect(text).toContain('waymark_hosts{state="routed"} 1');
    expect(text).toMatch(/waymark_findings_total\{code="WM\d{3}",severity="error"\} 1/);
    expect(text).toContain('waymark_queue_depth 0');
    expect(text).toMatch(/waymark_reconcile_duration_seconds_count [1-9]/);

    world().deploy(B, serviceConfig(B));
    await until('it is mended', () => isBuilt(B));
    await world().quiet();
    const later = await scrape(metricsPort);
    expect(later).toContain('waymark_deployments{state="built"} 2');
    expect(later).toContain('waymark_deployments{state="invalid"} 0');
  });
});
