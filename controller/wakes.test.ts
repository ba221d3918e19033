import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient } from '../kube/client.ts';
import { systemClock } from '../kube/clock.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { KubeClient } from '../kube/types.ts';
import { NO_FACTS } from '../shared/cluster-facts.ts';
import { serviceConfig, settings, useControllerCluster } from '../test/support/controller-cluster.ts';
import { silentLog } from '../test/support/silent-log.ts';
import { until } from '../test/support/until.ts';
import { createExternalWants } from './external-wants.ts';
import { createWorld } from './observe.ts';
import type { World } from './observe.ts';

const cluster = useControllerCluster();
let client: KubeClient;
let world: World;
let called: string[];

const A = 'serving-a-1';
const B = 'serving-b-1';

beforeEach(() => {
  called = [];
  client = createClient(cluster().server.credentials);
});
afterEach(async () => {
  await world.stop();
  await client.close();
});

async function watch(): Promise<void> {
  world = createWorld({
    client,
    settings,
    namespaces: [],
    onGroup: group => called.push(group),
    onDeploymentGone: () => undefined,
    onRestart: () => undefined,
    contendedBy: () => undefined,
    external: { wants: createExternalWants(), ids: { facts: NO_FACTS.externalIds, serviceChanged: () => undefined } },
    log: silentLog(),
    clock: systemClock,
    random: () => 0,
  });
  world.start();
  await world.synced;
  called = [];
}

/** What was called since the last look, each once, sorted. */
async function calls(what: string, expected: readonly string[]): Promise<void> {
  const seen = () => [...new Set(called)].sort().join();
  await until(`${what}: ${expected.join()}`, () => seen() === [...expected].sort().join());
  called = [];
}

