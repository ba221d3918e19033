import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { EchoAnswer, GatewayRequest } from '../cluster/types.ts';
import { eventually } from './eventually.ts';
import { annotated, createNamespace, deployment, documents, unannotated } from './manifests.ts';
import type { Manifest } from './manifests.ts';
import { eventReasons, find, list } from './objects.ts';
import { startOutside } from './outside.ts';
import type { Outside, SeenOutside } from './outside.ts';
import { SYSTEM, apply, startWorld, stopWorlds } from './world.ts';
import type { World } from './world.ts';

/** From the apply to the first request: the objects, a second for the gateway to know them, then the route. */
const SOON = { within: 8_000 };

const HOST = 'api.outside.example';
const UNTRUSTED = 'untrusted.outside.example';

let world: World;
let outside: Outside;

beforeAll(async () => {
  outside = await startOutside([HOST, UNTRUSTED]);
  world = await startWorld({ istio: true, values: { settings: { externalServices: ['outside.example'] } } });
  await createNamespace(world.cluster, 'shop');
  await apply(world, deployment('shop/many', { replicas: 3 }), deployment('shop/one', { replicas: 1 }), ...services);
  for (const name of ['many', 'one']) {
    await world.kubectl(['rollout', 'status', `deployment/${name}`, '-n', 'shop', '--timeout=60s']);
  }
});
afterAll(async () => {
  await stopWorlds();
  await outside.stop();
});

const services = ['many', 'one'].map(name => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 8080 }] },
}));

/** A Mapping on the host `<deployment>.example.com`. */
function mapping(name: string, prefix: string, ...lines: readonly string[]): string {
  return ['apiVersion: waymark.dev/v1', 'kind: Mapping', `name: ${name}`, `prefix: ${prefix}`, ...lines, ''].join('\n');
}

function routed(name: string, ...mappings: readonly string[]): Manifest {
  return deployment(`shop/${name}`, { config: documents(...mappings) });
}

async function ask(name: string, path: string, more: Partial<GatewayRequest> = {}): Promise<unknown> {
  const answer = await world.cluster.send({ host: `${name}.example.com`, path, ...more });
  if (answer.status !== 200) throw new Error(`${name}${path}: ${answer.status} ${answer.body}`);
  return JSON.parse(answer.body);
}

const on = (name: string) => `hostname: ${name}.example.com`;

describe('a host outside the cluster', () => {
  it('gets requests with its own name for host', async () => {
    await apply(world, routed('plain', mapping('m', '/out/', on('plain'), `service: ${HOST}:${outside.ports.plain}`)));

    const seen = await eventually(() => ask('plain', '/out/a?b=c'), SOON);

    expect(seen).toEqual({ server: 'plain', host: HOST, path: '/a?b=c', version: '1.1' });
    expect(await list(world.cluster, 'ServiceEntry', 'shop')).toEqual([]);
  });

  it('gets them encrypted, under its name, where nobody wants its certificate to be trusted', async () => {
    const to = `service: https://${HOST}:${outside.ports.encrypted}`;
    await apply(world, routed('encrypted', mapping('m', '/', on('encrypted'), to, 'tls_verify: false')));

    const seen = (await eventually(() => ask('encrypted', '/a'), SOON)) as SeenOutside;

    expect(seen).toMatchObject({ server: 'encrypted', host: HOST, sni: HOST });
  });

  it('gets none where its certificate is to be trusted and is not', async () => {
    const to = `service: https://${UNTRUSTED}:${outside.ports.encrypted}`;
    await apply(world, routed('untrusted', mapping('m', '/', on('untrusted'), to)));
    const send = () => world.cluster.send({ host: 'untrusted.example.com', path: '/a' });

    const { status } = await eventually(async () => {
      const answer = await send();
      if (answer.status === 404) throw new Error('it is not routed yet');
      return answer;
    }, SOON);

    expect(status).toBe(503);
  });

  it('gets HTTP/2 where that is asked for', async () => {
    const to = `service: ${HOST}:${outside.ports.http2}`;
    await apply(world, routed('calls', mapping('m', '/pkg.Calls/', on('calls'), to, 'rewrite: ""', 'grpc: true')));

    const seen = (await eventually(() => ask('calls', '/pkg.Calls/One'), SOON)) as SeenOutside;

    expect(seen).toMatchObject({ server: 'http2', path: '/pkg.Calls/One', version: '2.0' });
  });

  it('is known to the gateway alone, in one object for all who send there', async () => {
    const entry = await find(world.cluster, 'ServiceEntry', SYSTEM, HOST);

    const { ports, ...spec } = entry?.spec as { readonly ports: readonly { readonly number: number }[] };

    expect(ports.map(({ number }) => number).sort()).toEqual(Object.values(outside.ports).sort());
    expect(spec).toEqual({
      hosts: [HOST],
      exportTo: ['istio-system'],
      location: 'MESH_EXTERNAL',
      resolution: 'DNS',
    });
  });

  it('gets none where the platform does not allow it', async () => {
    const refused = await world.cluster.kubectl(['apply', '-f', '-'], {
      input: JSON.stringify(routed('refused', mapping('m', '/', on('refused'), 'service: httpbin.org'))),
    });

    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('externalServices');
  });
});

