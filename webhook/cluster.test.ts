import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RESOURCES } from '../kube/resources.ts';
import { defaultSettings } from '../shared/settings-file.ts';
import { startApiServer } from '../test/support/api-server/server.ts';
import { createAuthority } from '../test/support/certificates.ts';
import { httpsClient } from '../test/support/https-client.ts';
import { memoryLog } from '../test/support/log.ts';
import { CONFIG, acceptAnswer, deployment, patchedObject, reviewOf } from '../test/support/reviews.ts';
import { startWebhook } from './start.ts';
import type { ApiServer } from '../test/support/api-server/server.ts';
import type { TestCertificate } from '../test/support/certificates.ts';
import type { RunningWebhook } from './start.ts';

const authority = createAuthority();
const { systemNamespace } = defaultSettings;
const SECRET = 'waymark-webhook-tls';

let api: ApiServer;
let webhook: RunningWebhook | undefined;
let memory: ReturnType<typeof memoryLog>;

beforeEach(async () => {
  api = await startApiServer([
    RESOURCES.namespaces,
    RESOURCES.secrets,
    RESOURCES.horizontalPodAutoscalers,
    RESOURCES.configMaps,
    RESOURCES.nodes,
    RESOURCES.serviceCidrs,
    RESOURCES.hosts,
  ]);
  memory = memoryLog();
  // The first one makes a certificate, which the library does slowly.
}, 60_000);
afterEach(async () => {
  await webhook?.close();
  webhook = undefined;
  await api.close();
});

async function start({ namespaces = [] as string[], patience = 60_000 } = {}): Promise<RunningWebhook> {
  webhook = await startWebhook({
    settings: defaultSettings,
    port: 0,
    metricsPort: 0,
    host: '127.0.0.1',
    tlsSecret: SECRET,
    onMissingMutation: 'deny',
    namespaces,
    credentials: api.credentials,
    log: memory.log,
    drain: { quiet: 0, linger: 0, deadline: 0 },
    patience,
  });
  return webhook;
}

function putSecret({ cert, key }: TestCertificate): void {
  const data = { 'tls.crt': Buffer.from(cert).toString('base64'), 'tls.key': Buffer.from(key).toString('base64') };
  api.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: SECRET, namespace: systemNamespace }, data });
}

function putNamespace(name: string, policy: string): void {
  api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'waymark.dev/policy': policy } } });
}

async function readyz({ metricsPort }: RunningWebhook): Promise<string> {
  return (await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).text();
}

/** Whether a Deployment with a mistake is let through, as its Namespace's policy has it. */
async function isLetThrough({ port }: RunningWebhook, namespace = 'service'): Promise<boolean> {
  const client = httpsClient(port, authority.cert);
  const object = deployment({ namespace, annotations: { 'waymark.dev/config': `${CONFIG}unknown: 1\n` } });
  const answer = await client.send({ path: '/validate', body: JSON.stringify(reviewOf(object, { namespace })) });
  client.close();
  return acceptAnswer('validate', answer.body).allowed;
}

function putAutoscaler(): void {
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'tfserving-resnet50-20240501', uid: 'uid-1' };
  api.put({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: {
      namespace: 'service',
      name: owner.name,
      labels: { 'app.kubernetes.io/managed-by': 'waymark' },
      ownerReferences: [{ ...owner, controller: true }],
    },
  });
}

/** Of a Deployment that is at 7 and whose manifest says 2. The same question every time, so it is remembered. */
async function sizeAfterApply({ port }: RunningWebhook): Promise<unknown> {
  const sized = (replicas: number) => {
    const object = deployment({ annotations: { 'waymark.dev/config': `${CONFIG}replicas: {min: 2, max: 9}\n` } });
    const { metadata, spec } = object as { metadata: object; spec: object };
    return { ...object, metadata: { ...metadata, uid: 'uid-1' }, spec: { ...spec, replicas } };
  };
  const client = httpsClient(port, authority.cert);
  const body = JSON.stringify(reviewOf(sized(2), { operation: 'UPDATE', oldObject: sized(7) }));
  const answer = acceptAnswer('mutate', (await client.send({ path: '/mutate', body })).body);
  client.close();
  return (patchedObject(sized(2), answer)['spec'] as { replicas: unknown }).replicas;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 5));
}

