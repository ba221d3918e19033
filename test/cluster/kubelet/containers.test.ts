import { existsSync } from 'node:fs';
import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { until } from '../wait.ts';
import { ask, echoContainer, echoPod, podOf, podPath, readFrom, startScene } from './scene.ts';
import type { Scene } from './scene.ts';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

jest.setTimeout(120_000);

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
afterAll(async () => {
  await scene.stop();
});

function secret(name: string, stringData: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData };
}

function configMap(name: string, data: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

describe('variables', () => {
  it('come from values, fields, ConfigMaps and Secrets, and expand what came before them', async () => {
    const field = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } });
    await scene.create(
      configMap('settings', { region: 'north', level: '3' }),
      secret('password', { word: 'open sesame' }),
      echoPod('variables', {
        envFrom: [{ prefix: 'SET_', configMapRef: { name: 'settings' } }],
        env: [
          { name: 'POD', ...field('metadata.name') },
          { name: 'NODE', ...field('spec.nodeName') },
          { name: 'ADDRESS', ...field('status.podIP') },
          { name: 'HOST', ...field('status.hostIP') },
          { name: 'APP', ...field("metadata.labels['app']") },
          { name: 'REGION', valueFrom: { configMapKeyRef: { name: 'settings', key: 'region' } } },
          { name: 'WORD', valueFrom: { secretKeyRef: { name: 'password', key: 'word' } } },
          { name: 'ABSENT', valueFrom: { secretKeyRef: { name: 'none', key: 'none', optional: true } } },
          { name: 'MILLIS', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
          { name: 'JOINED', value: '$(POD)-$(SET_level)' },
          { name: 'LITERAL', value: '$$(POD) $(NOBODY) $5' },
        ],
        resources: { limits: { cpu: '250m' } },
      }),
    );

    const pod = await scene.untilReady('variables');
    const { body } = await ask(pod, '/env');

    expect(body).toMatchObject({
      POD: 'variables',
      NODE: scene.cluster.nodeName,
      ADDRESS: pod.status?.podIP,
      HOST: scene.cluster.nodeAddress,
      APP: 'variables',
      REGION: 'north',
      WORD: 'open sesame',
      MILLIS: '250',
      SET_region: 'north',
      JOINED: 'variables-3',
      LITERAL: '$(POD) $(NOBODY) $5',
      HOSTNAME: 'variables',
    });
    expect(body).not.toHaveProperty('ABSENT');
  });

  it('that refer to what is not there hold the container back until it is', async () => {
    const valueFrom = { secretKeyRef: { name: 'late', key: 'word' } };
    await scene.create(echoPod('waits', { env: [{ name: 'WORD', valueFrom }] }));
    const waiting = await scene.untilPod('waits', 'says what it waits for', pod =>
      Boolean(pod.status?.containerStatuses?.[0]?.state?.waiting?.message),
    );

    await scene.create(secret('late', { word: 'here' }));
    const pod = await scene.untilReady('waits');

    expect(waiting.status?.containerStatuses?.[0]?.state?.waiting).toMatchObject({
      reason: 'CreateContainerConfigError',
      message: 'secret "late" has no key "word"',
    });
    expect((await ask(pod, '/env')).body).toMatchObject({ WORD: 'here' });
  });
});