describe('connections to a Service', () => {
  it('with the same header go to the same Pod, with others to several', async () => {
    const lines = ['service: many:8080', 'load_balancer: {policy: maglev, header: x-user}'];
    await apply(world, routed('sticky', mapping('m', '/', on('sticky'), ...lines)));
    const podOf = async (user: string) =>
      ((await ask('sticky', '/', { headers: { 'x-user': user } })) as EchoAnswer).pod;
    await eventually(async () => {
      const pods = await Promise.all(Array.from({ length: 12 }, () => podOf('alice')));
      expect(new Set(pods).size).toBe(1);
    }, SOON);

    const users = Array.from({ length: 24 }, (_, index) => `user-${index}`);
    const first = await Promise.all(users.map(podOf));
    const second = await Promise.all(users.map(podOf));

    expect(second).toEqual(first);
    expect(new Set(first).size).toBe(3);
  });

  it('beyond the limits of a circuit breaker are refused at once', async () => {
    const breaker = 'circuit_breakers: [{max_connections: 1, max_pending_requests: 1}]';
    await apply(world, routed('limited', mapping('m', '/', on('limited'), 'service: one:8080', breaker)));
    const sent = () =>
      Promise.all(
        Array.from({ length: 8 }, () => world.cluster.send({ host: 'limited.example.com', path: '/?delay=300' })),
      );

    const answers = await eventually(async () => {
      const all = await sent();
      expect(all.map(({ status }) => status)).toContain(503);
      return all;
    }, SOON);

    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    expect(answers.find(({ status }) => status === 503)?.body).toContain('overflow');
  });

  it('without limits are all made', async () => {
    await apply(world, routed('limited', mapping('m', '/', on('limited'), 'service: one:8080')));
    const sent = () =>
      Promise.all(
        Array.from({ length: 8 }, () => world.cluster.send({ host: 'limited.example.com', path: '/?delay=100' })),
      );

    await eventually(async () => {
      expect(new Set((await sent()).map(({ status }) => status))).toEqual(new Set([200]));
      expect(await find(world.cluster, 'DestinationRule', 'shop', 'one.shop.svc.cluster.local')).toBeUndefined();
    }, SOON);
  });
});

describe('under steady requests', () => {
  const base = mapping('base', '/', on('steady'), 'service: one:8080', 'rewrite: ""');
  const manifest = routed('steady', base);

  interface Requests {
    /** Who took the last one. */
    readonly seen: () => string | undefined;
    readonly sent: () => number;
    /** Resolves with those that failed. */
    stop(): Promise<readonly string[]>;
  }

  /** One after the other, until it is told to stop. */
  function steadily(): Requests {
    const failures: string[] = [];
    const state = { isOver: false, sent: 0, seen: undefined as string | undefined };
    const running = (async () => {
      while (!state.isOver) {
        const answer = await world.cluster.send({ host: 'steady.example.com', path: '/out/x' });
        state.sent++;
        if (answer.status === 200) state.seen = (JSON.parse(answer.body) as Partial<SeenOutside>).server ?? 'inside';
        else failures.push(`${answer.status} ${answer.body}`);
        await delay(5);
      }
    })();
    return {
      seen: () => state.seen,
      sent: () => state.sent,
      async stop() {
        state.isOver = true;
        await running;
        return failures;
      },
    };
  }

  it('no request fails while a place outside is added, edited, moved to another port and removed', async () => {
    const out = (port: number, ...lines: readonly string[]) =>
      mapping('out', '/out/', on('steady'), `service: ${HOST}:${port}`, ...lines);
    await apply(world, manifest);
    await eventually(() => ask('steady', '/out/x'), SOON);
    const requests = steadily();
    const isSeen = (where: string) => eventually(() => expect(requests.seen()).toBe(where), SOON);
    const goesOn = async () => {
      const before = requests.sent();
      await eventually(() => expect(requests.sent()).toBeGreaterThan(before + 200), { within: 20_000 });
    };
    await isSeen('inside');

    await apply(world, annotated(manifest, documents(base, out(outside.ports.plain))));
    await isSeen('plain');
    await apply(world, annotated(manifest, documents(base, out(outside.ports.plain, 'connect_timeout_ms: 900'))));
    await eventually(
      async () => expect(await find(world.cluster, 'DestinationRule', SYSTEM, HOST)).toBeDefined(),
      SOON,
    );
    await goesOn();
    await apply(world, annotated(manifest, documents(base, out(outside.ports.http2, 'grpc: true'))));
    await isSeen('http2');
    await apply(world, annotated(manifest, base));
    await isSeen('inside');
    await goesOn();

    expect(await requests.stop()).toEqual([]);
  });
});

describe('what is asked for no more', () => {
  it('goes when its routes have gone, whoever else was told of it', async () => {
    const names = ['plain', 'encrypted', 'untrusted', 'calls', 'sticky', 'limited', 'steady'];
    expect(await eventReasons(world.cluster, 'shop', 'plain')).toEqual([]);

    await apply(world, ...names.map(name => unannotated(routed(name))));

    await eventually(async () => {
      const kinds = ['VirtualService', 'ServiceEntry', 'DestinationRule'] as const;
      const left = await Promise.all(kinds.map(kind => list(world.cluster, kind)));
      expect(left.flat().map(({ metadata }) => metadata.name)).toEqual([]);
    }, SOON);
  });
});
