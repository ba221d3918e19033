import { Agent, ProxyAgent } from 'undici';
import type { Dispatcher } from 'undici';
import { systemClock } from './clock.ts';
import { KubeError, errorOfAnswer } from './kube-error.ts';
import { readLines } from './lines.ts';
import { createServerTime } from './server-time.ts';
import type { Clock } from './clock.ts';
import type { Credentials, KubeClient, RequestOptions, TlsOptions } from './types.ts';

export interface ClientOptions {
  /** For example `waymark/0.1.0`. */
  readonly userAgent?: string;
  readonly clock?: Clock;
}

const REQUEST_TIMEOUT = 10_000;
const CONNECT_TIMEOUT = 5000;

/** The API server starts to answer a watch at once; only a dead connection keeps it waiting. */
const STREAM_HEADERS_TIMEOUT = 30_000;

/** Go's server closes an idle connection after 90 s; ours must go first, or a request meets the closing. */
const IDLE_TIMEOUT = 60_000;

/** Above all watches together (a handful for each namespace that is watched) plus the parallel writes. */
const CONNECTIONS = 256;

/** One set of pooled connections to one API server; made anew only when certificates change. */
export function createClient(credentials: Credentials, options: ClientOptions = {}): KubeClient {
  const { userAgent = 'waymark', clock = systemClock } = options;
  const { origin, pathname } = new URL(credentials.server);
  const prefix = pathname.replace(/\/+$/, '');
  const serverTime = createServerTime(clock);
  let pool: { tls: TlsOptions; dispatcher: Dispatcher } | undefined;

  function dispatcherFor(tls: TlsOptions): Dispatcher {
    if (pool?.tls === tls) return pool.dispatcher;
    // What runs on the old connections, a watch above all, may end there.
    void pool?.dispatcher.close().catch(() => undefined);
    pool = { tls, dispatcher: connect(tls, credentials.proxy) };
    return pool.dispatcher;
  }

  async function send(request: Sent, renew = false): Promise<Dispatcher.ResponseData> {
    const { headers, tls } = await credentials.access(renew);
    const sentAt = clock.now();
    const answer = await dispatcherFor(tls).request({
      origin,
      path: prefix + request.path,
      method: request.method,
      headers: {
        accept: 'application/json',
        'user-agent': userAgent,
        ...headers,
        ...(request.body !== undefined && { 'content-type': request.contentType }),
      },
      body: request.body ?? null,
      signal: request.signal,
      headersTimeout: request.headersTimeout,
    });
    const { date } = answer.headers;
    if (typeof date === 'string') serverTime.observe(date, sentAt, clock.now());
    if (answer.statusCode !== 401 || renew) return answer;
    // A token that ran out between two readings of its file.
    await answer.body.dump();
    return send(request, true);
  }

  return {
    async request(given) {
      const { method = 'GET', path, body, contentType = 'application/json', timeout = REQUEST_TIMEOUT } = given;
      const what = `${method} ${path}`;
      const limit = limited(given, timeout);
      try {
        const answer = await send({
          method,
          path,
          body: body === undefined ? undefined : JSON.stringify(body),
          contentType,
          signal: limit.signal,
          headersTimeout: timeout,
        });
        const text = await answer.body.text();
        if (answer.statusCode >= 300) {
          throw errorOfAnswer(what, answer.statusCode, text, single(answer.headers['retry-after']));
        }
        return text === '' ? undefined : (JSON.parse(text) as unknown);
      } catch (error) {
        throw explain(what, error, given.signal);
      } finally {
        limit.release();
      }
    },

    async stream(path, signal) {
      const what = `GET ${path}`;
      try {
        const answer = await send({
          method: 'GET',
          path,
          body: undefined,
          contentType: '',
          signal,
          headersTimeout: STREAM_HEADERS_TIMEOUT,
        });
        if (answer.statusCode < 300) return explained(readLines(answer.body), what, signal);
        throw errorOfAnswer(what, answer.statusCode, await answer.body.text(), single(answer.headers['retry-after']));
      } catch (error) {
        throw explain(what, error, signal);
      }
    },

    serverTime: () => serverTime.now(),

    async close() {
      await pool?.dispatcher.destroy();
    },
  };
}

interface Sent {
  readonly method: NonNullable<RequestOptions['method']>;
  readonly path: string;
  readonly body: string | undefined;
  readonly contentType: string;
  readonly signal: AbortSignal;
  readonly headersTimeout: number;
}

function connect(tls: TlsOptions, proxy: string | undefined): Dispatcher {
  const pooling = {
    connections: CONNECTIONS,
    keepAliveTimeout: IDLE_TIMEOUT,
    keepAliveMaxTimeout: IDLE_TIMEOUT,
    // A quiet watch is no fault: its reader knows how long it may be quiet.
    bodyTimeout: 0,
    // One HTTP/2 connection would carry all watches, and lose them together when it stalls.
    allowH2: false,
  };
  if (proxy !== undefined) return new ProxyAgent({ ...pooling, uri: proxy, requestTls: { ...tls } });
  return new Agent({
    ...pooling,
    connect: { ...tls, timeout: CONNECT_TIMEOUT, keepAlive: true, keepAliveInitialDelay: 30_000 },
  });
}

/** The caller's signal and the time limit in one. Taken apart by hand: the caller's signal may live for ever. */
function limited({ signal }: RequestOptions, timeout: number): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  const timer = setTimeout(() => controller.abort(new TimedOut(timeout)), timeout);
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    },
  };
}

class TimedOut extends Error {
  constructor(timeout: number) {
    super(`no answer within ${timeout} ms`);
  }
}

async function* explained(lines: AsyncIterable<string>, what: string, signal: AbortSignal): AsyncGenerator<string> {
  try {
    yield* lines;
  } catch (error) {
    throw explain(what, error, signal);
  }
}

/** Node's and undici's errors in this layer's words. */
function explain(what: string, error: unknown, signal: AbortSignal | undefined): KubeError {
  if (error instanceof KubeError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  if (signal?.aborted) return new KubeError({ code: 'aborted', message: `${what}: aborted`, cause });
  const late = cause instanceof TimedOut || cause.name.endsWith('TimeoutError');
  return new KubeError({ code: late ? 'timeout' : 'unreachable', message: `${what}: ${describe(cause)}`, cause });
}

/** When every address of a name refuses, the message is empty and the reasons are inside. */
function describe(cause: Error): string {
  if (cause instanceof AggregateError) return cause.errors.map(error => (error as Error).message).join('; ');
  return cause.message;
}

function single(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0];
}
