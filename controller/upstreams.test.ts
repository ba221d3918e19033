import { describe, expect, it } from '@jest/globals';
import { RESOURCES } from '../kube/resources.ts';
import { settings as given, useControllerCluster } from '../test/support/controller-cluster.ts';
import { until } from '../test/support/until.ts';

const world = useControllerCluster();
const settings = { ...given, externalServices: ['example.net'] };

const { serviceEntries, destinationRules, virtualServices } = RESOURCES;
const SYSTEM = 'waymark-system';
const API = 'api.example.net';
const HOST = 'tool.example.com';

function mapping(...lines: readonly string[]): string {
  const head = ['apiVersion: getambassador.io/v3alpha1', 'kind: Mapping', 'name: m', 'prefix: /', `hostname: ${HOST}`];
  return [...head, ...lines, ''].join('\n');
}

const outside = mapping(`service: ${API}`);
const slowly = mapping(`service: ${API}`, 'connect_timeout_ms: 1000');
const inside = mapping('service: web');

const isMade = () => world().get(serviceEntries, API, SYSTEM) !== undefined;
const isRouted = (host = HOST) => world().get(virtualServices, host) !== undefined;
const spec = (kind: (typeof RESOURCES)[keyof typeof RESOURCES], name: string, namespace: string) =>
  world().get(kind, name, namespace)?.['spec'] as Record<string, unknown> | undefined;

/** Kinds of Istio that were written, in order, each with its verb. */
function writes(): readonly string[] {
  const plurals = [serviceEntries, destinationRules, virtualServices].map(({ plural }) => plural);
  return world()
    .writes()
    .flatMap(text => plurals.filter(plural => text.includes(`/${plural}/`)).map(one => `${text.split(' ')[0]} ${one}`));
}

describe('a host outside the cluster', () => {
  it('is known for a second before a route sends there, and for a second after the last one did', async () => {
    await world().start({ settings });
    world().deploy('tool', outside);
    await until('it is known', isMade);
    const known = performance.now();
    expect(isRouted()).toBe(false);
    await until('it is routed', isRouted);

    expect(performance.now() - known).toBeGreaterThan(900);
    expect(writes()).toEqual(['PATCH serviceentries', 'PATCH virtualservices']);

    world().strip('tool');
    await until('it is routed no more', () => !isRouted());
    const left = performance.now();
    expect(isMade()).toBe(true);
    await until('it is gone', () => !isMade());

    expect(performance.now() - left).toBeGreaterThan(900);
    expect(writes()).toEqual(['DELETE virtualservices', 'DELETE serviceentries']);
  });

  it('is sent to only from when it is known, and until then to where the route went before', async () => {
    await world().start({ settings });
    world().deploy('tool', inside);
    await until('it is routed', isRouted);
    const seen: string[] = [];
    const sent = () => JSON.stringify(spec(virtualServices, HOST, 'shop')?.['http'] ?? 'nowhere');

    world().deploy('tool', outside);
    await until('it is sent outside', () => {
      const now = `${isMade()} ${sent().includes(API) ? 'outside' : sent().includes('web.shop.svc') ? 'inside' : 'nowhere'}`;
      if (seen.at(-1) !== now) seen.push(now);
      return now.endsWith('outside');
    });

    expect(seen.at(-2)).toBe('true inside');
    expect(seen).not.toContain('true nowhere');
  });

  it('has its connections edited while its routes stay as they are', async () => {
    await world().start({ settings });
    world().deploy('tool', outside);
    await until('it is routed', isRouted);
    await world().quiet();
    writes();

    world().deploy('tool', slowly);
    await until('connections are asked for', () => world().get(destinationRules, API, SYSTEM) !== undefined);
    await world().quiet();
    expect(writes()).toEqual(['PATCH destinationrules']);

    world().deploy('tool', outside);
    await until('they are not any more', () => world().get(destinationRules, API, SYSTEM) === undefined);
    await world().quiet();
    expect(writes()).toEqual(['DELETE destinationrules']);
  });

  it('of somebody else’s making is never touched, and not routed', async () => {
    const spec = { hosts: [API], ports: [{ number: 80, name: 'http', protocol: 'HTTP' }], resolution: 'DNS' };
    const metadata = { name: API, namespace: SYSTEM };
    world().server.put({ apiVersion: serviceEntries.apiVersion, kind: serviceEntries.kind, metadata, spec });
    await world().start({ settings });
    world().deploy('tool', outside);
    await until('it is told', () => world().reasons('tool').includes('NotOwned'));
    await world().quiet();

    expect(writes()).toEqual([]);

    world().server.remove(serviceEntries, SYSTEM, API);
    await until('it is ours and routed', isRouted);
  });

  it('is reached in the way of the older Deployment until that one is gone', async () => {
    await world().start({ settings });
    world().deploy('tool', slowly, { createdAt: '2026-01-01T00:00:00Z' });
    await until('it is routed', isRouted);
    const other = slowly.replace('1000', '2000').replaceAll('tool', 'other');
    world().deploy('newer', other, { createdAt: '2026-01-02T00:00:00Z' });
    await until('it is told', () => world().reasons('newer').includes('ConnectionsConflict'));
    await world().quiet();
    expect(isRouted('other.example.com')).toBe(false);

    world().strip('tool');
    await until('the newer is routed', () => isRouted('other.example.com'));

    expect(JSON.stringify(spec(destinationRules, API, SYSTEM))).toContain('"connectTimeout":"2s"');
  });

  it('keeps what lives of it when the Deployment is frozen, and when the controller starts anew', async () => {
    const controller = await world().start({ settings });
    world().deploy('tool', slowly);
    await until('it is routed', isRouted);
    await world().quiet();
    world().deploy('tool', `${slowly}nonsense: true\n`);
    await until('it is told', () => world().reasons('tool').includes('AnnotationInvalid'));
    await controller.close();
    writes();

    await world().start({ settings });
    await world().quiet();

    expect(writes()).toEqual([]);
    expect(isMade() && isRouted()).toBe(true);
  });

  it('waits, with all routes, until Istio serves its kinds', async () => {
    world().server.store.unserve(destinationRules);
    await world().start({ settings });
    world().deploy('tool', slowly);
    await until('it is told', () => world().reasons('tool').includes('RoutesUnavailable'));
    expect(isMade()).toBe(false);

    world().serve(destinationRules);

    await until('it is routed', isRouted);
  });
});

