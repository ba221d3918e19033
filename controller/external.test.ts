import { describe, expect, it } from '@jest/globals';
import { RESOURCES } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import { EXTERNAL_LEDGER } from '../shared/external-ledger.ts';
import { serviceConfig, settings, useControllerCluster } from '../test/support/controller-cluster.ts';
import { until } from '../test/support/until.ts';

const world = useControllerCluster();

const platform = { ...settings, external: { ...settings.external, ips: ['203.0.113.10'] } };
const start = () => world().start({ settings: platform });

const names = (count: number) => Array.from({ length: count }, (_, index) => `serving-m${index}-1`);
const deploy = (name: string, external = '{}', createdAt?: string) =>
  world().deploy(name, serviceConfig(name, `external: ${external}`), createdAt === undefined ? {} : { createdAt });

const portOf = (name: string): number | undefined => {
  const service = world().get(RESOURCES.services, `${name}-external`);
  return (service?.['spec'] as { ports: { port: number }[] } | undefined)?.ports[0]?.port;
};
const idOf = (name: string): number | undefined => {
  const port = portOf(name);
  return port === undefined ? undefined : (port - 20_000) / 10;
};
const ledger = (): Record<string, string> | undefined =>
  world().get(RESOURCES.configMaps, EXTERNAL_LEDGER, 'waymark-system')?.['data'] as Record<string, string> | undefined;
