import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Credentials, KubeObject, Resource } from '../../../kube/types.ts';
import { answerRequest } from './requests.ts';
import { issueOutside } from '../issue-certificate.ts';
import { createStore } from './store.ts';
import { openWatch } from './watches.ts';
import type { Collection, Store } from './store.ts';
import type { OpenWatch } from './watches.ts';

/** What the next answer to a request is instead of the right one. */
export type Fault =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** The connection is cut without an answer. */
  | 'reset'
  /** Nothing is ever answered. */
  | 'hang';

export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly userAgent: string;
  readonly authorization: string;
  readonly contentType: string;
  readonly watch: boolean;
}

/**
 * The verbs of the API server that Waymark uses, over real TLS, with the faults of a bad day. It validates nothing and
 * defaults nothing: what the real server does with an object is for the integration tests.
 */
export interface ApiServer {
  readonly store: Store;
  readonly credentials: Credentials;
  readonly requests: SeenRequest[];
  /** TLS handshakes so far. */
  handshakes(): number;
  openSockets(): number;
  /** Watches that are open now, oldest first. */
  watches(): readonly OpenWatch[];
  /** Decides for every request; `undefined` = answered as it should be. */
  fault: (request: SeenRequest) => Fault | undefined;
  /** Milliseconds that this server's clock is ahead of ours. */
  clockAhead: number;
  /** Another client's doing, past all faults. */
  put(object: KubeObject): KubeObject;
  remove(resource: Resource, namespace: string, name: string): void;
  collection(resource: Resource): Collection;
  close(): Promise<void>;
}

let issued: ReturnType<typeof issueOutside> | undefined;

export async function startApiServer(resources: readonly Resource[]): Promise<ApiServer> {
  const now = Date.now();
  issued ??= issueOutside({ dnsNames: ['kubernetes'], notBefore: now - 60_000, notAfter: now + 3_600_000 });
  const { authority, certificate, privateKey } = await issued;

  const watches = new Set<OpenWatch>();
  const sockets = new Set<Socket>();
  let handshakes = 0;
  let isClosing = false;
  let clockAhead = 0;
  const time = () => Date.now() + clockAhead;
  const store = createStore(time);
  const served = new Map<string, Resource>();
  for (const resource of resources) {
    store.serve(resource);
    served.set(`${resource.apiVersion}/${resource.kind}`, resource);
  }

  const server = createServer({ cert: certificate, key: privateKey, keepAliveTimeout: 90_000 }, (request, response) => {
    void handle(request, response);
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    handshakes++;
    // Its handshake was under way when the server was closed.
    if (isClosing) socket.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.sendDate = false;
    response.setHeader('date', new Date(time()).toUTCString());
    const url = request.url ?? '';
    const seen: SeenRequest = {
      method: request.method ?? '',
      url,
      userAgent: request.headers['user-agent'] ?? '',
      authorization: request.headers.authorization ?? '',
      contentType: request.headers['content-type'] ?? '',
      watch: new URLSearchParams(url.split('?')[1]).get('watch') === 'true',
    };
    const body = await readBody(request);
    api.requests.push(seen);
    const fault = api.fault(seen);
    if (fault === 'hang') return;
    if (fault === 'reset') {
      request.socket.destroy();
      return;
    }
    if (fault !== undefined) {
      const text = typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body ?? {});
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(text);
      return;
    }
    if (seen.watch) openWatch({ store, url, response, watches });
    else
      answerRequest({
        store,
        method: seen.method,
        url,
        contentType: seen.contentType,
        userAgent: seen.userAgent,
        body,
        response,
      });
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const tls = { ca: authority, servername: 'kubernetes' };

  const api: ApiServer = {
    store,
    credentials: {
      server: `https://127.0.0.1:${port}`,
      access: () => Promise.resolve({ headers: { authorization: 'Bearer test' }, tls }),
    },
    requests: [],
    handshakes: () => handshakes,
    openSockets: () => sockets.size,
    watches: () => [...watches],
    fault: () => undefined,
    get clockAhead() {
      return clockAhead;
    },
    set clockAhead(ahead) {
      clockAhead = ahead;
    },
    put(object) {
      const resource = served.get(`${String(object.apiVersion)}/${String(object.kind)}`);
      if (resource === undefined) throw new Error(`not in the list of resources: ${String(object.kind)}`);
      return store.serve(resource).put(object);
    },
    remove: (resource, namespace, name) => void store.serve(resource).delete(namespace, name),
    collection: resource => store.serve(resource),
    async close() {
      isClosing = true;
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return api;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