describe('a webhook in a cluster', () => {
  it('W30: is not ready before its Secret is there, and takes it as soon as it is', async () => {
    const running = await start();
    await until(async () => (await readyz(running)) === 'not ready: certificate\n');

    putSecret(authority.issue({ names: ['localhost'] }));
    await until(async () => (await readyz(running)) === 'ok\n');

    expect(await isLetThrough(running)).toBe(false);
  });

  it('W26: takes a new certificate from the Secret, and keeps it when the Secret is spoilt or deleted', async () => {
    const [first, second] = [authority.issue({ names: ['localhost'] }), authority.issue({ names: ['localhost'] })];
    putSecret(first);
    const running = await start();
    const inService = () => memory.messages().filter(message => message === 'certificate in service').length;
    await until(() => inService() === 1);

    putSecret(second);
    await until(() => inService() === 2);
    putSecret({ cert: first.cert, key: second.key });
    await until(() => memory.messages().includes('certificate not taken; the old one, if there is one, stays'));
    api.remove(RESOURCES.secrets, systemNamespace, SECRET);

    expect(await isLetThrough(running)).toBe(false);
  });

  it('asks for that one Secret and no other', async () => {
    putSecret(authority.issue({ names: ['localhost'] }));
    await start();
    await until(() => memory.messages().includes('ready'));

    const asked = api.requests.filter(({ url }) => url.includes('/secrets')).map(({ url }) => decodeURIComponent(url));
    expect(asked.length).toBeGreaterThan(0);
    for (const url of asked) {
      expect(url).toContain(`/namespaces/${systemNamespace}/secrets?`);
      expect(url).toContain(`fieldSelector=metadata.name=${SECRET}`);
    }
  });

  it('W34: never writes', async () => {
    putSecret(authority.issue({ names: ['localhost'] }));
    const running = await start();
    await until(() => memory.messages().includes('ready'));
    await isLetThrough(running);

    expect(new Set(api.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  it('judges by the settings of each Namespace as they are now', async () => {
    putSecret(authority.issue({ names: ['localhost'] }));
    putNamespace('lenient', 'warn');
    const running = await start();
    await until(() => memory.messages().includes('ready'));

    const before = [await isLetThrough(running, 'lenient'), await isLetThrough(running, 'strict')];
    putNamespace('strict', 'warn');
    await until(() => isLetThrough(running, 'strict'));
    api.remove(RESOURCES.namespaces, '', 'lenient');
    await until(async () => !(await isLetThrough(running, 'lenient')));

    expect(before).toEqual([true, false]);
  });

  it('knows of nothing but the Namespaces that it is told to watch', async () => {
    putSecret(authority.issue({ names: ['localhost'] }));
    for (const name of ['one', 'two', 'three']) putNamespace(name, 'warn');
    const running = await start({ namespaces: ['one', 'two'] });
    await until(() => memory.messages().includes('ready'));

    const known = await Promise.all(['one', 'two', 'three'].map(name => isLetThrough(running, name)));

    expect(known).toEqual([true, true, false]);
  });

  it('goes on answering with what it knows when the API server is away', async () => {
    putSecret(authority.issue({ names: ['localhost'] }));
    putNamespace('lenient', 'warn');
    const running = await start();
    await until(() => memory.messages().includes('ready'));

    api.fault = () => 'reset';
    for (const watch of api.watches()) watch.reset();
    await until(() => api.watches().length === 0);

    expect(await readyz(running)).toBe('ok\n');
    expect([await isLetThrough(running, 'lenient'), await isLetThrough(running, 'strict')]).toEqual([true, false]);
  });

  it('is ready without the Namespaces when they cannot be had for long, and then has the platform’s settings', async () => {
    putSecret(authority.issue({ names: ['localhost'] }));
    putNamespace('lenient', 'warn');
    api.fault = ({ url }) => (url.startsWith('/api/v1/namespaces?') ? { status: 503 } : undefined);

    const running = await start({ patience: 50 });
    await until(async () => (await readyz(running)) === 'ok\n');

    expect(await isLetThrough(running, 'lenient')).toBe(false);
  });

  it('R-01: keeps the size of what an autoscaler of ours drives, from when it is there until it is gone', async () => {
    putSecret(authority.issue({ names: ['localhost'] }));
    const running = await start();
    await until(() => memory.messages().includes('ready'));

    const before = await sizeAfterApply(running);
    putAutoscaler();
    await until(async () => (await sizeAfterApply(running)) === 7);
    api.remove(RESOURCES.horizontalPodAutoscalers, 'service', 'tfserving-resnet50-20240501');
    await until(async () => (await sizeAfterApply(running)) === 2);

    expect(before).toBe(2);
  });

  it('S-04: asks nothing of the cluster for a request', async () => {
    putSecret(authority.issue({ names: ['localhost'] }));
    const running = await start();
    await until(() => memory.messages().includes('ready') && api.watches().length === 7);

    const before = api.requests.length;
    for (let i = 0; i < 20; i++) await isLetThrough(running, `namespace-${i}`);

    expect(api.requests.length).toBe(before);
  });
});