const ids = (count: number) => names(count).map(idOf);
const sorted = (numbers: readonly (number | undefined)[]) => numbers.toSorted((a = 0, b = 0) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

function removeDeployment(name: string): void {
  world().server.remove(RESOURCES.deployments, 'shop', name);
}

/** As the garbage collector. */
function collect(name: string): void {
  for (const service of [name, `${name}-external`]) world().server.remove(RESOURCES.services, 'shop', service);
}

describe('numbers of access by address and port (R-06, F-11)', () => {
  it('are the lowest ones, each once, however many ask at the same time, and all are on record', async () => {
    await start();
    for (const name of names(100)) deploy(name);
    await until('all have one', () => ids(100).every(id => id !== undefined));

    expect(sorted(ids(100))).toEqual(upTo(100));
    expect(Object.fromEntries(names(100).map(name => [String(idOf(name)), `shop/${name}`]))).toEqual(ledger());
  });

  it('are on record before a Service has them', async () => {
    world().fault = ({ method, url }) =>
      method === 'POST' && url.includes('/configmaps') ? { status: 403, body: { reason: 'Forbidden' } } : undefined;
    await start();
    deploy('serving-a-1');
    await until('all else is there', () => world().built().length === 2);
    await until('it is tried', () =>
      world()
        .writes()
        .some(write => write.includes('/configmaps')),
    );
    await world().quiet();
    expect(world().built()).toEqual(['Service shop/serving-a-1', 'VirtualService shop/serving-a-1']);

    world().fault = () => undefined;
    await until('it follows by itself', () => idOf('serving-a-1') === 1);
    expect(ledger()).toEqual({ '1': 'shop/serving-a-1' });
  });

  it('come back when the Service is deleted by hand', async () => {
    await start();
    deploy('serving-a-1');
    deploy('serving-b-1');
    await until('both have one', () => idOf('serving-a-1') !== undefined && idOf('serving-b-1') !== undefined);
    const before = idOf('serving-a-1');
    const { uid } = world().get(RESOURCES.services, 'serving-a-1-external')?.metadata ?? {};
    world().server.remove(RESOURCES.services, 'shop', 'serving-a-1-external');
    await until('it is another object', () => {
      const now = world().get(RESOURCES.services, 'serving-a-1-external');
      return now !== undefined && now.metadata.uid !== uid;
    });

    expect(idOf('serving-a-1')).toBe(before);
  });

  it('come back when the Deployment is deleted and made again, also with a restart in between', async () => {
    const first = await start();
    deploy('serving-a-1');
    await until('a has one', () => idOf('serving-a-1') === 1);
    deploy('serving-b-1');
    await until('b has one', () => idOf('serving-b-1') === 2);
    removeDeployment('serving-a-1');
    await world().quiet();
    collect('serving-a-1');
    await until('it is free', () => ledger()?.['1.free'] === 'shop/serving-a-1');
    await first.close();
    await start();
    deploy('serving-b-1', 'false');
    await until('b is free', () => ledger()?.['2.free'] === 'shop/serving-b-1');
    deploy('serving-b-1');
    await until('b has it back', () => idOf('serving-b-1') === 2);
    deploy('serving-a-1');
    await until('a has it back', () => idOf('serving-a-1') === 1);

    expect(ledger()).toEqual({ '1': 'shop/serving-a-1', '2': 'shop/serving-b-1' });
  });

  it('are held while a Service of a Deployment that is gone is still there', async () => {
    await start();
    deploy('serving-a-1');
    await until('a has one', () => idOf('serving-a-1') === 1);
    removeDeployment('serving-a-1');
    deploy('serving-b-1');
    deploy('serving-c-1', '{id: 1}');
    await until('b has another', () => idOf('serving-b-1') === 2);
    await until('c is told', () => world().reasons('serving-c-1').includes('ExternalIdTaken'));
    await world().quiet();
    expect(ledger()?.['1']).toBe('shop/serving-a-1');

    collect('serving-a-1');
    await until('c has it', () => idOf('serving-c-1') === 1);
    expect(ledger()).toEqual({ '1': 'shop/serving-c-1', '2': 'shop/serving-b-1' });
  });

  it('are taken back when access is no longer wanted, and given to who waits for one', async () => {
    const few = { first: 20_010, last: 20_029 };
    const nodePort = { ...platform.external, strategy: 'nodePort' as const, byDefault: true, nodePortRange: few };
    await world().start({ settings: { ...platform, external: { ...nodePort, nodePortBase: 20_000 } } });
    for (const name of names(3)) deploy(name);
    await until('two have one', () => ids(3).filter(id => id !== undefined).length === 2);
    const loser = names(3).find(name => idOf(name) === undefined) ?? '';
    const winner = names(3).find(name => idOf(name) === 1) ?? '';
    await until('the third is told', () => world().reasons(loser).includes('ExternalIdsExhausted'));
    deploy(winner, 'false');
    await until('it has it', () => idOf(loser) === 1);

    expect(portOf(winner)).toBeUndefined();
  });
});

describe('a number that two write (R-06)', () => {
  it('has the older one, also when both came while nobody looked; the other is told who has it', async () => {
    deploy('serving-young-1', '{id: 7}', '2024-05-02T00:00:00Z');
    deploy('serving-old-1', '{id: 7}', '2024-05-01T00:00:00Z');
    await start();
    await until('the older has it', () => idOf('serving-old-1') === 7);
    await until('the younger is told', () => world().reasons('serving-young-1').includes('ExternalIdTaken'));

    expect(
      world()
        .built()
        .filter(one => one.includes('young')),
    ).toEqual(['Service shop/serving-young-1', 'VirtualService shop/serving-young-1']);
    deploy('serving-old-1', '{id: 8}');
    await until('the younger follows', () => idOf('serving-young-1') === 7);
    expect(idOf('serving-old-1')).toBe(8);
  });

  it('is moved in place: never without one, and the old one is free when the new one serves', async () => {
    await start();
    deploy('serving-a-1', '{id: 5}');
    await until('it has it', () => idOf('serving-a-1') === 5);
    const { uid } = world().get(RESOURCES.services, 'serving-a-1-external')?.metadata ?? {};
    deploy('serving-a-1', '{id: 6}');
    await until('it has the other', () => idOf('serving-a-1') === 6);
    await until('the first is free', () => ledger()?.['5'] === undefined);

    expect(world().get(RESOURCES.services, 'serving-a-1-external')?.metadata.uid).toBe(uid);
    expect(ledger()).toEqual({ '6': 'shop/serving-a-1' });
  });
});

describe('the ledger', () => {
  const put = (data: Record<string, string>) =>
    world().server.put({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: EXTERNAL_LEDGER, namespace: 'waymark-system' },
      data,
    });

  it('is not made where nobody asks, and not written where nothing changes', async () => {
    const first = await start();
    world().deploy('serving-a-1', serviceConfig('serving-a-1', 'external: false'));
    await until('it is built', () => world().built().length === 2);
    expect(ledger()).toBeUndefined();

    deploy('serving-a-1');
    await until('it has one', () => idOf('serving-a-1') === 1);
    await first.close();
    world().writes();
    await start();
    await world().quiet();
    expect(world().writes()).toEqual([]);
  });

  it('that is deleted while the controller runs is written again', async () => {
    await start();
    for (const name of names(3)) deploy(name);
    await until('all have one', () => ids(3).every(id => id !== undefined));
    await until('all are on record', () => Object.keys(ledger() ?? {}).length === 3);
    const before = ledger();
    world().server.remove(RESOURCES.configMaps, 'waymark-system', EXTERNAL_LEDGER);

    await until('it is there again', () => ledger() !== undefined);
    expect(ledger()).toEqual(before);
  });

  it('that is lost while nobody looks is learned from the Services', async () => {
    const first = await start();
    for (const name of names(3)) deploy(name);
    await until('all have one', () => ids(3).every(id => id !== undefined));
    const gone = names(3).find(name => idOf(name) === 1) ?? '';
    deploy(gone, 'false');
    await until('the first is free', () => ledger()?.['1.free'] !== undefined);
    const numbers = ids(3);
    await first.close();
    world().server.remove(RESOURCES.configMaps, 'waymark-system', EXTERNAL_LEDGER);
    await start();
    await until('it is written', () => ledger() !== undefined);
    deploy('serving-new-1');
    await until('the newcomer has one', () => idOf('serving-new-1') === 1);

    expect(ids(3)).toEqual(numbers);
    expect(Object.keys(ledger() ?? {})).toEqual(['1', '2', '3']);
  });

  it('that is damaged by hand is repaired, and said', async () => {
    await start();
    for (const name of names(2)) deploy(name);
    await until('both are on record', () => Object.keys(ledger() ?? {}).length === 2);
    const before = ledger();
    put({ '1': 'shop/somebody-else', '17': 'nonsense', first: 'shop/serving-m0-1' });

    await until('it is as it was', () => JSON.stringify(ledger()) === JSON.stringify(before));
    expect(world().logged.filter(line => line.includes('entries of the ledger not read'))).toHaveLength(1);
  });

  it('that was damaged while nobody looked is read as far as it can be', async () => {
    put({ '3': 'shop/serving-a-1', zero: 'shop/x', '4': 'no holder', '9': 'shop/nobody' });
    deploy('serving-a-1');
    deploy('serving-b-1');
    await start();
    await until('both have one', () => idOf('serving-a-1') !== undefined && idOf('serving-b-1') !== undefined);
    await until('nobody’s is free', () => ledger()?.['9'] === undefined);

    expect([idOf('serving-a-1'), idOf('serving-b-1')]).toEqual([3, 1]);
    expect(ledger()).toEqual({ '1': 'shop/serving-b-1', '3': 'shop/serving-a-1', '9.free': 'shop/nobody' });
  });

  it('that the leader before wrote last goes before what is not written down yet', async () => {
    await start();
    deploy('serving-a-1');
    await until('it has one', () => idOf('serving-a-1') === 1);

    world().fault = ({ method, url }) => {
      if (method !== 'PATCH' || !url.includes('/configmaps')) return undefined;
      world().fault = () => undefined;
      put({ '1': 'shop/serving-a-1', '2': 'shop/serving-c-1' });
      world().server.put({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: {
          name: 'serving-c-1-external',
          namespace: 'shop',
          labels: { 'app.kubernetes.io/managed-by': 'waymark' },
        },
        spec: { ports: [{ port: 20_020 }] },
      });
      return undefined;
    };
    deploy('serving-b-1');
    await until('it has another', () => idOf('serving-b-1') === 3);

    expect(ledger()).toEqual({ '1': 'shop/serving-a-1', '2': 'shop/serving-c-1', '3': 'shop/serving-b-1' });
  });
});

