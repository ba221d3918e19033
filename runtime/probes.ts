import { listen } from './listen.ts';
import type { IncomingMessage } from 'node:http';
import type { Logger } from './log.ts';
import type { Registry } from './metrics.ts';
import type { Readiness } from './readiness.ts';

// An import statement would ask for every export, and with `WebSocket` load a whole HTTP client: 10 MB and 25 ms.
const { createServer } = process.getBuiltinModule('node:http');

export interface ProbesOptions {
  /** 0 = any free port. */
  readonly port: number;
  /** Default: every address, IPv6 and IPv4. */
  readonly host?: string;
  readonly readiness: Pick<Readiness<string>, 'missing'>;
  readonly registry: Registry;
  readonly log: Logger;
}

export interface Probes {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Plain HTTP for the kubelet and Prometheus: `/healthz` (the process turns), `/readyz` (it may be sent work),
 * `/metrics`. Rejects with CannotStart when the port cannot be had.
 */
export async function startProbes({ port, host, readiness, registry, log }: ProbesOptions): Promise<Probes> {
  const server = createServer((request, response) => {
    void answer(request)
      .catch((error: unknown) => {
        log.error({ err: error }, 'probe not answered');
        return text(500, 'internal error');
      })
      .then(({ status, type, body }) => response.writeHead(status, { 'Content-Type': type }).end(body));
  });

  async function answer({ method, url }: IncomingMessage): Promise<Answer> {
    if (method !== 'GET' && method !== 'HEAD') return text(405, 'must be GET');
    switch (url?.split('?', 1)[0]) {
      case '/healthz':
        return text(200, 'ok');
      case '/readyz': {
        const missing = readiness.missing();
        return missing.length === 0 ? text(200, 'ok') : text(503, `not ready: ${missing.join(', ')}`);
      }
      case '/metrics':
        return { status: 200, type: registry.contentType, body: await registry.metrics() };
      default:
        return text(404, 'not found: try /healthz, /readyz or /metrics');
    }
  }

  return {
    port: await listen(server, port, host),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function text(status: number, line: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${line}\n` };
}
