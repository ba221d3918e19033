import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from './cluster.ts';
import type { Cluster } from './types.ts';
import { until } from './wait.ts';

jest.setTimeout(120_000);

const MERGE_PATCH = 'application/merge-patch+json';
const VIRTUAL_SERVICES = '/apis/networking.istio.io/v1/namespaces/default/virtualservices';

describe('a cluster', () => {
  let cluster: Cluster;
  let startedIn: number;

  beforeAll(async () => {
    const start = performance.now();
    cluster = await startCluster();
    startedIn = performance.now() - start;
  });
  afterAll(() => cluster.stop());

  it('is up within 20 seconds, with what the first Pod needs', async () => {
    const [node, account, version] = await Promise.all([
      cluster.api('GET', `/api/v1/nodes/${cluster.nodeName}`),
      cluster.api('GET', '/api/v1/namespaces/default/serviceaccounts/default'),
      cluster.api('GET', '/version'),
    ]);

    expect(startedIn).toBeLessThan(20_000);
    expect(node.body).toMatchObject({ status: { addresses: [{ address: cluster.nodeAddress }, {}] } });
    expect(account.status).toBe(200);
    expect(version.body).toMatchObject({ gitVersion: 'v1.36.3' });
  });

  it('routes a request by a VirtualService within two seconds, and follows its edit', async () => {
    const server = await listen(cluster, 'by hand');
    await createBackend(cluster, 'routed', server);

    await create(cluster, VIRTUAL_SERVICES, virtualService('routed', '/first'));
    const answer = await until(
      'the route',
      async () => {
        const got = await cluster.send({ host: 'routed.example', path: '/first/x?q=1', headers: { 'x-mark': 'kept' } });
        return got.status === 200 && got;
      },
      { timeout: 2000 },
    );
    const edit = { spec: virtualService('routed', '/second').spec };
    await cluster.api('PATCH', `${VIRTUAL_SERVICES}/routed`, edit, MERGE_PATCH);
    await until(
      'the edit',
      async () => (await cluster.send({ host: 'routed.example', path: '/second' })).status === 200,
      {
        timeout: 2000,
      },
    );
    const before = await cluster.send({ host: 'routed.example', path: '/first/x' });
    const stranger = await cluster.send({ host: 'stranger.example', path: '/second' });
    server.close();

    expect(JSON.parse(answer.body)).toEqual({
      name: 'by hand',
      url: '/first/x?q=1',
      host: 'routed.example',
      mark: 'kept',
    });
    expect([before.status, stranger.status]).toEqual([404, 404]);
  });

  it('routes to a server outside the cluster that a ServiceEntry describes', async () => {
    const server = await listen(cluster, 'outside');
    const { port } = server.address() as AddressInfo;
    await create(cluster, '/apis/networking.istio.io/v1/namespaces/default/serviceentries', {
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: { name: 'outside' },
      spec: {
        hosts: ['api.outside.example'],
        location: 'MESH_EXTERNAL',
        resolution: 'STATIC',
        ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
        endpoints: [{ address: cluster.nodeAddress, ports: { http: port } }],
      },
    });
    await create(cluster, VIRTUAL_SERVICES, virtualService('outside', '/', 'api.outside.example'));

    const answer = await until('the route', async () => {
      const got = await cluster.send({ host: 'outside.example', path: '/' });
      return got.status === 200 && got;
    });
    server.close();

    expect(JSON.parse(answer.body)).toMatchObject({ name: 'outside' });
  });

  it("has Istio's webhook refuse a VirtualService that Istio would not take", async () => {
    const object = virtualService('refused', '/');
    const broken = { ...object, spec: { ...object.spec, http: [{ match: [{ uri: { regex: '(' } }], route: [] }] } };

    const answer = await cluster.api('POST', VIRTUAL_SERVICES, broken);

    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      message: expect.stringContaining('denied the request: configuration is invalid'),
    });
  });

  it('tells from the audit log who wrote what, and nothing from before the moment asked for', async () => {
    const account = '/api/v1/namespaces/default/serviceaccounts/default/token';
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { body } = await cluster.api('POST', account, request);
    const { token } = (body as { status: { token: string } }).status;
    await create(cluster, '/api/v1/namespaces/default/configmaps', configMap('early'));
    const early = await cluster.audit();
    const since = Math.max(...early.map(entry => entry.at)) + 1;

    await until('the next millisecond', () => Date.now() > since);
    await create(cluster, '/api/v1/namespaces/default/configmaps', configMap('late'));
    const denied = await cluster.kubectl([
      ...[
        '--kubeconfig=/dev/null',
        `--server=${cluster.apiServer.url}`,
        `--certificate-authority=${cluster.apiServer.caFile}`,
      ],
      ...[`--token=${token}`, 'delete', 'configmap', 'late'],
    ]);
    const late = await cluster.audit(since);

    const writes = late.filter(entry => entry.resource === 'configmaps' && ['create', 'delete'].includes(entry.verb));
    expect(early.some(entry => entry.name === 'early' && entry.user === 'admin' && entry.code === 201)).toBe(true);
    expect(denied.code).toBe(1);
    expect(writes.map(({ user, verb, namespace, name, code }) => ({ user, verb, namespace, name, code }))).toEqual([
      { user: 'admin', verb: 'create', namespace: 'default', name: 'late', code: 201 },
      { user: 'system:serviceaccount:default:default', verb: 'delete', namespace: 'default', name: 'late', code: 403 },
    ]);
  });

  it('runs the controllers that applications notice: a Deployment gets Pods, and its removal takes them away', async () => {
    const { stdout } = await cluster.kubectl(['create', 'deployment', 'two', '--image=none', '--replicas=2']);
    const pods = async () => {
      const { body } = await cluster.api('GET', '/api/v1/namespaces/default/pods?labelSelector=app%3Dtwo');
      return (body as { items: unknown[] }).items.length;
    };
    await until('two Pods', async () => (await pods()) === 2);
    await cluster.kubectl(['delete', 'deployment', 'two']);
    await until('no Pod', async () => (await pods()) === 0);

    expect(stdout).toBe('deployment.apps/two created\n');
  });

  it('installs a chart with helm, which keeps its files in the folder of the run', async () => {
    const chart = mkdtempSync(join(cluster.directory, 'chart-'));
    writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: probe\nversion: 1.0.0\n');

    const installed = await cluster.helm(['install', 'probe', chart, '--output', 'json']);

    expect(installed).toMatchObject({ code: 0 });
    expect(JSON.parse(installed.stdout)).toMatchObject({ name: 'probe', info: { status: 'deployed' } });
  });

  it('goes on routing while the API server is away, and has its data when it is back', async () => {
    const server = await listen(cluster, 'still there');
    await createBackend(cluster, 'lasting', server);
    const object = virtualService('lasting', '/');
    await create(cluster, VIRTUAL_SERVICES, object);
    const status = async () => (await cluster.send({ host: 'lasting.example', path: '/' })).status;
    await until('the route', async () => (await status()) === 200);

    await cluster.stopApiServer();
    const away = cluster.api('GET', '/version');
    await expect(away).rejects.toThrow(/ECONNREFUSED/);
    expect(await status()).toBe(200);
    await cluster.startApiServer();
    const back = await cluster.api('GET', `${VIRTUAL_SERVICES}/lasting`);
    const edit = { spec: virtualService('lasting', '/elsewhere').spec };
    await cluster.api('PATCH', `${VIRTUAL_SERVICES}/lasting`, edit, MERGE_PATCH);
    await until('Istio to follow again', async () => (await status()) === 404);
    server.close();

    expect(back.status).toBe(200);
  });
});

