import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EchoAnswer, GatewayRequest } from '../cluster/types.ts';
import { eventually } from './eventually.ts';
import { annotated, createNamespace, deployment, documents, inferenceService, mapping } from './manifests.ts';
import { eventReasons, list } from './objects.ts';
import { isReady } from './waymark-pods.ts';
import type { WaymarkPod } from './waymark-pods.ts';
import { DOMAIN, INGRESS_HOST, apply, startWorld, stopWorlds } from './world.ts';
import type { World } from './world.ts';

/** How soon traffic must follow what users did. */
const SOON = { within: 2_000 };

const predict = mapping('predict', '/models/web/', 'rewrite: /v1/models/web:predict', 'method: POST');
const blue = mapping('blue', '/', 'headers: {x-team: blue}', 'service: serving-web-2:8080');

const web1 = deployment('shop/serving-web-1', {
  config: documents(inferenceService('web', 'v1', 'hosts: [web.example.com]'), predict, blue),
  ports: { http: 8080, admin: 9090 },
  replicas: 1,
});
const explain = mapping('explain', '/models/web/', `host: ${INGRESS_HOST}`, 'method: POST', 'rewrite: /explain/');
const web2 = deployment('shop/serving-web-2', {
  config: documents(inferenceService('web', 'v2', 'timeout: 500ms', 'upgrade: {bake: 1s}'), explain),
  replicas: 1,
});
const tool = deployment('shop/tool', {
  config: documents(
    mapping('tool', '/tool/', 'host: tool.example.com'),
    mapping('shared', '/models/tool/', 'rewrite: ""'),
  ),
  replicas: 1,
});

let world: World;
beforeAll(async () => {
  world = await startWorld({ istio: true });
  await createNamespace(world.cluster, 'shop');
  await apply(world, web1, web2, tool);
  for (const name of ['serving-web-1', 'serving-web-2', 'tool']) {
    await world.kubectl(['rollout', 'status', `deployment/${name}`, '-n', 'shop', '--timeout=30s']);
  }
});
afterAll(stopWorlds);

/** What a program behind the gateway saw. */
interface Seen {
  readonly deployment: string;
  readonly path: string;
  readonly port: number;
}

/** Rejects when the gateway itself answered. */
async function seenBy(request: GatewayRequest): Promise<Seen & { readonly pod: string }> {
  const answer = await world.cluster.send(request);
  if (answer.status !== 200) throw new Error(`${request.host}${request.path}: ${answer.status} ${answer.body}`);
  const { pod, path, port } = JSON.parse(answer.body) as EchoAnswer;
  return { deployment: pod.replace(/-[^-]+-[^-]+$/, ''), path, port, pod };
}

describe('a request through the gateway', () => {
  const rows: Readonly<Record<string, { request: GatewayRequest; seen: Seen }>> = {
    'to the built-in host reaches the first port, whatever the path': {
      request: { host: `serving-web-1.shop.${DOMAIN}`, path: '/any/path?q=1' },
      seen: { deployment: 'serving-web-1', path: '/any/path?q=1', port: 8080 },
    },
    'to the built-in host of another version reaches that one': {
      request: { host: `serving-web-2.shop.${DOMAIN}`, path: '/' },
      seen: { deployment: 'serving-web-2', path: '/', port: 8080 },
    },
    'to an own host reaches the Deployment that has it': {
      request: { host: 'web.example.com', path: '/' },
      seen: { deployment: 'serving-web-1', path: '/', port: 8080 },
    },
    'to a prefix, with the method, arrives rewritten': {
      request: { host: 'web.example.com', path: '/models/web/', method: 'POST', body: '{}' },
      seen: { deployment: 'serving-web-1', path: '/v1/models/web:predict', port: 8080 },
    },
    'to a prefix, with another method, falls to the catch-all route': {
      request: { host: 'web.example.com', path: '/models/web/' },
      seen: { deployment: 'serving-web-1', path: '/models/web/', port: 8080 },
    },
    'with the header goes to the service that the Mapping names': {
      request: { host: 'web.example.com', path: '/', headers: { 'x-team': 'blue' } },
      seen: { deployment: 'serving-web-2', path: '/', port: 8080 },
    },
    'with another value of the header does not': {
      request: { host: 'web.example.com', path: '/', headers: { 'x-team': 'red' } },
      seen: { deployment: 'serving-web-1', path: '/', port: 8080 },
    },
    "to a Mapping without rewrite arrives with '/' for the prefix, as with Ambassador": {
      request: { host: 'tool.example.com', path: '/tool/hammer' },
      seen: { deployment: 'tool', path: '/hammer', port: 8080 },
    },
    'to a Mapping without a host is served at the host that all share': {
      request: { host: INGRESS_HOST, path: '/models/tool/x' },
      seen: { deployment: 'tool', path: '/models/tool/x', port: 8080 },
    },
  };

  it.each(Object.entries(rows))('%s', async (_, { request, seen }) => {
    await eventually(async () => expect(await seenBy(request)).toMatchObject(seen), SOON);
  });

  it.each([
    ['to a host that nobody has', { host: 'nobody.example.com', path: '/' }],
    ['to the built-in host of a Deployment with Mappings only', { host: `tool.shop.${DOMAIN}`, path: '/tool/' }],
    ['to a path that no Mapping of the host has', { host: 'tool.example.com', path: '/other' }],
    ['to a prefix on another host than its own', { host: INGRESS_HOST, path: '/tool/' }],
  ])('%s gets 404', async (_, request) => {
    expect((await world.cluster.send(request)).status).toBe(404);
  });
});

