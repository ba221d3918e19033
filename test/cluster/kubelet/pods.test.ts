import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { run } from '../command.ts';
import { until } from '../wait.ts';
import { IMAGES, ask, echoContainer, echoPod, isReady, podOf, podPath, startScene } from './scene.ts';
import type { Scene } from './scene.ts';
import type { Pod } from './objects.ts';
import { startKubelet } from './start.ts';

jest.setTimeout(120_000);

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
afterAll(async () => {
  await scene.stop();
});

function deploymentOf(name: string, replicas: number, more: object = {}): object[] {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [echoContainer()] } };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: { replicas, selector: { matchLabels: labels }, template, ...more },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: labels, ports: [{ port: 80 }] } },
  ];
}

interface Deployment {
  readonly metadata: { readonly generation: number };
  readonly status: Readonly<Record<string, number | undefined>>;
}

async function deployment(name: string): Promise<Deployment> {
  return (await scene.cluster.api('GET', `/apis/apps/v1/namespaces/default/deployments/${name}`)).body as Deployment;
}

async function podsOf(app: string): Promise<Pod[]> {
  const { body } = await scene.cluster.api('GET', `/api/v1/namespaces/default/pods?labelSelector=app%3D${app}`);
  return (body as { items: Pod[] }).items;
}

/** Addresses that the Service's EndpointSlices call ready, sorted. */
async function readyAddresses(service: string): Promise<string[]> {
  const path = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
  const { body } = await scene.cluster.api('GET', `${path}?labelSelector=kubernetes.io%2Fservice-name%3D${service}`);
  interface Slice {
    readonly endpoints: readonly { readonly addresses: readonly string[]; readonly conditions: { ready: boolean } }[];
  }
  return (body as { items: Slice[] }).items
    .flatMap(({ endpoints }) => endpoints.filter(({ conditions }) => conditions.ready))
    .flatMap(({ addresses }) => addresses)
    .sort();
}

function delay(pod: Pod, milliseconds: number) {
  return ask(pod, `/?delay=${milliseconds}`);
}

describe('a Deployment', () => {
  it('becomes available, and the addresses in its EndpointSlices answer, all on the same port', async () => {
    await scene.create(...deploymentOf('three', 3));

    await until(
      'three replicas are available',
      async () => (await deployment('three')).status['availableReplicas'] === 3,
    );
    const addresses = await until('three endpoints are ready', async () => {
      const found = await readyAddresses('three');
      return found.length === 3 && found;
    });
    const answers = await Promise.all(addresses.map(address => fetch(`http://${address}/`).then(each => each.json())));

    const pods = await podsOf('three');
    expect(addresses).toEqual(pods.map(pod => pod.status?.podIP).sort());
    expect(answers).toHaveLength(3);
    expect(new Set(answers.map(answer => (answer as { pod: string }).pod))).toEqual(
      new Set(pods.map(({ metadata }) => metadata.name)),
    );
  });

  it('keeps as many replicas available during an update as it promises', async () => {
    const strategy = { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
    await scene.create(...deploymentOf('rolling', 2, { strategy }));
    await until('it is available', async () => (await deployment('rolling')).status['availableReplicas'] === 2);
    const before = new Set((await podsOf('rolling')).map(({ metadata }) => metadata.uid));
    const container = { name: 'main', env: [{ name: 'REVISION', value: '2' }] };
    const patch = { spec: { template: { spec: { containers: [container] } } } };
    const path = '/apis/apps/v1/namespaces/default/deployments/rolling';

    await scene.cluster.api('PATCH', path, patch, 'application/strategic-merge-patch+json');
    const available: number[] = [];
    await until('the update is through', async () => {
      const { metadata, status } = await deployment('rolling');
      available.push((await podsOf('rolling')).filter(isReady).length);
      return (
        status['observedGeneration'] === metadata.generation &&
        status['updatedReplicas'] === 2 &&
        status['replicas'] === 2
      );
    });

    const after = (await podsOf('rolling')).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    expect(Math.min(...available)).toBeGreaterThanOrEqual(2);
    expect(after.filter(({ metadata }) => before.has(metadata.uid))).toEqual([]);
  });
});

describe('readiness', () => {
  it('that fails takes the pod out of the endpoints, and back in when it passes', async () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'moody' } };
    await scene.create(echoPod('moody'), { ...service, spec: { selector: { app: 'moody' }, ports: [{ port: 80 }] } });
    const pod = await scene.untilReady('moody');
    await until('it is an endpoint', async () => (await readyAddresses('moody')).length === 1);

    await ask(pod, '/readyz?status=503', 'PUT');
    await until('it is none', async () => (await readyAddresses('moody')).length === 0);
    const unready = await scene.untilPod('moody', 'is not ready', each => !isReady(each));
    await ask(pod, '/readyz?status=200', 'PUT');
    await until('it is one again', async () => (await readyAddresses('moody')).length === 1);

    expect(unready.status?.containerStatuses?.[0]).toMatchObject({ ready: false, started: true, restartCount: 0 });
  });

  it('is lost by a frozen pod and comes back when it is thawed', async () => {
    await scene.create(echoPod('frozen'));
    await scene.untilReady('frozen');

    scene.kubelet.pause('default', 'frozen');
    await scene.untilPod('frozen', 'is not ready', each => !isReady(each));
    scene.kubelet.resume('default', 'frozen');
    const pod = await scene.untilReady('frozen');

    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(0);
  });
});

