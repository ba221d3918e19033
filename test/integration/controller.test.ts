import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { AuditEntry } from '../cluster/types.ts';
import { CONTROLLER, sentence, writesOf } from './audit.ts';
import { eventually } from './eventually.ts';
import { annotated, createNamespace, deployment, inferenceService } from './manifests.ts';
import { apartFromStatus, builtNames, builtObjects, eventReasons, find, list, pathOf, read } from './objects.ts';
import { metric, restartsOf, someLeader, waymarkPods } from './waymark-pods.ts';
import { acceptService, refuseService } from './refused-service.ts';
import { INGRESS_HOST, SYSTEM, apply, startWorld, stopWorlds } from './world.ts';
import type { World } from './world.ts';

const SOON = { within: 5_000 };

let world: World;
beforeAll(async () => {
  world = await startWorld({ istioCrds: false });
  for (const name of ['shop', 'lab']) await createNamespace(world.cluster, name);
});
afterAll(stopWorlds);

const scaled = ['replicas: {min: 1, max: 3}'];
const named = (model: string, ...more: readonly string[]) =>
  deployment(`shop/serving-${model}-1`, {
    config: inferenceService(model, 'v1', ...more),
    ports: { http: 8080, admin: 9090 },
  });

describe("without Istio's kinds (C12)", () => {
  it('Services and autoscalers are built, one Event says what is not, and the controller lives', async () => {
    await apply(world, named('early', ...scaled, 'hosts: [early.example.org]'));

    await eventually(async () => {
      expect(await builtNames(world.cluster, 'shop')).toEqual(
        ['HorizontalPodAutoscaler serving-early-1', 'Service serving-early-1'].toSorted(byKind),
      );
      expect(await eventReasons(world.cluster, 'shop', 'serving-early-1')).toEqual(['RoutesUnavailable']);
    }, SOON);
    expect((await waymarkPods(world.cluster, 'controller')).map(restartsOf)).toEqual([0]);
  });

  it('routes appear when the kinds do', async () => {
    await world.cluster.installIstioCrds();

    await eventually(
      async () =>
        expect((await list(world.cluster, 'VirtualService', 'shop')).map(({ metadata }) => metadata.name)).toEqual([
          'early.example.org',
          'serving-early-1',
        ]),
      { within: 40_000 },
    );
    expect((await waymarkPods(world.cluster, 'controller')).map(restartsOf)).toEqual([0]);
  });

  function byKind(a: string, b: string): number {
    return Number(a.startsWith('Horizontal')) - Number(b.startsWith('Horizontal'));
  }
});

