import express from 'express';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { listen } from '../runtime/listen.ts';
import { createBodyReader } from './read-body.ts';
import type { Logger } from '../runtime/log.ts';
import type { KeyPair } from './certificate.ts';
import type { Unread } from './read-body.ts';
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
    send(
      response,
      {
        status,
        type: 'text/plain; charset=utf-8',
        body: `${line}
`,
      },
      headers,
    );
  }

  function admission(hook: Hook) {
    return (request: IncomingMessage, response: ServerResponse): void => {
      inFlight++;
      bodies.read(request, timeLimit(request.url ?? ''), body => {
        inFlight--;
        if (body === 'aborted') return;
        if (typeof body === 'string') {
          refuse(response, UNREAD[body]);
          return;
        }
        const type = request.headers['content-type'];
        if (!isJson(type)) {
          const line = `the content type must be 'application/json', but is '${printable(type)}'`;
          refuse(response, { status: 400, line });
          return;
        }
        send(response, answer(hook, body));
      });
    };
  }

  // The router alone: an application would dress every request and response with methods that nobody calls here.
  const router = express.Router({ caseSensitive: true, strict: true }) as unknown as Router;
  for (const hook of ['mutate', 'validate'] as const) {
    router.post(`/${hook}`, admission(hook));
    router.all(`/${hook}`, (request, response) => {
      request.resume();
      refuse(response, NOT_POST);
    });
  }

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
      router(request, response, (error: unknown) => {
        request.resume();
        if (error === undefined || error === null) refuse(response, NOT_FOUND);
        else if ((error as { status?: unknown }).status === 400) refuse(response, NOT_A_PATH);
        else {
          log.error({ err: error }, 'request not answered');
          if (response.headersSent) response.destroy();
          else refuse(response, BROKEN);
        }
      });
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

/** What is used of express's router, with Node's own types. */
interface Router {
  (request: IncomingMessage, response: ServerResponse, done: (error?: unknown) => void): void;
  post(path: string, handler: Handler): void;
  all(path: string, handler: Handler): void;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** One line of plain text, where there is no review to answer. */
interface Refusal {
  readonly status: number;
  readonly line: string;
  readonly headers?: readonly string[];
}

const UNREAD: Readonly<Record<Exclude<Unread, 'aborted'>, Refusal>> = {
  'too-large': { status: 413, line: 'the body must be at most 3 MiB' },
  busy: { status: 503, line: 'too many requests are being received', headers: ['Retry-After', '1'] },
  late: { status: 408, line: 'the body did not come in time', headers: ['Connection', 'close'] },
};
const NOT_POST: Refusal = { status: 405, line: 'must be POST', headers: ['Allow', 'POST'] };
const NOT_FOUND: Refusal = { status: 404, line: 'not found: try POST /mutate or /validate' };
const NOT_A_PATH: Refusal = { status: 400, line: 'the path cannot be read' };
const BROKEN: Refusal = { status: 500, line: 'internal error' };

/** The API server says how long it will wait, in whole seconds; its own default is 10 s. */
function timeLimit(url: string): number {
  const seconds = /[?&]timeout=(\d{1,3})s(?:&|$)/.exec(url)?.[1];
  return seconds === undefined ? 10_000 : Number(seconds) * 1000;
}

function isJson(type: string | undefined): boolean {
  return type === 'application/json' || (type !== undefined && /^application\/json\s*(;|$)/i.test(type));
}

function printable(text = ''): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