describe('restarts', () => {
  it('follow a crash, at the same address', async () => {
    await scene.create(echoPod('crashes'));
    const before = await scene.untilReady('crashes');

    await scene.kubelet.crash('default', 'crashes');
    const after = await scene.untilPod('crashes', 'is ready again', pod => {
      return isReady(pod) && pod.status?.containerStatuses?.[0]?.restartCount === 1;
    });

    expect(after.status?.podIP).toBe(before.status?.podIP);
    expect(after.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
      exitCode: 137,
      reason: 'Error',
    });
    expect((await ask(after, '/')).status).toBe(200);
  });

  it('of a program that ends at once are delayed, and what it printed is kept', async () => {
    await scene.create(
      podOf('hopeless', { containers: [{ name: 'main', image: 'sh', args: ['echo no luck; exit 3'] }] }),
    );

    const pod = await scene.untilPod('hopeless', 'is in back-off', ({ status }) => {
      const { state, restartCount = 0 } = status?.containerStatuses?.[0] ?? {};
      return state?.waiting?.reason === 'CrashLoopBackOff' && restartCount >= 2;
    });

    expect(pod.status?.phase).toBe('Running');
    expect(pod.status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(3);
    expect(scene.kubelet.logs('default', 'hopeless').match(/no luck/g)?.length).toBeGreaterThanOrEqual(3);
  });

  it('follow a liveness probe that fails as often as it may', async () => {
    const livenessProbe = { httpGet: { path: '/readyz', port: 80 }, periodSeconds: 1, failureThreshold: 2 };
    await scene.create(echoPod('sick', { livenessProbe }));
    const pod = await scene.untilReady('sick');

    await ask(pod, '/readyz?status=500', 'PUT');
    const after = await scene.untilPod('sick', 'is well again', each => {
      return isReady(each) && each.status?.containerStatuses?.[0]?.restartCount === 1;
    });

    const { lastState } = after.status?.containerStatuses?.[0] ?? {};
    expect(lastState?.terminated?.message).toBe('liveness: HTTP probe failed with statuscode: 500');
  });

  it('do not follow when the policy is Never', async () => {
    await scene.create(
      podOf('once', { restartPolicy: 'Never', containers: [{ name: 'main', image: 'sh', args: ['exit 4'] }] }),
    );

    const pod = await scene.untilPod('once', 'has failed', ({ status }) => status?.phase === 'Failed');

    expect(pod.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 0,
      state: { terminated: { exitCode: 4 } },
    });
  });

  it('are counted also when the API server was away', async () => {
    await scene.create(echoPod('alone'));
    await scene.untilReady('alone');

    await scene.cluster.stopApiServer();
    await scene.kubelet.crash('default', 'alone');
    await scene.cluster.startApiServer();

    const pod = await scene.untilPod('alone', 'is ready again', each => {
      return isReady(each) && each.status?.containerStatuses?.[0]?.restartCount === 1;
    });
    expect(pod.status?.phase).toBe('Running');
  });
});