describe('what others write', () => {
  beforeAll(async () => {
    await apply(world, named('shared', ...scaled));
    await eventually(() => read(world.cluster, 'VirtualService', 'shop', 'serving-shared-1'), SOON);
  });

  it("another manager's fields survive our next write (C9)", async () => {
    const mark = { metadata: { annotations: { 'example.com/team': 'vision' }, labels: { tier: 'gold' } } };
    for (const kind of ['Service', 'HorizontalPodAutoscaler', 'VirtualService'] as const) {
      const path = `${pathOf(kind, 'shop', 'serving-shared-1')}?fieldManager=other`;
      expect((await world.cluster.api('PATCH', path, mark, 'application/merge-patch+json')).status).toBe(200);
    }

    await apply(world, named('shared', 'replicas: {min: 2, max: 5}', 'ports: [admin, http]', 'timeout: 7s'));

    await eventually(async () => {
      const [service, scaler, routes] = await Promise.all(
        (['Service', 'HorizontalPodAutoscaler', 'VirtualService'] as const).map(kind =>
          read(world.cluster, kind, 'shop', 'serving-shared-1'),
        ),
      );
      expect(service?.spec).toMatchObject({ ports: [{ port: 9090 }, { port: 8080 }] });
      expect(scaler?.spec).toMatchObject({ minReplicas: 2, maxReplicas: 5 });
      expect(routes?.spec).toMatchObject({ http: [{ timeout: '7s' }] });
      for (const object of [service, scaler, routes]) expect(object).toMatchObject(mark);
    }, SOON);
  });

  it('an edit of what is ours is taken back, at once and for good (C2, C9)', async () => {
    const before = await read(world.cluster, 'Service', 'shop', 'serving-shared-1');
    const from = Date.now();
    const foreign = { spec: { selector: { app: 'other' }, ports: [{ name: 'http', port: 1 }] } };
    const path = `${pathOf('Service', 'shop', 'serving-shared-1')}?fieldManager=other`;

    expect((await world.cluster.api('PATCH', path, foreign, 'application/merge-patch+json')).status).toBe(200);

    await eventually(async () => {
      const { spec } = await read(world.cluster, 'Service', 'shop', 'serving-shared-1');
      expect(spec).toEqual(before.spec);
    }, SOON);
    // A port that somebody added is first taken over, then left out.
    const writes = (await writesSince(from)).map(sentence);
    expect(writes.length).toBeLessThanOrEqual(2);
    expect([...new Set(writes)]).toEqual(['patch services shop/serving-shared-1 200']);
  });

  it('an object that somebody deletes is made anew', async () => {
    await world.kubectl(['delete', 'hpa/serving-shared-1', '-n', 'shop']);

    await eventually(() => read(world.cluster, 'HorizontalPodAutoscaler', 'shop', 'serving-shared-1'), SOON);
  });

  it('edits that meet our own writes do not stop us (C14)', async () => {
    await apply(world, named('contended', ...scaled));
    await eventually(() => read(world.cluster, 'Service', 'shop', 'serving-contended-1'), SOON);
    const path = `${pathOf('Service', 'shop', 'serving-contended-1')}?fieldManager=other`;
    const edits = new AbortController();
    const editing = (async () => {
      for (let round = 0; !edits.signal.aborted; round++) {
        const mark = { metadata: { annotations: { 'example.com/round': String(round) } } };
        await world.cluster.api('PATCH', path, mark, 'application/merge-patch+json');
        // Thirty a second: many of our writes meet one, and not every one does.
        await delay(30);
      }
    })();
    try {
      for (const timeout of [1, 2, 3, 4, 5]) {
        const ports = timeout % 2 === 0 ? 'ports: [http]' : 'ports: [admin]';
        await apply(world, named('contended', ...scaled, ports, `timeout: ${timeout}s`));
      }

      await eventually(async () => {
        const { spec } = await read(world.cluster, 'Service', 'shop', 'serving-contended-1');
        expect(spec).toMatchObject({ ports: [{ port: 9090 }] });
        const routes = await read(world.cluster, 'VirtualService', 'shop', 'serving-contended-1');
        expect(routes.spec).toMatchObject({ http: [{ timeout: '5s' }] });
      }, SOON);
    } finally {
      edits.abort();
      await editing;
    }
  });

  it("the number of replicas is the autoscaler's: no Deployment was ever written by us (C9)", async () => {
    const writes = (await writesSince(0)).filter(({ resource }) => resource === 'deployments');

    expect(writes.map(sentence)).toEqual([]);
  });
});

describe('an annotation with an error that was stored all the same (C13)', () => {
  const broken = annotated(named('kept'), inferenceService('kept', 'v1', 'replicas: {min: 4, max: 2}'));

  it('changes nothing that was built from the last good text, and the Deployment is told', async () => {
    await label('warn');
    await apply(world, named('kept', ...scaled));
    await eventually(async () => expect(await namesOf('kept')).toHaveLength(3), SOON);
    const before = await stateOf('kept');

    const { stderr } = await apply(world, broken);
    await eventually(
      async () => expect(await eventReasons(world.cluster, 'shop', 'serving-kept-1')).toEqual(['AnnotationInvalid']),
      SOON,
    );

    expect(stderr).toMatch(/Warning: WM\d{3}/);
    expect(await stateOf('kept')).toEqual(before);
  });

  it('nor does a restart of the controller change it', async () => {
    const before = await stateOf('kept');

    await restart();
    await apply(world, named('after'));
    await eventually(async () => expect(await namesOf('after')).toHaveLength(2), { within: 25_000 });

    expect(await stateOf('kept')).toEqual(before);
  });

  it('builds nothing where there was nothing', async () => {
    await apply(world, annotated(named('never'), inferenceService('never', 'v1', 'replicas: {min: 4, max: 2}')));

    await eventually(
      async () => expect(await eventReasons(world.cluster, 'shop', 'serving-never-1')).toEqual(['AnnotationInvalid']),
      SOON,
    );
    expect(await namesOf('never')).toEqual([]);
  });

  it('the next good text is followed', async () => {
    await apply(world, named('kept'));

    await eventually(
      async () =>
        expect(await find(world.cluster, 'HorizontalPodAutoscaler', 'shop', 'serving-kept-1')).toBeUndefined(),
      SOON,
    );
    await label('enforce');
  });

  async function label(policy: string): Promise<void> {
    await world.kubectl(['label', 'namespace', 'shop', `waymark.dev/policy=${policy}`, '--overwrite']);
  }
});

