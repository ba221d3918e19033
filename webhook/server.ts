import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { listen } from '../runtime/listen.ts';
import { headerOf } from './header.ts';
import { createBodyReader } from './read-body.ts';
import { UNREAD, notJson } from './refusals.ts';
import { strayRequests } from './stray-requests.ts';
import type { Logger } from '../runtime/log.ts';
import type { KeyPair } from './certificate.ts';
import type { Refusal } from './refusals.ts';
import type { Hook } from './review.ts';

// An import statement would ask for every export, and with `WebSocket` load a whole HTTP client: 10 MB and 25 ms.
const { createServer } = process.getBuiltinModule('node:https');

export interface WebhookServerOptions {
  /** 0 = any free port. */
  readonly port: number;
  /** Default: every address, IPv6 and IPv4. */
  readonly host?: string | undefined;
  /** Answers one body; never throws. */
  readonly answer: (hook: Hook, body: Buffer) => Answer;
  readonly log: Logger;
  /** Milliseconds; the defaults are right for an API server. */
  readonly timeouts?: Partial<Timeouts>;
}

export interface Timeouts {
  /** The API server keeps idle connections for 90 s; closing before it would race with its next request. */
  readonly idle: number;
  /** From the first byte of a request to the end of its head. An idle connection has no such byte. */
  readonly head: number;
  /** From the first byte of a request to its last. */
  readonly request: number;
  readonly handshake: number;
}

const TIMEOUTS: Timeouts = { idle: 120_000, head: 10_000, request: 30_000, handshake: 10_000 };

export interface WebhookServer {
  readonly port: number;
  inFlight(): number;
  /** For connections made from now on. Throws, and goes on with the old one, when key and certificate do not match. */
  use(pair: KeyPair): void;
  /**
   * Ends all connections without cutting a request off: for `linger` milliseconds each answer asks its client to close;
   * then nothing new is accepted and idle connections end; after `deadline` more, whatever is left.
   */
  drain(times: { readonly linger: number; readonly deadline: number }): Promise<void>;
}

const MIN_VERSION = 'TLSv1.2' satisfies SecureContextOptions['minVersion'];

/** HTTPS for the API server, HTTP/1.1 as it wants it. Decides nothing. Rejects with CannotStart without its port. */
export async function startServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const { answer, log } = options;
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const bodies = createBodyReader();
  let inFlight = 0;
  let closing = false;

  function send(response: ServerResponse, { status, type, body }: Answer, more: readonly string[] = []): void {
    const bytes = Buffer.byteLength(body);
    const headers = ['Content-Type', type, 'Content-Length', String(bytes), ...more];
    if (closing) headers.push('Connection', 'close');
    // As many bytes as characters is ASCII, which needs no encoding.
    response.writeHead(status, headers).end(body, bytes === body.length ? 'latin1' : 'utf8');
  }

  function refuse(response: ServerResponse, { status, line, headers }: Refusal): void {
    send(response, { status, type: 'text/plain; charset=utf-8', body: `${line}\n` }, headers);
  }

  function admit(hook: Hook, request: IncomingMessage, response: ServerResponse): void {
    inFlight++;
    bodies.read(request, timeLimit(request.url ?? ''), body => {
      inFlight--;
      if (body === 'aborted') return;
      const type = headerOf(request, 'content-type');
      if (typeof body === 'string') refuse(response, UNREAD[body]);
      else if (!isJson(type)) refuse(response, notJson(type));
      else send(response, answer(hook, body));
    });
  }

  const stray = strayRequests(refuse, log);
  const server = createServer(
    {
      minVersion: MIN_VERSION,
      handshakeTimeout: timeouts.handshake,
      keepAliveTimeout: timeouts.idle,
      headersTimeout: timeouts.head,
      requestTimeout: timeouts.request,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => {
      const hook = hookOf(request);
      if (hook === undefined) stray(request, response);
      else admit(hook, request, response);
    },
  );
  server.on('tlsClientError', error => log.debug({ err: error }, 'handshake failed'));

  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });

  return {
    port: await listen(server, options.port, options.host),
    inFlight: () => inFlight,
    use: ({ cert, key }) => server.setSecureContext({ cert, key, minVersion: MIN_VERSION }),
    async drain({ linger, deadline }) {
      closing = true;
      await pause(linger);
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      server.closeIdleConnections();
      // Those that never sent a request count as busy for Node, and only end here.
      const timer = setTimeout(() => connections.forEach(socket => socket.destroy()), deadline);
      await closed;
      clearTimeout(timer);
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Undefined for all that no API server sends. */
function hookOf({ method, url }: IncomingMessage): Hook | undefined {
  if (method !== 'POST' || url === undefined) return undefined;
  if (url === '/mutate' || url.startsWith('/mutate?')) return 'mutate';
  if (url === '/validate' || url.startsWith('/validate?')) return 'validate';
  return undefined;
}

/** The API server says how long it will wait, in whole seconds; its own default is 10 s. */
function timeLimit(url: string): number {
  const seconds = /[?&]timeout=(\d{1,3})s(?:&|$)/.exec(url)?.[1];
  return seconds === undefined ? 10_000 : Number(seconds) * 1000;
}

function isJson(type: string | undefined): boolean {
  return type === 'application/json' || (type !== undefined && /^application\/json\s*(;|$)/i.test(type));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
