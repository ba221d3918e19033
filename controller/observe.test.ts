import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createApplier } from '../kube/apply.ts';
import { createClient } from '../kube/client.ts';
import { systemClock } from '../kube/clock.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { KubeClient, KubeObject } from '../kube/types.ts';
import { NO_FACTS } from '../shared/cluster-facts.ts';
import { compile } from '../shared/compile.ts';
import type { GroupKey, Snapshot } from '../shared/snapshot.ts';
import { serviceConfig, settings, useControllerCluster } from '../test/support/controller-cluster.ts';
import { silentLog } from '../test/support/silent-log.ts';
import { until } from '../test/support/until.ts';
import { createContention } from './contention.ts';
import { createExternalWants } from './external-wants.ts';
import { createWorld } from './observe.ts';
import type { World } from './observe.ts';
import { reconcile } from './reconcile.ts';
import { createWriter } from './write.ts';

const cluster = useControllerCluster();
let client: KubeClient;
let world: World;
let called: GroupKey[];

beforeEach(() => {
  client = createClient(cluster().server.credentials);
  called = [];
});
afterEach(async () => {
  await world.stop();
  await client.close();
});

async function watch(namespaces: readonly string[] = [], platform = settings): Promise<void> {
  world = createWorld({
    client,
    settings: platform,
    namespaces,
    onGroup: group => called.push(group),
    onDeploymentGone: () => undefined,
    onRestart: () => undefined,
    contendedBy: () => undefined,
    external: { wants: createExternalWants(), ids: { facts: NO_FACTS.externalIds, serviceChanged: () => undefined } },
    log: silentLog(),
    clock: systemClock,
    random: Math.random,
  });
  world.start();
  await world.synced;
}

/** What was called since the last look, each once, sorted. */
async function calls(what: string, expected: readonly string[]): Promise<void> {
  const seen = () => [...new Set(called)].sort().join();
  await until(`${what}: ${expected.join()}`, () => seen() === [...expected].sort().join());
  called = [];
}

describe('what wakes a group', () => {
  it('is its Deployment, and for hosts those that name them now and those that named them before', async () => {
    await watch();
    cluster().deploy('serving-a-1', serviceConfig('serving-a-1', 'hosts: [x.example.com, y.example.com]'));
    await calls('new', ['Deployment/shop/serving-a-1', 'Host/x.example.com', 'Host/y.example.com']);

    cluster().deploy('serving-a-1', serviceConfig('serving-a-1', 'hosts: [y.example.com, z.example.com]'));
    await calls('edited', [
      'Deployment/shop/serving-a-1',
      'Host/x.example.com',
      'Host/y.example.com',
      'Host/z.example.com',
    ]);

    cluster().strip('serving-a-1');
    await calls('gone', ['Deployment/shop/serving-a-1', 'Host/y.example.com', 'Host/z.example.com']);
  });

  it('is not a Deployment that nobody annotated, nor a Namespace that changes nothing', async () => {
    await watch();
    cluster().deploy('plain');
    cluster().server.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'x' } } });
    cluster().deploy('serving-a-1', serviceConfig('serving-a-1'));

    await calls('only the annotated', ['Deployment/shop/serving-a-1']);
  });

  it('is a setting of its Namespace', async () => {
    cluster().deploy('serving-a-1', serviceConfig('serving-a-1'));
    cluster().deploy('serving-a-1', serviceConfig('serving-a-1'), { namespace: 'other' });
    await watch();
    await calls('all, at start', ['Deployment/shop/serving-a-1', 'Deployment/other/serving-a-1']);
    const labels = { 'waymark.dev/policy': 'off' };
    cluster().server.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other', labels } });

    await calls('those of the Namespace', ['Deployment/other/serving-a-1']);
  });
});

