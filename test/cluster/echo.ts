import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { EchoAnswer } from './types.ts';

/** For how long a program that is to fail still answers. */
const GOODBYE_MS = 500;
const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/**
 * A server for tests that answers every request with who it is and what arrived (`EchoAnswer`), on each port of `PORTS`, or
 * else of the container's manifest. Any path takes `?status=503`, `?delay=250` (milliseconds) and `?header=name:value`. What is
 * sent over an upgraded connection comes back.
 *
 * ```
 *   /healthz              200
 *   /readyz               200, or what was last put there: PUT /readyz?status=503
 *   /env                  all variables
 *   /file?path=/etc/x     the file's content, 404 when there is none
 *   /counts               how many requests arrived for each `Host`, those to the paths above left out
 *   /fail                 PUT: it ends with 1, as below
 * ```
 *
 * Variables, milliseconds after the start: `START_AFTER`, when it begins to listen; `FAIL_AFTER`, when it ends with 1.
 * `READINESS` is what `/readyz` answers at first.
 *
 * On SIGTERM it takes no new connections, answers what it has begun, and ends with 0. When it fails it does the same and ends
 * with 1; told to fail, it first closes each connection with its next answer, so that whatever is lost was sent to it too late.
 */
function startEcho(environment: NodeJS.ProcessEnv): void {
  const identity = {
    pod: environment['POD_NAME'] ?? environment['K8S_POD_NAME'] ?? hostname(),
    namespace: environment['POD_NAMESPACE'] ?? environment['K8S_POD_NAMESPACE'] ?? mountedNamespace(),
  };
  let readiness = Number(environment['READINESS'] ?? 200);
  const counts = new Map<string, number>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://echo');
    const asked = Number(url.searchParams.get('status') ?? 200);
    await drain(request);
    await delay(Number(url.searchParams.get('delay') ?? 0));
    // A client that keeps its connection would otherwise keep a server that wants to end.
    if (isEnding) response.setHeader('connection', 'close');
    switch (url.pathname) {
      case '/healthz':
        send(response, 200, {});
        break;
      case '/readyz':
        if (request.method === 'PUT') readiness = asked;
        send(response, request.method === 'PUT' ? 200 : readiness, {});
        break;
      case '/env':
        send(response, 200, environment);
        break;
      case '/file':
        await sendFile(response, url.searchParams.get('path') ?? '');
        break;
      case '/counts':
        send(response, 200, Object.fromEntries(counts));
        break;
      case '/fail':
        isEnding = true;
        after(GOODBYE_MS, () => end(1));
        send(response, 200, {});
        break;
      default:
        count(request.headers.host ?? '');
        response.setHeader('x-echo-pod', identity.pod);
        for (const text of url.searchParams.getAll('header')) setHeader(response, text);
        send(response, asked, describe(request));
    }
  }

  function count(host: string): void {
    counts.set(host, (counts.get(host) ?? 0) + 1);
  }

  function describe(request: IncomingMessage): EchoAnswer {
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
    return {
      ...identity,
      port: request.socket.localPort ?? 0,
      method: request.method ?? '',
      path: request.url ?? '',
      host: request.headers.host ?? '',
      headers: Object.fromEntries(headers) as Record<string, string>,
    };
  }

  let isEnding = false;
  const servers = portsOf(environment).map(port => {
    const server = createServer((request, response) => {
      answer(request, response).catch(() => response.destroy());
    });
    server.on('upgrade', upgrade);
    return { port, server };
  });

  function end(code: 0 | 1): void {
    isEnding = true;
    process.exitCode = code;
    clearTimeout(starting);
    for (const { server } of servers) close(server);
  }

  const starting = after(environment['START_AFTER'] ?? '0', () => {
    for (const { port, server } of servers) server.listen(port);
  });
  const { FAIL_AFTER: lifetime } = environment;
  if (lifetime !== undefined) after(lifetime, () => end(1)).unref();
  process.once('SIGTERM', () => end(0));
}

function after(milliseconds: string | number, act: () => void): NodeJS.Timeout {
  return setTimeout(act, Number(milliseconds));
}

/** `name:value` */
function setHeader(response: ServerResponse, text: string): void {
  const [name = '', ...value] = text.split(':');
  response.setHeader(name, value.join(':'));
}

function upgrade({ headers }: IncomingMessage, socket: Duplex): void {
  socket.on('error', () => socket.destroy());
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${headers.upgrade ?? ''}\r\n\r\n`);
  socket.pipe(socket);
}

async function drain(request: IncomingMessage): Promise<void> {
  request.resume();
  await once(request, 'end');
}

/** Waits for answers that are under way; the process ends when no server is left. */
function close(server: Server): void {
  server.close();
  server.closeIdleConnections();
}

function portsOf({ PORTS: own = '', WAYMARK_TEST_PORTS: declared = '' }: NodeJS.ProcessEnv): number[] {
  const ports = (own || declared).split(',').filter(Boolean).map(Number);
  if (ports.length > 0 && ports.every(port => Number.isInteger(port) && port > 0)) return ports;
  throw new Error(`echo needs ports: PORTS='${own}', container ports '${declared}'`);
}

function mountedNamespace(): string {
  try {
    return readFileSync(NAMESPACE_FILE, 'utf8');
  } catch {
    return '';
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function sendFile(response: ServerResponse, path: string): Promise<void> {
  const content = await readFile(path).catch(() => undefined);
  response.writeHead(content === undefined ? 404 : 200, { 'content-type': 'application/octet-stream' });
  response.end(content);
}

startEcho(process.env);
