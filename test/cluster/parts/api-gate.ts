import { readFileSync } from 'node:fs';
import { Agent, createServer, request as startRequest } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cluster } from '../types.ts';

/** One request that changes something, as the API server has answered it. */
export interface Write {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly body: string;
  readonly status: number;
  /** Milliseconds since the epoch, when the API server had answered. */
  readonly at: number;
}

/** Stands between a program and the API server: all that the program asks goes through it. */
export interface ApiGate {
  readonly port: number;
  /**
   * Calls `hear` with each write once the API server has stored (or refused) it, and before the program hears of it: the answer
   * waits for what `hear` returns. Returns what ends it.
   */
  listen(hear: (write: Write) => Promise<void> | void): () => void;
  close(): Promise<void>;
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Go's server closes idle connections after 90 s; ours go before it, and those to the program after it. */
const TO_SERVER_MS = 60_000;
const TO_PROGRAM_MS = 120_000;

/** With the API server's own certificate, on the cluster's address. Answers are passed on as they come, watches too. */
export async function openApiGate({ apiServer, nodeAddress }: Cluster): Promise<ApiGate> {
  const agent = new Agent({ ca: readFileSync(apiServer.caFile), keepAlive: true, timeout: TO_SERVER_MS });
  const listeners = new Set<(write: Write) => Promise<void> | void>();

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = incoming;
    const body = await textOf(incoming);
    const sent = startRequest(new URL(url, apiServer.url), { method, agent, headers });
    // The program gave up: so does the request.
    outgoing.on('close', () => sent.destroy());
    sent.on('error', () => outgoing.destroy());
    sent.on('response', answer => {
      const status = answer.statusCode ?? 0;
      answer.on('error', () => outgoing.destroy());
      const goOn = () => {
        outgoing.writeHead(status, answer.headers);
        outgoing.flushHeaders();
        answer.pipe(outgoing);
      };
      if (READS.has(method)) goOn();
      else void tell({ method, path: url.split('?')[0] ?? '', body, status, at: Date.now() }).then(goOn);
    });
    sent.end(body);
  }

  async function tell(write: Write): Promise<void> {
    for (const hear of listeners) await hear(write);
  }

  const certificates = { cert: readFileSync(apiServer.certificateFile), key: readFileSync(apiServer.keyFile) };
  const server = createServer(certificates, (incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.keepAliveTimeout = TO_PROGRAM_MS;
  server.requestTimeout = 0;
  await new Promise<void>(resolve => server.listen(0, nodeAddress, resolve));

  return {
    port: (server.address() as AddressInfo).port,
    listen(hear) {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