describe('on the host that all share', () => {
  const withPaths = { ...settings, modelPrefix: '/models/{model}/' };
  const shared = 'Host/shared.example.com';
  const versions = ['serving-a-1', 'serving-a-2', 'serving-b-1'];

  function setStatus(name: string, change: Record<string, unknown>): void {
    const { status, ...object } = cluster().get(RESOURCES.deployments, name) as KubeObject & { status?: object };
    cluster().server.put({ ...object, status: { ...status, ...change } });
  }

  it('a version whose Pods come or go wakes the host, where another one could lead instead', async () => {
    for (const name of versions) cluster().deploy(name, serviceConfig(name));
    for (const name of versions) setStatus(name, { availableReplicas: 0 });
    await watch([], withPaths);
    await calls('at start', [shared, ...versions.map(name => `Deployment/shop/${name}`)]);

    setStatus('serving-a-2', { availableReplicas: 1 });
    await calls('its first Pod', [shared, 'Deployment/shop/serving-a-2']);
    setStatus('serving-a-2', { availableReplicas: 2 });
    await calls('one more', [shared, 'Deployment/shop/serving-a-2']);
    setStatus('serving-a-2', { availableReplicas: 0 });
    await calls('its last Pod', [shared, 'Deployment/shop/serving-a-2']);
    setStatus('serving-b-1', { availableReplicas: 1 });
    await calls('alone in its line', ['Deployment/shop/serving-b-1']);
  });

  it('a new size of a line of one version wakes nobody else, another text does', async () => {
    for (const name of ['serving-a-1', 'serving-b-1']) cluster().deploy(name, serviceConfig(name));
    await watch([], withPaths);
    await calls('at start', [shared, 'Deployment/shop/serving-a-1', 'Deployment/shop/serving-b-1']);

    const { spec, ...object } = cluster().get(RESOURCES.deployments, 'serving-a-1') as KubeObject & { spec: object };
    cluster().server.put({ ...object, spec: { ...spec, replicas: 7 } });
    await calls('a size', ['Deployment/shop/serving-a-1']);
    cluster().deploy('serving-a-1', serviceConfig('serving-a-1', 'timeout: 1s'));
    await calls('a text', [shared, 'Deployment/shop/serving-a-1']);
  });
});

describe('where the template gives two Deployments one built-in host', () => {
  const platform = { ...settings, hostTemplate: '{prefix}{service}.{domain}' };
  const groups: GroupKey[] = ['Deployment/shop/serving-a-1', 'Deployment/other/serving-a-1'];
  const holders = (group: GroupKey) => world.snapshot(group).deployments.map(({ metadata }) => metadata.namespace);

  it('each is looked at with the other, and woken by it', async () => {
    cluster().deploy('serving-a-1', serviceConfig('serving-a-1'));
    await watch([], platform);
    await calls('one', ['Deployment/shop/serving-a-1']);
    cluster().deploy('serving-a-1', serviceConfig('serving-a-1'), { namespace: 'other' });
    await calls('two', groups);

    for (const group of groups) expect([...holders(group)].sort()).toEqual(['other', 'shop']);

    cluster().strip('serving-a-1');
    await calls('the one is gone', groups);
    expect(holders('Deployment/other/serving-a-1')).toEqual(['other']);
  });

  it('a text with an error keeps the host that lives', async () => {
    const { uid = '' } = cluster().deploy('serving-a-1', serviceConfig('serving-a-1', 'nonsense: 1')).metadata;
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'serving-a-1', uid };
    cluster().server.put({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: {
        name: 'serving-a-1',
        namespace: 'shop',
        labels: { 'app.kubernetes.io/managed-by': 'waymark' },
        ownerReferences: [{ ...owner, controller: true }],
      },
      spec: { hosts: ['serving-a-1.models.example.com'] },
    });
    cluster().deploy('serving-a-1', serviceConfig('serving-a-1'), { namespace: 'other' });
    await watch([], platform);

    expect([...holders('Deployment/other/serving-a-1')].sort()).toEqual(['other', 'shop']);
  });
});