describe('an object that the API server refuses again and again (C6)', () => {
  it('is tried again ever more rarely, stops nobody else, and is written once it may be', async () => {
    await refuseService(world, 'serving-poison-1');
    const from = Date.now();
    await apply(world, named('poison'), ...Array.from({ length: 20 }, (_, index) => named(`well${index}`)));

    await eventually(async () => {
      const services = (await list(world.cluster, 'Service', 'shop')).map(({ metadata }) => metadata.name);
      expect(services.filter(name => name.startsWith('serving-well'))).toHaveLength(20);
      expect(services).not.toContain('serving-poison-1');
    }, SOON);
    const tries = await eventually(
      async () => {
        const refused = (await writesSince(from))
          .filter(({ name }) => name === 'serving-poison-1')
          .filter(({ resource, code }) => resource === 'services' && code >= 400);
        expect(refused.length).toBeGreaterThanOrEqual(5);
        return refused.map(({ at }) => at);
      },
      { within: 30_000 },
    );
    await acceptService(world);
    await eventually(() => read(world.cluster, 'Service', 'shop', 'serving-poison-1'), { within: 30_000 });

    const [first = 0, , , , fifth = 0] = tries;
    expect(fifth - first).toBeGreaterThan(500);
    expect((tries[4] ?? 0) - (tries[3] ?? 0)).toBeGreaterThan((tries[1] ?? 0) - (tries[0] ?? 0));
  });
});

describe('many edits of one Deployment while the controller could not look', () => {
  it('collapse into few writes, and the last one stands (C3)', async () => {
    await apply(world, named('edited'));
    await eventually(async () => expect(await namesOf('edited')).toHaveLength(2), SOON);
    const pod = await someLeader(world.cluster);
    world.kubelet.pause(SYSTEM, pod);
    const from = Date.now();

    const path = pathOf('Deployment', 'shop', 'serving-edited-1');
    for (let second = 1; second <= 30; second++) {
      const config = inferenceService('edited', 'v1', `timeout: ${second}s`);
      const patch = { metadata: { annotations: { 'waymark.dev/config': config } } };
      expect((await world.cluster.api('PATCH', path, patch, 'application/merge-patch+json')).status).toBe(200);
    }
    world.kubelet.resume(SYSTEM, pod);

    // The timeout stands in two: in that of its own host, and in that of the host that all share.
    await eventually(async () => {
      const own = await read(world.cluster, 'VirtualService', 'shop', 'serving-edited-1');
      const shared = await read(world.cluster, 'VirtualService', SYSTEM, INGRESS_HOST);
      expect(own.spec).toMatchObject({ http: [{ timeout: '30s' }] });
      expect(JSON.stringify(shared.spec)).toContain('"timeout":"30s"');
    }, SOON);
    const writes = Map.groupBy(await writesSince(from), ({ resource, name }) => `${resource} ${name}`);
    expect([...writes.keys()].toSorted()).toEqual([
      `virtualservices ${INGRESS_HOST}`,
      'virtualservices serving-edited-1',
    ]);
    for (const [, ofOne] of writes) expect(ofOne.length).toBeLessThanOrEqual(3);
  });
});

