import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient } from '../kube/client.ts';
import { createInformer } from '../kube/informer.ts';
import { RESOURCES } from '../kube/resources.ts';
import { defaultSettings } from '../shared/settings-file.ts';
import type { ExternalStrategy } from '../shared/settings.ts';
import { startApiServer } from '../test/support/api-server/server.ts';
import { silentLog } from '../test/support/silent-log.ts';
import { createFacts, watchFacts } from './facts.ts';
import type { ApiServer } from '../test/support/api-server/server.ts';
import type { Informer, KubeClient, KubeObject } from '../kube/types.ts';

const { systemNamespace } = defaultSettings;

let api: ApiServer;
let client: KubeClient;
let informers: Informer<unknown>[];
let changes: number;

beforeEach(async () => {
  const { horizontalPodAutoscalers, configMaps, nodes, serviceCidrs, hosts } = RESOURCES;
  api = await startApiServer([horizontalPodAutoscalers, configMaps, nodes, serviceCidrs, hosts]);
  client = createClient(api.credentials);
  informers = [];
  changes = 0;
}, 60_000);
afterEach(async () => {
  await Promise.all(informers.map(informer => informer.stop()));
  await client.close();
  await api.close();
});

async function watched(strategy: ExternalStrategy = 'externalIPs', namespaces: readonly string[] = []) {
  const known = createFacts(() => changes++);
  const settings = { ...defaultSettings, external: { ...defaultSettings.external, strategy } };
  const follow: Parameters<typeof watchFacts>[0] = given => {
    const informer = createInformer({ ...given, client, log: silentLog() });
    informers.push(informer);
    informer.start();
    return informer;
  };
  await Promise.all(watchFacts(follow, { settings, watched: namespaces }, known));
  await until(() => api.watches().length === informers.length);
  return known.facts;
}

function autoscaler(path: string, owner: string, more: Partial<KubeObject> = {}): KubeObject {
  const [namespace = '', name = ''] = path.split('/');
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: {
      namespace,
      name,
      labels: { 'app.kubernetes.io/managed-by': 'waymark' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid: owner, controller: true }],
    },
    ...more,
  };
}

function node(name: string, address: string, more: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: { podCIDRs: [`10.244.${address.split('.').at(-1) ?? ''}.0/24`] },
    status: {
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      ...more,
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 5));
}

describe('the autoscalers that the webhook knows', () => {
  it('are ours, each of the very Deployment that it was made for', async () => {
    api.put(autoscaler('shop/web', 'uid-1'));
    api.put({ ...autoscaler('shop/other', 'uid-2'), metadata: { namespace: 'shop', name: 'other' } });
    const unowned = autoscaler('shop/unowned', 'uid-3');
    api.put({ ...unowned, metadata: { ...unowned.metadata, ownerReferences: [] } });
    const unlabelled = autoscaler('shop/unlabelled', 'uid-4');
    api.put({ ...unlabelled, metadata: { ...unlabelled.metadata, labels: {} } });

    const facts = await watched();

    expect(facts.isAutoscaled('shop', 'web', 'uid-1')).toBe(true);
    expect(facts.isAutoscaled('shop', 'web', 'uid-of-a-later-one')).toBe(false);
    expect(facts.isAutoscaled('lab', 'web', 'uid-1')).toBe(false);
    expect(facts.isAutoscaled('shop', 'other', 'uid-2')).toBe(false);
    expect(facts.isAutoscaled('shop', 'unowned', 'uid-3')).toBe(false);
    expect(facts.isAutoscaled('shop', 'unlabelled', 'uid-4')).toBe(false);
  });

  it('come and go', async () => {
    const facts = await watched();

    api.put(autoscaler('shop/web', 'uid-1'));
    await until(() => facts.isAutoscaled('shop', 'web', 'uid-1'));
    api.remove(RESOURCES.horizontalPodAutoscalers, 'shop', 'web');
    await until(() => !facts.isAutoscaled('shop', 'web', 'uid-1'));

    expect(changes).toBe(2);
  });

  it('change no answer by what they measure, so that nothing that is remembered is forgotten', async () => {
    api.put(autoscaler('shop/web', 'uid-1'));
    const facts = await watched();
    const before = changes;

    for (let i = 1; i <= 5; i++) api.put(autoscaler('shop/web', 'uid-1', { status: { currentReplicas: i } }));
    api.put(autoscaler('shop/last', 'uid-9'));
    await until(() => facts.isAutoscaled('shop', 'last', 'uid-9'));

    expect(changes - before).toBe(1);
  });

  it('are those of the namespaces that it is told to watch', async () => {
    api.put(autoscaler('shop/web', 'uid-1'));
    api.put(autoscaler('lab/web', 'uid-2'));

    const facts = await watched('none', ['shop']);

    expect([facts.isAutoscaled('shop', 'web', 'uid-1'), facts.isAutoscaled('lab', 'web', 'uid-2')]).toEqual([
      true,
      false,
    ]);
    const asked = api.requests.map(({ url }) => url.split('?')[0] ?? '').filter(path => path.includes('autoscalers'));
    expect(asked).toEqual(
      Array.from({ length: 2 }, () => '/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers'),
    );
  });
});

