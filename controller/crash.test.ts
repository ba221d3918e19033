import { describe, expect, it } from '@jest/globals';
import { RESOURCES } from '../kube/resources.ts';
import { serviceConfig, useControllerCluster } from '../test/support/controller-cluster.ts';
import { until } from '../test/support/until.ts';

const world = useControllerCluster();

const NAMES = Array.from({ length: 8 }, (_, index) => `serving-m${index}-1`);

/** Each has a Service, an autoscaler, its route and a host of its own. */
function deployAll(): void {
  for (const name of NAMES) {
    const hosts = `hosts: [${name}.example.com]`;
    world().deploy(name, serviceConfig(name, 'replicas: {min: 1, max: 3}', hosts));
  }
}

const expected = NAMES.flatMap(name => [
  `HorizontalPodAutoscaler shop/${name}`,
  `Service shop/${name}`,
  `VirtualService shop/${name}`,
  `VirtualService shop/${name}.example.com`,
]).sort();

const isComplete = () => world().built().length === expected.length;

describe('a controller that is killed (C1)', () => {
  it.each([0, 1, 17, 31])('after %d of its writes leaves nothing that its successor does not finish', async count => {
    const first = await world().start();
    let writes = 0;
    world().fault = ({ method }) => {
      if (method === 'GET' || writes++ < count) return undefined;
      world().fault = () => undefined;
      world().kill(first);
      return 'reset';
    };
    deployAll();
    await until('it is dead', () => writes > count);

    await world().start();
    await until('everything is there', isComplete);
    await world().quiet();
    expect(world().built()).toEqual(expected);

    world().writes();
    await world().start();
    await world().quiet();
    expect(world().writes()).toEqual([]);
  });

  it('in the middle of taking everything away leaves it to its successor', async () => {
    const first = await world().start();
    deployAll();
    await until('everything is there', isComplete);
    let deletions = 0;
    world().fault = ({ method }) => {
      if (method !== 'DELETE' || deletions++ < 5) return undefined;
      world().fault = () => undefined;
      world().kill(first);
      return 'reset';
    };
    for (const name of NAMES) world().strip(name);
    await until('it is dead', () => deletions > 5);

    await world().start();
    await until('nothing is left', () => world().built().length === 0);
  });
});

describe('a restart', () => {
  it('with nothing changed writes nothing, and reads each thing once (C2, R-16)', async () => {
    const first = await world().start();
    deployAll();
    world().deploy('serving-bad-1', serviceConfig('serving-bad-1', 'replicas: {min: 4, max: 2}'));
    await until('everything is there', isComplete);
    await until('it is told', () => world().reasons('serving-bad-1').length === 1);
    await world().quiet();
    await first.close();
    world().writes();
    const before = world().server.requests.length;

    await world().start();
    await world().quiet();

    expect(world().writes()).toEqual([]);
    // Twenty-two lists and watches, the ledger, the version, and the one Event that is looked for.
    expect(world().server.requests.length - before).toBeLessThanOrEqual(47);
  });

  it('removes what lost its annotation while nobody looked', async () => {
    const first = await world().start();
    deployAll();
    await until('everything is there', isComplete);
    await world().quiet();
    await first.close();
    for (const name of NAMES) world().strip(name);

    await world().start();
    await until('nothing is left', () => world().built().length === 0);
  });

  it('leaves to the garbage collector what belongs to Deployments that are gone', async () => {
    const first = await world().start();
    deployAll();
    await until('everything is there', isComplete);
    await world().quiet();
    await first.close();
    world().server.remove(RESOURCES.deployments, 'shop', NAMES[0] ?? '');
    world().writes();

    await world().start();
    await until('its host is gone', () => world().built().length === expected.length - 1);
    await world().quiet();
    expect(world().writes()).toEqual([
      `DELETE /apis/networking.istio.io/v1/namespaces/shop/virtualservices/${NAMES[0] ?? ''}.example.com`,
      `DELETE /apis/waymark.dev/v1/hosts/${NAMES[0] ?? ''}.example.com`,
    ]);
  });
});

describe('before the caches are complete (C4)', () => {
  it.each(
    Object.values(RESOURCES).filter(({ plural }) =>
      ['deployments', 'services', 'virtualservices', 'namespaces'].includes(plural),
    ),
  )('nothing is written: $plural cannot be listed', async ({ plural }) => {
    const first = await world().start();
    deployAll();
    await until('everything is there', isComplete);
    await world().quiet();
    await first.close();
    world().strip(NAMES[0] ?? '');
    world().writes();
    world().fault = ({ url }) => (url.includes(`/${plural}?limit`) ? { status: 503 } : undefined);

    await world().start();
    await world().quiet();
    expect(world().writes()).toEqual([]);

    world().fault = () => undefined;
    await until('it has caught up', () => world().built().length === expected.length - 4);
  });

  it('a list of Deployments that came back empty deletes nothing of theirs', async () => {
    const first = await world().start();
    world().deploy('serving-a-1', serviceConfig('serving-a-1'));
    await until('it is there', () => world().built().length === 2);
    await first.close();
    const empty = { kind: 'DeploymentList', apiVersion: 'apps/v1', metadata: { resourceVersion: '1' }, items: [] };
    world().fault = ({ url, watch }) => {
      if (!url.includes('/deployments?')) return undefined;
      return watch ? 'hang' : { status: 200, body: empty };
    };
    world().writes();

    await world().start();
    const question = '/apis/apps/v1/namespaces/shop/deployments/serving-a-1';
    await until('it has asked', () => world().server.requests.some(({ url }) => url === question));
    await world().quiet();

    expect(world().writes()).toEqual([]);
    expect(world().built()).toHaveLength(2);
  });
});

describe('a stop', () => {
  it('lets the running writes end and begins no new ones', async () => {
    const controller = await world().start();
    deployAll();
    await until('it has begun', () => world().built().length > 2);
    await controller.close();
    const left = world().server.requests.length;
    await world().quiet();

    expect(world().server.requests).toHaveLength(left);
    expect(world().server.openSockets()).toBe(0);
  });
});
