import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uninstallWaymark } from '../cluster/install.ts';
import { eventually } from './eventually.ts';
import { annotated, createNamespace, deployment, inferenceService } from './manifests.ts';
import type { Manifest } from './manifests.ts';
import { eventReasons, find, readDeployment } from './objects.ts';
import { metric, scaleWaymark, sumOf, waymarkPods } from './waymark-pods.ts';
import { SYSTEM, apply, startWorld, stopWorlds } from './world.ts';
import type { World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await createNamespace(world.cluster, 'shop');
});
afterAll(stopWorlds);

/** Calls of both hooks that the API server made so far, by its own count. */
async function callsByServer(): Promise<number> {
  const { body } = await world.cluster.api('GET', '/metrics');
  const calls = ['mutate', 'validate'].map(hook =>
    sumOf(String(body), 'apiserver_admission_webhook_request_total', { name: `${hook}.waymark.dev` }),
  );
  return calls.reduce((sum, count) => sum + (Number.isNaN(count) ? 0 : count), 0);
}

/** Requests that the webhook answered so far, by its own count. */
async function callsByWebhook(): Promise<number> {
  const counts = await Promise.all(
    (await waymarkPods(world.cluster, 'webhook')).map(pod =>
      metric(pod, 'webhook', 'waymark_admission_requests_total'),
    ),
  );
  return counts.reduce((sum, count) => sum + (Number.isNaN(count) ? 0 : count), 0);
}

/** A whole life: create, change, scale, delete. */
async function live(manifest: Manifest): Promise<void> {
  const { namespace, name } = manifest.metadata;
  await apply(world, manifest);
  await world.kubectl(['set', 'env', `deployment/${name}`, '-n', namespace, 'COLOR=blue']);
  await world.kubectl(['annotate', `deployment/${name}`, '-n', namespace, 'team=vision']);
  await world.kubectl(['scale', `deployment/${name}`, '-n', namespace, '--replicas=2']);
  await world.kubectl(['delete', `deployment/${name}`, '-n', namespace]);
}

const named = (model: string) =>
  deployment(`shop/serving-${model}-1`, { config: inferenceService(model, 'v1', 'area: shanghai') });

describe('the webhook is asked', () => {
  it('never about a Deployment without the annotation (W4, W5)', async () => {
    const before = { server: await callsByServer(), webhook: await callsByWebhook() };

    await live(deployment('shop/plain'));
    await live(deployment('shop/other-notes', { annotations: { 'example.com/config': 'kind: InferenceService' } }));

    expect({ server: await callsByServer(), webhook: await callsByWebhook() }).toEqual(before);
  });

  it('once by each hook about a new Deployment with it, and again when it is taken away (W31)', async () => {
    const before = { server: await callsByServer(), webhook: await callsByWebhook() };

    await apply(world, named('counted'));
    const created = { server: await callsByServer(), webhook: await callsByWebhook() };
    await world.kubectl(['annotate', 'deployment/serving-counted-1', '-n', 'shop', 'waymark.dev/config-']);
    const removed = await callsByServer();

    expect(created).toEqual({ server: before.server + 2, webhook: before.webhook + 2 });
    expect(removed).toBeGreaterThanOrEqual(created.server + 2);
  });
});