function putSlice(service: string, ready: boolean): void {
  cluster().server.put({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${service}-x`, namespace: 'shop', labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready } }],
  });
}

function putRoute(host: string, ...services: readonly string[]): void {
  const route = services.map(name => ({ destination: { host: `${name}.shop.svc.cluster.local` } }));
  cluster().server.put({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: host, namespace: 'shop', labels: { 'app.kubernetes.io/managed-by': 'waymark' } },
    spec: { hosts: [host], http: [{ name: `shop/${A}/catch-all`, route }] },
  });
}

describe('what wakes a host', () => {
  it('is a Pod of a member that begins or ends to take requests', async () => {
    cluster().deploy(A, serviceConfig(A, 'hosts: [x.example.com]'));
    cluster().deploy(B, serviceConfig(B, 'hosts: [y.example.com]'));
    await watch();

    putSlice(A, false);
    await calls('there', ['Host/x.example.com']);
    putSlice(A, true);
    await calls('ready', ['Host/x.example.com']);
  });

  it('is a Pod of a Service that its leader names, and that Service', async () => {
    cluster().deploy(A, serviceConfig(A, 'hosts: [x.example.com]', 'split: {plain: 20}'));
    cluster().deploy(B, serviceConfig(B, 'mirror: {plain: 20}'));
    await watch();

    putSlice('plain', true);
    await calls('ready', ['Host/x.example.com', `Deployment/shop/${B}`]);
    cluster().server.put({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'plain', namespace: 'shop' },
      spec: { selector: { app: 'plain' }, ports: [{ port: 80 }] },
    });
    await calls('there', ['Host/x.example.com', `Deployment/shop/${B}`]);
    expect(world.snapshot('Host/x.example.com').facts?.traffic.service('shop', 'plain')).toMatchObject({
      port: 80,
      selects: true,
      ready: 1,
    });
  });

  it('is its Host, and what its Namespace hands over', async () => {
    await watch();
    cluster().server.put({
      apiVersion: 'waymark.dev/v1',
      kind: 'Host',
      metadata: { name: 'x.example.com' },
      spec: { namespace: 'shop' },
    });
    await calls('claimed', ['Host/x.example.com']);

    cluster().server.put({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', annotations: { 'waymark.dev/hand-over': 'x.example.com=other' } },
    });
    await calls('handed over', ['Host/x.example.com']);
  });

  it('is the Host of one that names a member, when it begins or ends to lead there', async () => {
    cluster().deploy(A, serviceConfig(A, 'hosts: [x.example.com]', `split: {${B}: 20}`));
    cluster().deploy(B, serviceConfig(B, 'hosts: [y.example.com]'));
    await watch();
    const say = (ready: boolean, record: object) =>
      cluster().server.put({
        apiVersion: 'waymark.dev/v1',
        kind: 'Host',
        metadata: { name: 'x.example.com' },
        spec: { namespace: 'shop' },
        status: { conditions: [], members: [{ ...member, ready, record }] },
      });
    const ledSince = '2026-01-01T00:00:00.000Z';
    const said = { state: 'Active', since: ledSince, reason: 'Leads', message: 'it leads' };
    const member = { namespace: 'shop', name: A, uid: A, line: A, ...said };

    say(true, { ledSince });
    await calls('leads', ['Host/x.example.com', 'Host/y.example.com']);
    say(false, { ledSince });
    await calls('still leads', ['Host/x.example.com']);
    say(false, {});
    await calls('leads no more', ['Host/x.example.com', 'Host/y.example.com']);
  });

  it('is a Deployment that names a member no more', async () => {
    cluster().deploy(A, serviceConfig(A, 'hosts: [x.example.com]', `split: {${B}: 20}`));
    cluster().deploy(B, serviceConfig(B, 'hosts: [y.example.com]'));
    await watch();

    cluster().deploy(A, serviceConfig(A, 'hosts: [x.example.com]'));
    await calls('no more', [`Deployment/shop/${A}`, 'Host/x.example.com', 'Host/y.example.com']);
  });

  it('is a route of another host that begins or ends to send to a member', async () => {
    cluster().deploy(B, serviceConfig(B, 'hosts: [y.example.com]'));
    putRoute('x.example.com', A);
    await watch();
    expect(world.snapshot('Host/y.example.com').facts?.traffic.hostsServedBy('shop', B)).toEqual([]);

    putRoute('x.example.com', A, B);
    await calls('sent to', ['Host/x.example.com', 'Host/y.example.com']);
    expect(world.snapshot('Host/y.example.com').facts?.traffic.hostsServedBy('shop', B)).toEqual(['x.example.com']);
    cluster().server.remove(RESOURCES.virtualServices, 'shop', 'x.example.com');
    await calls('no longer', ['Host/x.example.com', 'Host/y.example.com']);
  });

  it('is the end of an interruption in which it was looked at', async () => {
    await watch();
    world.snapshot('Host/x.example.com');
    const isLost = () => world.snapshot('Host/lost.example.com').facts?.traffic.interruption !== undefined;
    await until('all watch', () => cluster().server.watches().length >= 14);
    for (const open of cluster().server.watches()) open.reset();
    await until('lost', isLost);

    await calls('back', ['Host/lost.example.com']);
    expect(world.snapshot('Host/x.example.com').facts?.traffic.interruption).toMatchObject({
      until: expect.any(Number),
    });
  });
});

describe('a time in which nobody looked, before this process did', () => {
  const seen = () => world.snapshot('Host/x.example.com').facts?.traffic.interruption;

  it('counts as an interruption when it was longer than a restart takes', async () => {
    await watch();
    const now = client.serverTime();
    world.nobodyLookedSince(now - 30_000);

    expect(seen()).toMatchObject({ since: now - 30_000 });
    expect(seen()?.until).toBeLessThanOrEqual(now);
  });

  it('counts as one also when another process saw it', async () => {
    await watch();
    const until = client.serverTime() - 1000;
    world.othersWereInterrupted(until, false);

    expect(seen()).toEqual({ since: until, until });
  });

  it('counts until this process has seen everything when the other one did not live to see the end of it', async () => {
    await watch();
    const since = client.serverTime() - 60_000;
    world.othersWereInterrupted(since, true);

    expect(seen()?.since).toBe(since);
    expect(seen()?.until).toBeGreaterThan(since + 30_000);
  });

  it('is none when the process before ended a moment ago, or when this one has looked longer', async () => {
    await watch();
    world.nobodyLookedSince(client.serverTime() - 3000);
    world.nobodyLookedSince(client.serverTime() + 3000);

    expect(seen()).toBeUndefined();
  });
});