describe('volumes', () => {
  it('hold Secrets, ConfigMaps, the downward API and files of one another under paths that the machine lacks', async () => {
    await scene.create(
      secret('pair', { 'tls.crt': 'certificate', 'tls.key': 'key' }),
      configMap('page', { 'index.html': 'hello', 'other.html': 'other' }),
      echoPod(
        'mounts',
        {
          volumeMounts: [
            { name: 'pair', mountPath: '/not/on/this/machine/tls', readOnly: true },
            { name: 'page', mountPath: '/etc/page' },
            { name: 'page', mountPath: '/etc/one-page/index.html', subPath: 'index.html' },
            { name: 'about', mountPath: '/about' },
            { name: 'space', mountPath: '/space' },
          ],
          lifecycle: { postStart: { exec: { command: ['sh', '-c', 'echo written > /space/file'] } } },
        },
        {
          volumes: [
            { name: 'pair', secret: { secretName: 'pair' } },
            { name: 'page', configMap: { name: 'page', items: [{ key: 'index.html', path: 'deep/index.html' }] } },
            { name: 'about', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
            { name: 'space', emptyDir: {} },
          ],
        },
      ),
    );

    const pod = await scene.untilReady('mounts');

    expect(await readFrom(pod, '/not/on/this/machine/tls/tls.key')).toBe('key');
    expect(await readFrom(pod, '/etc/page/deep/index.html')).toBe('hello');
    await expect(readFrom(pod, '/etc/page/other.html')).rejects.toThrow('not there');
    expect(await readFrom(pod, '/about/labels')).toBe('app="mounts"');
    expect(await readFrom(pod, '/space/file')).toBe('written\n');
    expect(await readFrom(pod, '/etc/hosts')).toContain(`${pod.status?.podIP ?? ''} mounts`);
    expect(existsSync('/not')).toBe(false);
  });

  it('follow their Secret, all files of it at once', async () => {
    await scene.create(
      secret('changing', { one: 'old', two: 'old' }),
      echoPod(
        'follows',
        { volumeMounts: [{ name: 'changing', mountPath: '/changing' }] },
        { volumes: [{ name: 'changing', secret: { secretName: 'changing' } }] },
      ),
    );
    const pod = await scene.untilReady('follows');
    const before = await readFrom(pod, '/changing/..data/one');

    const data = { one: btoa('new'), two: null, three: btoa('new') };
    const path = '/api/v1/namespaces/default/secrets/changing';
    await scene.cluster.api('PATCH', path, { data }, 'application/merge-patch+json');
    await until('the new value is in the volume', async () => (await readFrom(pod, '/changing/one')) === 'new');

    expect(before).toBe('old');
    // Names of new files in the volume itself come a moment later, as in Kubernetes.
    expect(await readFrom(pod, '/changing/..data/three')).toBe('new');
    await expect(readFrom(pod, '/changing/..data/two')).rejects.toThrow('not there');
    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(0);
  });

  it('hold a token of the service account that the API server knows, and its certificate', async () => {
    await scene.create(echoPod('account'));
    const pod = await scene.untilReady('account');

    const token = await readFrom(pod, `${ACCOUNT}/token`);
    const ca = await readFrom(pod, `${ACCOUNT}/ca.crt`);

    expect(await readFrom(pod, `${ACCOUNT}/namespace`)).toBe('default');
    expect(await whoIs(token, ca)).toBe('system:serviceaccount:default:default');
  });

  it('and variables let a program inside the pod reach the API server', async () => {
    const url = 'https://$(KUBERNETES_SERVICE_HOST):$(KUBERNETES_SERVICE_PORT)/readyz';
    await scene.create(
      echoPod('client', {
        env: [
          { name: 'NODE_EXTRA_CA_CERTS', value: `${ACCOUNT}/ca.crt` },
          { name: 'API', value: url },
        ],
        readinessProbe: {
          exec: { command: [process.execPath, '-e', 'fetch(process.env.API).then(r => process.exit(r.ok ? 0 : 1))'] },
          timeoutSeconds: 5,
        },
      }),
    );

    await expect(scene.untilReady('client')).resolves.toBeDefined();
  });
});

/** As an answer of the API server to the bearer of the token. */
async function whoIs(token: string, ca: string): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const text = await new Promise<string>((resolve, reject) => {
    const url = new URL('/apis/authentication.k8s.io/v1/selfsubjectreviews', scene.cluster.apiServer.url);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const asking = request(url, { ca, method: 'POST', headers, agent: false }, response => {
      let received = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
      response.on('end', () => resolve(received));
    });
    asking.on('error', reject);
    asking.end(JSON.stringify(body));
  });
  return (JSON.parse(text) as { status: { userInfo: { username: string } } }).status.userInfo.username;
}

describe('the file system', () => {
  it('is the machine’s to read, and what a container writes stays in it', async () => {
    await scene.create(
      echoPod('writes', {
        lifecycle: { postStart: { exec: { command: ['sh', '-c', 'echo mine > /etc/left-by-a-pod'] } } },
      }),
    );

    const pod = await scene.untilReady('writes');

    expect(await readFrom(pod, '/etc/left-by-a-pod')).toBe('mine\n');
    expect(existsSync('/etc/left-by-a-pod')).toBe(false);
  });

  it('refuses writes when the manifest says read-only, but not in a volume', async () => {
    await scene.create(
      podOf('read-only', {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'main',
            image: 'sh',
            args: ['touch /tmp/volume/file && ! touch /etc/file && ! touch /tmp/file'],
            securityContext: { readOnlyRootFilesystem: true },
            volumeMounts: [{ name: 'space', mountPath: '/tmp/volume' }],
          },
        ],
        volumes: [{ name: 'space', emptyDir: {} }],
      }),
    );

    const pod = await scene.untilPod(
      'read-only',
      'has ended',
      ({ status }) => status?.phase !== 'Pending' && status?.phase !== 'Running',
    );

    expect(pod.status?.phase).toBe('Succeeded');
    expect(scene.kubelet.logs('default', 'read-only')).toContain('Read-only file system');
  });
});

describe('init containers', () => {
  it('run in order before the others, and sidecars go on running beside them', async () => {
    const volumeMounts = [{ name: 'space', mountPath: '/space' }];
    const init = (name: string, script: string, more = {}) => ({
      name,
      image: 'sh',
      args: [script],
      volumeMounts,
      ...more,
    });
    await scene.create(
      podOf('ordered', {
        initContainers: [
          init('first', 'echo first >> /space/order'),
          init('sidecar', 'echo sidecar >> /space/order; exec sleep 1000', { restartPolicy: 'Always' }),
          init('last', 'until [ "$(wc -l < /space/order)" = 2 ]; do sleep 0.05; done; echo last >> /space/order'),
        ],
        containers: [echoContainer({ volumeMounts })],
        volumes: [{ name: 'space', emptyDir: {} }],
      }),
    );

    const pod = await scene.untilReady('ordered');

    expect(await readFrom(pod, '/space/order')).toBe('first\nsidecar\nlast\n');
    expect(pod.status?.initContainerStatuses?.map(({ state }) => Object.keys(state ?? {})[0])).toEqual([
      'terminated',
      'running',
      'terminated',
    ]);
  });

  it('that fail are tried again, and nothing else starts, until the pod is deleted', async () => {
    await scene.create(
      podOf('stuck', {
        initContainers: [{ name: 'fails', image: 'sh', args: ['echo no luck; exit 3'] }],
        containers: [echoContainer()],
      }),
    );

    const pod = await scene.untilPod('stuck', 'has tried twice', ({ status }) => {
      return (status?.initContainerStatuses?.[0]?.restartCount ?? 0) >= 2;
    });
    await scene.cluster.api('DELETE', podPath('stuck'));
    await scene.untilGone('stuck');

    expect(pod.status?.phase).toBe('Pending');
    expect(pod.status?.initContainerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(3);
    expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('PodInitializing');
  });
});