describe('the owners of hosts that the webhook knows', () => {
  const host = (name: string, namespace: string, more: Partial<KubeObject> = {}): KubeObject => ({
    apiVersion: 'waymark.dev/v1',
    kind: 'Host',
    metadata: { name },
    spec: { namespace, reserved: false },
    ...more,
  });

  it('come, change and go', async () => {
    api.put(host('shop.example.com', 'shop'));
    const facts = await watched();
    const ownerOf = (name: string) => facts.traffic.host(name)?.spec.namespace;
    const first = ownerOf('shop.example.com');

    api.put(host('shop.example.com', 'lab'));
    await until(() => ownerOf('shop.example.com') === 'lab');
    api.remove(RESOURCES.hosts, '', 'shop.example.com');
    await until(() => ownerOf('shop.example.com') === undefined);

    expect(first).toBe('shop');
    expect(changes).toBe(3);
  });

  it('are those of all the cluster, whatever namespaces it is told to watch', async () => {
    api.put(host('lab.example.com', 'lab'));

    const facts = await watched('none', ['shop']);

    expect(facts.traffic.host('lab.example.com')?.spec.namespace).toBe('lab');
  });

  it('change no answer by what becomes of the traffic, so that nothing that is remembered is forgotten', async () => {
    api.put(host('shop.example.com', 'shop'));
    const facts = await watched();
    const before = changes;

    for (let i = 1; i <= 5; i++) api.put(host('shop.example.com', 'shop', { status: { active: `shop-${i}` } }));
    api.put(host('last.example.com', 'shop'));
    await until(() => facts.traffic.host('last.example.com') !== undefined);

    expect(changes - before).toBe(1);
  });
});

describe('what the webhook knows of access by address and port', () => {
  const ledger = (data: Record<string, string>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: systemNamespace, name: 'waymark-external-ids' },
    data,
  });

  it('is the ledger of numbers, as it is now', async () => {
    api.put(ledger({ '17': 'shop/web' }));
    const facts = await watched('loadBalancer');
    const before = facts.externalIds.held.get(17);

    api.put(ledger({ '17': 'shop/web', '18': 'shop/other' }));
    await until(() => facts.externalIds.held.size === 2);
    api.remove(RESOURCES.configMaps, systemNamespace, 'waymark-external-ids');
    await until(() => facts.externalIds.held.size === 0);

    expect(before).toBe('shop/web');
    expect(changes).toBe(3);
  });

  it('is that one ConfigMap and no other', async () => {
    await watched('nodePort');

    const asked = api.requests.map(({ url }) => decodeURIComponent(url)).filter(url => url.includes('/configmaps'));
    expect(asked.length).toBeGreaterThan(0);
    for (const url of asked) {
      expect(url).toContain(`/namespaces/${systemNamespace}/configmaps?`);
      expect(url).toContain('fieldSelector=metadata.name=waymark-external-ids');
    }
  });

  it('is also which addresses the cluster has itself, where Services may be given any', async () => {
    api.put(node('worker-1', '192.0.2.11'));
    api.put({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name: 'kubernetes' },
      spec: { cidrs: ['10.96.0.0/16'] },
    });
    const facts = await watched('externalIPs');
    const first = facts.addresses;

    api.put(node('worker-2', '192.0.2.12'));
    await until(() => facts.addresses.byAddress.size === 2);

    expect([...first.byAddress]).toEqual([['192.0.2.11', 'Node worker-1']]);
    expect([...first.blocks.keys()]).toEqual(['10.244.11.0/24', '10.96.0.0/16']);
    expect(facts.addresses.byAddress.get('192.0.2.12')).toBe('Node worker-2');
  });

  it('does not change by what a Node says of its health', async () => {
    api.put(node('worker-1', '192.0.2.11'));
    const facts = await watched('externalIPs');
    const [before, known] = [changes, facts.addresses];

    api.put(node('worker-1', '192.0.2.11', { conditions: [{ type: 'Ready', status: 'Unknown' }] }));
    api.put(autoscaler('shop/last', 'uid-9'));
    await until(() => facts.isAutoscaled('shop', 'last', 'uid-9'));

    expect(changes - before).toBe(1);
    expect(facts.addresses).toBe(known);
  });

  it.each(['loadBalancer', 'nodePort', 'none'] as const)(
    'is not asked of Nodes with strategy %s, which gives no addresses',
    async strategy => {
      await watched(strategy);

      expect(api.requests.filter(({ url }) => url.includes('nodes') || url.includes('servicecidrs'))).toEqual([]);
    },
  );
});