describe('deletion', () => {
  it('lets a pod answer what it has begun', async () => {
    await scene.create(echoPod('polite'));
    const pod = await scene.untilReady('polite');

    const slow = delay(pod, 1_000);
    await until('the request is under way', async () => (await connectionsOf('polite')) > 0);
    await scene.cluster.api('DELETE', podPath('polite'));
    const { status } = await slow;
    await scene.untilGone('polite');

    expect(status).toBe(200);
  });

  it('waits for the preStop hook, while the pod goes on serving', async () => {
    await scene.create(echoPod('lingers', { lifecycle: { preStop: { sleep: { seconds: 1 } } } }));
    const pod = await scene.untilReady('lingers');

    await scene.cluster.api('DELETE', podPath('lingers'));
    const during = await ask(pod, '/');
    await scene.untilGone('lingers');

    expect(during.status).toBe(200);
  });

  it('kills what does not end within its grace period', async () => {
    const args = ['trap "" TERM; echo deaf; while :; do sleep 0.1; done'];
    await scene.create(
      podOf('deaf', { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image: 'sh', args }] }),
    );
    await until('it has begun', () => scene.kubelet.logs('default', 'deaf').includes('deaf'));

    await scene.cluster.api('DELETE', podPath('deaf'));

    await expect(scene.untilGone('deaf')).resolves.toBeUndefined();
  });

  it('by force kills at once', async () => {
    await scene.create(echoPod('forced', { lifecycle: { preStop: { sleep: { seconds: 29 } } } }));
    const pod = await scene.untilReady('forced');

    await scene.cluster.api('DELETE', `${podPath('forced')}?gracePeriodSeconds=0`);

    await until('nobody answers', () =>
      ask(pod, '/', 'GET', 300).then(
        () => false,
        () => true,
      ),
    );
  });
});

describe('a kubelet that stops', () => {
  it('leaves no process, no network and no file but the logs', async () => {
    const { cluster } = scene;
    const other = await startKubelet({ cluster: { ...cluster, nodeName: 'other' }, images: IMAGES });
    await scene.create(echoPod('passenger', {}, { nodeName: 'other' }));
    await scene.untilReady('passenger');
    const during = await traces();

    await other.stop();

    expect(during).toEqual({ processes: true, bridge: true, folder: true });
    expect(await traces()).toEqual({ processes: false, bridge: false, folder: false });
    expect(readdirSync(join(cluster.directory, 'logs'))).toContain('pod_default_passenger_main.log');
  });

  async function traces(): Promise<{ processes: boolean; bridge: boolean; folder: boolean }> {
    const { stdout: processes } = await run('ps', ['-eo', 'args']);
    const { stdout: links } = await run('ip', ['-o', 'link']);
    return {
      processes: /pause passenger|pods-other/.test(processes),
      bridge: links.includes('pods2'),
      folder: existsSync(join(scene.cluster.directory, 'pods-other')),
    };
  }
});

/** Established connections to a pod, as its address sees them from outside. */
async function connectionsOf(name: string): Promise<number> {
  const { body } = await scene.cluster.api('GET', podPath(name));
  const { stdout } = await run('ss', ['-Htn', 'state', 'established', 'dst', (body as Pod).status?.podIP ?? '']);
  return stdout.split('\n').filter(Boolean).length;
}