describe('a cache that is not complete', () => {
  it('leads to no write: without the right to see Deployments nothing is taken for gone (C4)', async () => {
    const before = await builtObjects(world.cluster, 'shop');
    const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles/waymark-controller';
    const role = (await world.cluster.api('GET', path)).body as {
      readonly rules: readonly { readonly resources: readonly string[] }[];
    };
    const rules = role.rules.filter(({ resources }) => !resources.includes('deployments'));
    expect(rules).not.toEqual(role.rules);
    await setRules(path, rules);
    const from = Date.now();
    await restart();

    await eventually(
      async () => {
        const refused = (await world.cluster.audit(from)).filter(
          ({ user, resource, verb, code }) =>
            user === CONTROLLER && resource === 'deployments' && verb === 'list' && code === 403,
        );
        expect(refused.length).toBeGreaterThanOrEqual(3);
      },
      { within: 30_000 },
    );
    const writes = await writesSince(from);
    const after = await builtObjects(world.cluster, 'shop');
    await setRules(path, role.rules);
    await apply(world, named('seen'));

    expect(writes.map(sentence)).toEqual([]);
    expect(after.map(apartFromStatus)).toEqual(before.map(apartFromStatus));
    await eventually(async () => expect(await namesOf('seen')).toHaveLength(2), { within: 40_000 });
  });

  async function setRules(path: string, rules: readonly object[]): Promise<void> {
    expect((await world.cluster.api('PATCH', path, { rules }, 'application/merge-patch+json')).status).toBe(200);
  }
});

describe('the watch', () => {
  it('is taken up again when the API server was away, also from a version that it no longer has (C7)', async () => {
    await apply(world, named('lost'), named('stays'));
    await eventually(
      async () => expect([...(await namesOf('lost')), ...(await namesOf('stays'))]).toHaveLength(4),
      SOON,
    );
    const pod = await someLeader(world.cluster);
    world.kubelet.pause(SYSTEM, pod);
    await world.cluster.stopApiServer();
    await world.cluster.startApiServer();

    // The new API server remembers nothing older than its own start.
    await world.kubectl(['annotate', 'deployment/serving-lost-1', '-n', 'shop', 'waymark.dev/config-']);
    await world.kubectl(['delete', 'service/serving-stays-1', '-n', 'shop']);
    await apply(world, named('found'));
    world.kubelet.resume(SYSTEM, pod);

    await eventually(
      async () => {
        expect(await namesOf('lost')).toEqual([]);
        expect(await namesOf('stays')).toHaveLength(2);
        expect(await namesOf('found')).toHaveLength(2);
      },
      { within: 30_000 },
    );
  });

  it('its restarts are counted (C7)', async () => {
    const [pod] = await waymarkPods(world.cluster, 'controller');
    if (pod === undefined) throw new Error('there is no controller');
    const before = await metric(pod, 'controller', 'waymark_watch_restarts_total');

    await world.cluster.stopApiServer();
    await world.cluster.startApiServer();

    await eventually(
      async () =>
        expect(await metric(pod, 'controller', 'waymark_watch_restarts_total')).toBeGreaterThan(
          Number.isNaN(before) ? 0 : before,
        ),
      { within: 20_000 },
    );
    await apply(world, named('again'));
    await eventually(async () => expect(await namesOf('again')).toHaveLength(2), { within: 20_000 });
  });
});

async function namesOf(model: string): Promise<readonly string[]> {
  return (await builtNames(world.cluster, 'shop')).filter(name => name.endsWith(` serving-${model}-1`));
}

/** What was built for a model: every write would change it. */
async function stateOf(model: string): Promise<readonly unknown[]> {
  const built = await builtObjects(world.cluster, 'shop');
  return built.filter(({ metadata }) => metadata.name === `serving-${model}-1`).map(apartFromStatus);
}

async function writesSince(from: number): Promise<readonly AuditEntry[]> {
  return writesOf(await world.cluster.audit(from)).filter(({ resource }) => resource !== 'events');
}

/** Kills the controller and waits until it runs again. */
async function restart(): Promise<void> {
  const [pod] = await waymarkPods(world.cluster, 'controller');
  if (pod === undefined) throw new Error('there is no controller');
  const before = restartsOf(pod);
  await world.kubelet.crash(SYSTEM, pod.metadata.name);
  await eventually(
    async () => {
      const [again] = await waymarkPods(world.cluster, 'controller');
      expect(again === undefined ? before : restartsOf(again)).toBeGreaterThan(before);
    },
    { within: 20_000 },
  );
}
