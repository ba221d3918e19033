import { once } from 'node:events';
import { Agent, createServer, request as httpRequest } from 'node:http';
import type { Server } from 'node:http';
import type { Request } from '../../../shared/request/request.ts';
import type { KubernetesObject } from '../../../shared/snapshot.ts';
import { startCluster } from '../../cluster/cluster.ts';
import type { Cluster } from '../../cluster/types.ts';
import { eventually } from '../eventually.ts';

const ECHO_PORT = 18_083;
const SENTINEL = 'sentinel.example.com';

/** What came of a request: who answered, and with what. */
export type Outcome =
  { readonly seen: string } | { readonly location: string; readonly status: number } | { readonly status: number };

/** Istio and Envoy without any Pod: one program answers for all Services. */
export interface GatewayStage {
  /** Creates VirtualServices, and waits until the gateway has them. */
  route(virtualServices: readonly KubernetesObject[]): Promise<void>;
  /** A Service of namespace `shop` with port 80 and 8080. */
  serve(name: string): Promise<void>;
  send(host: string, request: Request): Promise<Outcome>;
  stop(): Promise<void>;
}

export async function startGatewayStage(): Promise<GatewayStage> {
  const cluster = await startCluster({ controllers: false });
  const server = await startEcho(cluster.nodeAddress);
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  await created(cluster, '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });

  return {
    serve: name => serve(cluster, name),
    async route(virtualServices) {
      const sentinel = { name: SENTINEL, namespace: 'shop' };
      const [first] = virtualServices;
      await Promise.all(virtualServices.map(one => routed(cluster, one)));
      const spec = first?.spec as { readonly http: readonly { readonly route?: unknown }[] };
      const route = spec.http.find(entry => entry.route)?.route;
      const { gateways } = first?.spec as { readonly gateways: unknown };
      await routed(cluster, {
        apiVersion: first?.apiVersion ?? '',
        kind: 'VirtualService',
        metadata: sentinel,
        spec: { hosts: [SENTINEL], gateways, http: [{ route }] },
      } as unknown as KubernetesObject);
      const asked: Request = { method: 'GET', target: '/', headers: [] };
      await eventually(
        async () => {
          const outcome = await sent(cluster, agent, SENTINEL, asked);
          if (!('seen' in outcome)) throw new Error(`the gateway answers ${outcome.status} still`);
        },
        { within: 20_000 },
      );
    },
    send: (host, request) => sent(cluster, agent, host, request),
    async stop() {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await cluster.stop();
    },
  };
}

/** Answers with the path and query that it sees. */
async function startEcho(address: string): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    response.end(request.url);
  });
  server.listen(ECHO_PORT, address);
  await once(server, 'listening');
  return server;
}

async function created(cluster: Cluster, path: string, object: unknown): Promise<void> {
  const { status, body } = await cluster.api('POST', path, object);
  if (status !== 201) throw new Error(`POST ${path}: ${status} ${JSON.stringify(body)}`);
}

async function routed(cluster: Cluster, object: KubernetesObject): Promise<void> {
  const { namespace } = object.metadata;
  await created(cluster, `/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices`, object);
}

async function serve(cluster: Cluster, name: string): Promise<void> {
  const ports = [80, 8080].map(port => ({ name: `http-${port}`, port, targetPort: ECHO_PORT }));
  await created(cluster, '/api/v1/namespaces/shop/services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { ports },
  });
  await created(cluster, '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'shop', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: ports.map(port => ({ name: port.name, port: ECHO_PORT })),
    endpoints: [{ addresses: [cluster.nodeAddress], conditions: { ready: true } }],
  });
}

function sent({ gateway }: Cluster, agent: Agent, host: string, request: Request): Promise<Outcome> {
  const { method, target, headers } = request;
  return new Promise((resolve, reject) => {
    const values = Map.groupBy(headers, ({ name }) => name);
    const asked = httpRequest({
      host: gateway.address,
      port: gateway.port,
      method,
      path: target,
      agent,
      timeout: 10_000,
      headers: {
        host,
        ...Object.fromEntries([...values].map(([name, all]) => [name, all.map(({ value }) => value)])),
      },
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer to ${method} ${target}`)));
    asked.on('error', reject);
    asked.on('response', response => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0, headers: answered } = response;
        if (status === 200) resolve({ seen: Buffer.concat(chunks).toString() });
        else resolve(answered.location === undefined ? { status } : { status, location: answered.location });
      });
    });
    asked.end();
  });
}