describe('a snapshot', () => {
  it('holds what its group depends on and nothing else', async () => {
    for (const name of ['serving-a-1', 'serving-b-1', 'serving-c-1']) {
      cluster().deploy(name, serviceConfig(name, `hosts: [${name === 'serving-c-1' ? 'y' : 'x'}.example.com]`));
    }
    await watch();
    const names = (group: GroupKey) => world.snapshot(group).deployments.map(({ metadata }) => metadata.name);

    expect(names('Deployment/shop/serving-a-1')).toEqual(['serving-a-1']);
    expect(names('Host/x.example.com')).toEqual(['serving-a-1', 'serving-b-1']);
    expect(names('Host/nobody.example.com')).toEqual([]);
  });

  it('is never changed by whoever works with it (C5)', async () => {
    const frozenNames = ['serving-a-1', 'serving-b-1', 'serving-bad-1'];
    for (const name of frozenNames) {
      const more = name === 'serving-bad-1' ? ['replicas: {min: 3, max: 1}'] : ['replicas: {min: 1, max: 3}'];
      cluster().deploy(name, serviceConfig(name, 'hosts: [x.example.com]', ...more));
    }
    await watch();
    const applier = createApplier({ client, manager: 'waymark', onWrite: () => undefined });
    const done = () => Promise.resolve();
    const contention = createContention(systemClock, Math.random, () => undefined);
    const lookAgain = () => undefined;
    const log = silentLog();
    const writer = createWriter({ world, applier, client, permit: done, fence: done, contention, lookAgain, log });
    const observe = (group: GroupKey): Snapshot => deepFreeze(world.snapshot(group));
    const turn = (group: GroupKey) =>
      reconcile(group, {
        observe,
        compile,
        claim: claims => void deepFreeze(claims),
        settle: done,
        own: done,
        resize: done,
        describe: done,
        describeFailure: done,
        release: done,
        apply: (key, objects) => writer.apply(key, objects),
        prune: (key, objects) => writer.prune(key, objects),
        report: (_, compilation) => Promise.resolve(void deepFreeze(compilation)),
      });

    for (const round of [1, 2, 3]) {
      for (const group of new Set(world.groups())) await turn(group);
      if (round === 1) cluster().deploy('serving-a-1', serviceConfig('serving-a-1', 'hosts: [y.example.com]'));
      if (round === 2) cluster().strip('serving-b-1');
      called = [];
      if (round < 3) await until('it is seen', () => called.length > 0);
    }
    await turn('Deployment/shop/serving-b-1');

    expect(cluster().built()).toEqual([
      'Service shop/serving-a-1',
      'VirtualService shop/serving-a-1',
      'VirtualService shop/y.example.com',
    ]);
  });
});

describe('narrowed to Namespaces (S-09)', () => {
  it('only those are listed and watched, and the routes of the shared host', async () => {
    cluster().deploy('serving-a-1', serviceConfig('serving-a-1'));
    cluster().deploy('serving-b-1', serviceConfig('serving-b-1'), { namespace: 'other' });
    await watch(['shop']);
    await calls('those of the one', ['Deployment/shop/serving-a-1']);

    const paths = new Set(cluster().server.requests.map(({ url }) => url.split('?')[0]));
    expect([...paths].sort()).toEqual([
      '/api/v1/namespaces',
      '/api/v1/namespaces/shop/services',
      '/api/v1/nodes',
      '/apis/apps/v1/namespaces/shop/deployments',
      '/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers',
      '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
      '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices',
      '/apis/keda.sh/v1alpha1/namespaces/shop/scaledobjects',
      '/apis/networking.istio.io/v1/namespaces/shop/destinationrules',
      '/apis/networking.istio.io/v1/namespaces/shop/serviceentries',
      '/apis/networking.istio.io/v1/namespaces/shop/virtualservices',
      '/apis/networking.istio.io/v1/namespaces/waymark-system/destinationrules',
      '/apis/networking.istio.io/v1/namespaces/waymark-system/serviceentries',
      '/apis/networking.istio.io/v1/namespaces/waymark-system/virtualservices',
      '/apis/networking.k8s.io/v1/servicecidrs',
      '/apis/waymark.dev/v1/hosts',
    ]);
    expect(
      cluster()
        .server.requests.filter(({ url }) => url.startsWith('/api/v1/namespaces?'))
        .every(({ url }) => url.includes('metadata.name%3Dshop')),
    ).toBe(true);
  });
});

/** Maps are left as they are: what they hold is frozen. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) for (const item of value.values()) deepFreeze(item);
  else {
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item);
  }
  return value;
}