describe('a Service of the cluster', () => {
  it('has the connections that are asked for in its own namespace, and is not waited for', async () => {
    await world().start({ settings });
    world().deploy('tool', mapping('service: web', 'connect_timeout_ms: 1000'));
    await until('it is routed', isRouted);
    await until(
      'connections are asked for',
      () => spec(destinationRules, 'web.shop.svc.cluster.local', 'shop') !== undefined,
    );

    world().deploy('tool', inside);
    await until(
      'and are not any more',
      () => spec(destinationRules, 'web.shop.svc.cluster.local', 'shop') === undefined,
    );
    await world().quiet();

    expect(isRouted()).toBe(true);
  });

  it.each(['shop', 'istio-system'])(
    'is left to somebody else’s rule in namespace %s until that is gone',
    async namespace => {
      const metadata = { name: 'theirs', namespace };
      const host = namespace === 'shop' ? 'web' : 'web.shop.svc.cluster.local';
      const { apiVersion, kind } = destinationRules;
      world().server.put({ apiVersion, kind, metadata, spec: { host, trafficPolicy: {} } });
      await world().start({ settings });
      world().deploy('tool', mapping('service: web', 'connect_timeout_ms: 1000'));
      await until('it is told', () => world().reasons('tool').includes('NotOwned'));
      await world().quiet();
      expect(spec(destinationRules, 'web.shop.svc.cluster.local', 'shop')).toBeUndefined();
      expect(isRouted()).toBe(true);

      world().server.remove(destinationRules, namespace, 'theirs');
      await until('ours is there', () => spec(destinationRules, 'web.shop.svc.cluster.local', 'shop') !== undefined);
      world().server.put({ apiVersion, kind, metadata, spec: { host, trafficPolicy: {} } });
      await world().quiet();

      expect(spec(destinationRules, 'web.shop.svc.cluster.local', 'shop')).toBeDefined();
    },
  );
});