describe('the path of a model on the host that all share', () => {
  const model = { host: INGRESS_HOST, path: '/models/web/v1/x?q=1' };

  it('reaches the newest version, which sees the rest of the path', async () => {
    expect(await seenBy(model)).toMatchObject({ deployment: 'serving-web-2', path: '/v1/x?q=1', port: 8080 });
  });

  it('is asked after a Mapping of the same path with a further condition', async () => {
    const seen = await seenBy({ ...model, method: 'POST' });

    expect(seen).toMatchObject({ deployment: 'serving-web-2', path: '/explain/v1/x?q=1' });
  });

  it('has the timeout of its InferenceService', async () => {
    expect((await world.cluster.send({ ...model, path: '/models/web/?delay=400' })).status).toBe(200);
    expect((await world.cluster.send({ ...model, path: '/models/web/?delay=900' })).status).toBe(504);
  });

  it('is not given to a newer Mapping of another namespace', async () => {
    await createNamespace(world.cluster, 'other');
    const config = documents(mapping('same', '/models/web/'), mapping('beside', '/models/beside/'));
    await apply(world, deployment('other/thief', { config, replicas: 1 }));
    await world.kubectl(['rollout', 'status', 'deployment/thief', '-n', 'other', '--timeout=30s']);

    await eventually(async () => {
      expect((await seenBy({ ...model, path: '/models/beside/' })).deployment).toBe('thief');
    }, SOON);
    expect((await seenBy(model)).deployment).toBe('serving-web-2');
    await eventually(async () => {
      expect(await eventReasons(world.cluster, 'other', 'thief')).toContain('PathTaken');
    }, SOON);
  });

  it('goes to the version before it while the newest has no Pods', async () => {
    await world.kubectl(['scale', 'deployment/serving-web-2', '--replicas=0', '-n', 'shop']);
    await eventually(async () => expect((await seenBy(model)).deployment).toBe('serving-web-1'), { within: 20_000 });

    await world.kubectl(['scale', 'deployment/serving-web-2', '--replicas=1', '-n', 'shop']);
    await eventually(async () => expect((await seenBy(model)).deployment).toBe('serving-web-2'), { within: 20_000 });
  });
});

describe('traffic follows within 2 s (P1)', () => {
  const ANY = { host: 'web.example.com', path: '/' };

  it('a Deployment scaled up: every Pod answers', async () => {
    const pods = await scale(3);

    await eventually(async () => expect(await answering(24)).toEqual(pods), SOON);
  });

  it('a Deployment scaled down: only the Pod that is left answers', async () => {
    const pods = await scale(1);

    await eventually(async () => expect(await answering(24)).toEqual(pods), SOON);
  });

  it('a changed prefix: the new one is served, and the old one no longer', async () => {
    const moved = mapping('predict', '/v2/web/', 'rewrite: /v1/models/web:predict', 'method: POST');
    const config = documents(inferenceService('web', 'v1', 'hosts: [web.example.com]'), moved, blue);

    await apply(world, annotated(web1, config));

    const post = (path: string) => seenBy({ host: 'web.example.com', path, method: 'POST' });
    await eventually(async () => {
      expect((await post('/v2/web/')).path).toBe('/v1/models/web:predict');
      expect((await post('/models/web/')).path).toBe('/models/web/');
    }, SOON);
  });

  it('another first port', async () => {
    const config = inferenceService('web', 'v1', 'hosts: [web.example.com]', 'ports: [admin]');

    await apply(world, annotated(web1, config));

    await eventually(async () => expect((await seenBy(ANY)).port).toBe(9090), SOON);
  });

  it('another own host: the new one is served, and the old one gets 404', async () => {
    await apply(world, annotated(web1, inferenceService('web', 'v1', 'hosts: [www.example.com]')));

    await eventually(async () => {
      expect((await seenBy({ host: 'www.example.com', path: '/' })).deployment).toBe('serving-web-1');
      expect((await world.cluster.send(ANY)).status).toBe(404);
    }, SOON);
  });

  /** Scales and resolves with the names of the Pods the moment that all of them are ready and no other is there. */
  async function scale(replicas: number): Promise<readonly string[]> {
    await world.kubectl(['scale', 'deployment/serving-web-1', `--replicas=${replicas}`, '-n', 'shop']);
    return eventually(
      async () => {
        const pods = await list<WaymarkPod>(world.cluster, 'Pod', 'shop', '?labelSelector=app%3Dserving-web-1');
        expect(pods.map(isReady)).toEqual(Array.from({ length: replicas }, () => true));
        return pods.map(({ metadata }) => metadata.name);
      },
      { within: 20_000 },
    );
  }

  /** Names of all Pods that answered so many requests, sorted. */
  async function answering(requests: number): Promise<readonly string[]> {
    const answers = await Promise.all(Array.from({ length: requests }, () => seenBy(ANY)));
    return [...new Set(answers.map(({ pod }) => pod))].toSorted();
  }
});