describe('the Service for access', () => {
  it('is not touched when it is another one’s; its Deployment is told', async () => {
    world().server.put({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'serving-a-1-external', namespace: 'shop' },
      spec: { ports: [{ port: 80 }] },
    });
    await start();
    deploy('serving-a-1');
    await until('it is told', () => world().reasons('serving-a-1').includes('NotOwned'));
    expect(portOf('serving-a-1')).toBe(80);

    world().server.remove(RESOURCES.services, 'shop', 'serving-a-1-external');
    await until('it is made when the other goes', () => idOf('serving-a-1') === 1);
  });

  it('makes way for the first Service of a Deployment that has its name, and comes back when that one goes', async () => {
    await start();
    deploy('serving-a-1');
    await until('it is there', () => idOf('serving-a-1') === 1);
    world().deploy('serving-a-1-external', 'apiVersion: waymark.dev/v1\nkind: Mapping\nname: one\nprefix: /one/\n');
    await until('it has made way', () => portOf('serving-a-1') === 8501);
    await until('it is told', () => world().reasons('serving-a-1').includes('NotOwned'));

    world().strip('serving-a-1-external');
    await until('it is there again', () => idOf('serving-a-1') === 1);
  });

  it('R-25, S-15: loses an address that a Node takes, and has it back when the Node goes', async () => {
    const node = (address: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'worker-1' },
      status: { addresses: [{ type: 'InternalIP', address }] },
    });
    await start();
    deploy('serving-a-1');
    world().deploy('serving-b-1', serviceConfig('serving-b-1', 'external: false'));
    await until('it is there', () => idOf('serving-a-1') === 1);
    await world().quiet();
    world().writes();
    world().server.put(node('192.0.2.11'));
    await world().quiet();
    expect(world().writes()).toEqual([]);

    world().server.put(node('203.0.113.10'));
    await until('it is gone', () => portOf('serving-a-1') === undefined);
    await until('it is told', () => world().reasons('serving-a-1').includes('ExternalAddressOfCluster'));
    world().server.remove(RESOURCES.nodes, '', 'worker-1');
    await until('it is there again', () => idOf('serving-a-1') === 1);
  });
});