describe('while no webhook answers, with failurePolicy Fail', () => {
  const CASCADES = ['background', 'foreground', 'orphan'] as const;

  beforeAll(async () => {
    await apply(world, ...CASCADES.map(named));
    await scaleWaymark(world, 'webhook', 0);
  });

  it('a Deployment without the annotation lives on as ever', async () => {
    await live(deployment('shop/plain'));
  });

  it('an annotated one is refused, and the message names the webhook', async () => {
    const { code, stderr } = await world.cluster.kubectl(['apply', '-f', '-'], {
      input: JSON.stringify(named('late')),
    });

    expect(code).toBe(1);
    expect(stderr).toContain('failed calling webhook "mutate.waymark.dev"');
    expect(await find(world.cluster, 'Deployment', 'shop', 'serving-late-1')).toBeUndefined();
  });

  it.each(CASCADES)('an annotated one that is stored already can be scaled and deleted, by --cascade=%s', async how => {
    const name = `deployment/serving-${how}-1`;
    await world.kubectl(['scale', name, '-n', 'shop', '--replicas=1']);
    await world.kubectl(['rollout', 'status', name, '-n', 'shop', '--timeout=30s']);

    await world.kubectl(['delete', name, '-n', 'shop', `--cascade=${how}`, '--timeout=20s']);
  });

  it.each(['kube-system', SYSTEM])('%s is blocked by nothing (W2)', async namespace => {
    await live(deployment(`${namespace}/serving-system-1`, { config: inferenceService('system', 'v1') }));
  });

  it('other kinds are blocked by nothing, whatever annotation they carry (W1)', async () => {
    const metadata = { namespace: 'shop', annotations: { 'waymark.dev/config': 'nonsense' } };
    const template = deployment('shop/set').spec;

    await apply(
      world,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, name: 'settings' } },
      { apiVersion: 'v1', kind: 'Service', metadata: { ...metadata, name: 'plain' }, spec: { ports: [{ port: 80 }] } },
      { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { ...metadata, name: 'set' }, spec: template },
    );
  });

  it("Waymark's own Pods can be rolled out again, and then the annotated one is accepted (W2)", async () => {
    await scaleWaymark(world, 'webhook', 1);

    await apply(world, named('late'));

    expect(await variablesOf('serving-late-1')).toContain('KUBEFLOW_AREA');
  });
});

describe('while no webhook answers, with failurePolicy Ignore', () => {
  const missed = named('missed');

  beforeAll(async () => {
    await world.install({ webhook: { failurePolicy: 'Ignore' } });
    await scaleWaymark(world, 'webhook', 0);
  });

  it('an annotated Deployment is stored without its variables, its objects are built, and it is told', async () => {
    await apply(world, missed);

    expect(await variablesOf('serving-missed-1')).toEqual([]);
    await eventually(
      async () => {
        expect(await find(world.cluster, 'Service', 'shop', 'serving-missed-1')).toBeDefined();
        expect(await eventReasons(world.cluster, 'shop', 'serving-missed-1')).toEqual(['NotInjected']);
      },
      { within: 5_000 },
    );
  });

  it('its next update completes it, once a webhook answers', async () => {
    await scaleWaymark(world, 'webhook', 1);

    await apply(world, annotated(missed, inferenceService('missed', 'v1', 'area: guangzhou')));

    expect(await variablesOf('serving-missed-1')).toHaveLength(11);
  });
});

describe('R-14: after helm has uninstalled it, when its programs were dead already (W37)', () => {
  const left = named('left');
  const bequest = [
    ['Deployment', 'serving-left-1'],
    ['Service', 'serving-left-1'],
    ['VirtualService', 'serving-left-1'],
  ] as const;

  beforeAll(async () => {
    // With failurePolicy Fail: whatever still asked it would be refused.
    await world.install();
    await apply(world, left);
    await eventually(
      async () => expect(await find(world.cluster, 'VirtualService', 'shop', 'serving-left-1')).toBeDefined(),
      { within: 5_000 },
    );
    await scaleWaymark(world, 'controller', 0);
    await scaleWaymark(world, 'webhook', 0);
    await uninstallWaymark(world.cluster);
  });

  it('nothing asks for it any more: an annotated Deployment is stored as it was written', async () => {
    await apply(world, named('free'));

    expect(await variablesOf('serving-free-1')).toEqual([]);
  });

  it('nothing that it built or looked after waits for it: all of it goes with its Deployment', async () => {
    const live = await Promise.all(bequest.map(([kind, name]) => find(world.cluster, kind, 'shop', name)));
    expect(live.map(object => object?.metadata.name)).toEqual(bequest.map(([, name]) => name));

    await world.kubectl(['delete', 'deployment/serving-left-1', '-n', 'shop', '--timeout=10s']);

    await eventually(
      async () => {
        const found = await Promise.all(bequest.map(([kind, name]) => find(world.cluster, kind, 'shop', name)));
        expect(found.filter(object => object !== undefined)).toEqual([]);
      },
      { within: 15_000 },
    );
  });
});

async function variablesOf(name: string): Promise<readonly string[]> {
  const { spec } = await readDeployment(world.cluster, 'shop', name);
  return (spec.template.spec.containers[0]?.env ?? []).map(variable => variable.name);
}