describe('several clusters', () => {
  it('run side by side, see nothing of each other, and leave no process, folder or address', async () => {
    const [one, two] = await Promise.all([startCluster({ istio: false }), startCluster({ istio: false })]);
    await create(one, '/api/v1/namespaces/default/configmaps', configMap('mine'));
    const elsewhere = await two.api('GET', '/api/v1/namespaces/default/configmaps/mine');
    const during = [one, two].map(cluster => processesOf(cluster).length);

    await one.stop();
    const unharmed = await two.api('GET', '/version');
    await two.stop();

    expect(elsewhere.status).toBe(404);
    expect(during).toEqual([3, 3]);
    expect(unharmed.status).toBe(200);
    expect([one, two].flatMap(processesOf)).toEqual([]);
    expect([one, two].map(cluster => existsSync(cluster.directory))).toEqual([false, false]);
    expect(readFileSync('/proc/net/fib_trie', 'utf8')).not.toMatch(
      new RegExp(`${one.nodeAddress}|${two.nodeAddress}\\b`),
    );
  });

  it("serve Istio's resources without Istio, when asked for, and only then", async () => {
    const cluster = await startCluster({ istio: false });
    const before = await cluster.api('GET', VIRTUAL_SERVICES);

    await cluster.installIstioCrds();
    const after = await cluster.api('GET', VIRTUAL_SERVICES);
    await cluster.stop();

    expect([before.status, after.status]).toEqual([404, 200]);
  });
});

describe('a cluster that cannot start', () => {
  it('says which part ended, shows the end of its log, keeps the logs, and leaves no process', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'broken-'));
    writeFileSync(join(directory, 'etcd'), 'not a folder');

    await expect(startCluster({ directory })).rejects.toThrow(
      /^etcd ended with code 1; the end of its log:\n.*not a directory/s,
    );

    expect(readFileSync(join(directory, 'logs/etcd.log'), 'utf8')).toContain('not a directory');
    expect(processesOf({ directory })).toEqual([]);
  });
});

async function create(cluster: Cluster, path: string, object: unknown): Promise<void> {
  const answer = await cluster.api('POST', path, object);
  expect(answer).toMatchObject({ status: 201 });
}

function configMap(name: string): unknown {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
}

/** Routes `<name>.example` below a path to a host, by default to the Service of the same name. */
function virtualService(name: string, prefix: string, host = `${name}.default.svc.cluster.local`) {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name },
    spec: {
      hosts: [`${name}.example`],
      gateways: ['istio-system/ingressgateway'],
      http: [
        {
          match: [{ uri: { prefix } }],
          route: [{ destination: { host, port: { number: 80 } } }],
        },
      ],
    },
  };
}

/** A Service without a selector, and the EndpointSlice that points it to a server in this process. */
async function createBackend(cluster: Cluster, name: string, server: Server): Promise<void> {
  const { port } = server.address() as AddressInfo;
  await create(cluster, '/api/v1/namespaces/default/services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { ports: [{ name: 'http', port: 80, targetPort: port }] },
  });
  await create(cluster, '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port }],
    endpoints: [{ addresses: [cluster.nodeAddress], conditions: { ready: true } }],
  });
}

function listen(cluster: Cluster, name: string): Promise<Server> {
  const server = createServer(({ url, headers }, response) => {
    response.end(JSON.stringify({ name, url, host: headers.host, mark: headers['x-mark'] }));
  });
  return new Promise(resolve => server.listen(0, cluster.nodeAddress, () => resolve(server)));
}

/** Pids of the processes that were started with a path in the cluster's folder. */
function processesOf({ directory }: Pick<Cluster, 'directory'>): string[] {
  return readdirSync('/proc').filter(pid => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(directory);
    } catch {
      // It ended while we looked.
      return false;
    }
  });
}