describe('a controller that is killed (C1)', () => {
  const count = 8;
  it.each([0, 1, 2, 3, 5, 9, 14, 20])('after %d writes: no number is had twice, and all are given', async limit => {
    const first = await start();
    let writes = 0;
    world().fault = ({ method }) => {
      if (method === 'GET' || writes++ < limit) return undefined;
      world().fault = () => undefined;
      world().kill(first);
      return 'reset';
    };
    for (const name of names(count)) deploy(name);
    await until('it is dead', () => writes > limit);
    const numbers = new Map(names(count).map(name => [name, idOf(name)]));
    const had = [...numbers.values()].filter(id => id !== undefined);
    expect(new Set(had).size).toBe(had.length);

    await start();
    await until('all have one', () => ids(count).every(id => id !== undefined));
    await world().quiet();
    expect(sorted(ids(count))).toEqual(upTo(count));
    for (const [name, id] of numbers) if (id !== undefined) expect(idOf(name)).toBe(id);
    expect(ledger()).toEqual(Object.fromEntries(names(count).map(name => [String(idOf(name)), `shop/${name}`])));
  });
});

describe('where externalIPs have an end (R-25, F-11)', () => {
  it.each([
    [35, 'externalIPs', []],
    [36, 'externalIPs', ['deprecates since 1.36']],
    [40, 'externalIPs', ['switched off by default in 1.40']],
    [43, 'externalIPs', ['removed in 1.43']],
    [43, 'nodePort', []],
  ] as const)('1.%i with %s says in the log: %j', async (minor, strategy, expected) => {
    world().fault = ({ url }) =>
      url === '/version' ? { status: 200, body: { major: '1', minor: `${minor}` } } : undefined;
    await world().start({ settings: { ...platform, external: { ...platform.external, strategy } } });
    const said = () => world().logged.filter(line => line.includes('external.strategy is'));
    await until('it is said', () => said().length >= expected.length);
    await world().quiet();

    expect(said()).toHaveLength(expected.length);
    for (const text of expected) expect(said()[0]).toContain(text);
  });
});

describe('what the metrics say', () => {
  it('is how many numbers are held and how many are left', async () => {
    const controller = await start();
    for (const name of names(3)) deploy(name);
    await until('all have one', () => ids(3).every(id => id !== undefined));
    const text = await (await fetch(`http://127.0.0.1:${controller.metricsPort}/metrics`)).text();

    expect(text).toContain('waymark_external_ids{state="held"} 3');
    expect(text).toContain('waymark_external_ids{state="free"} 4549');
  });
});
