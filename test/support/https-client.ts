import { Agent, request } from 'node:https';
import { connect } from 'node:tls';
import type { IncomingHttpHeaders } from 'node:http';
import type { TLSSocket } from 'node:tls';

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Whether it came over a connection that an earlier request had opened. */
  readonly reused: boolean;
}

export interface HttpsRequest {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface HttpsClient {
  send(request: HttpsRequest): Promise<HttpsAnswer>;
  /** A connection to write anything to. */
  open(): Promise<TLSSocket>;
  close(): void;
}

/** Calls one server as the API server does: HTTP/1.1 over TLS, connections kept open, the certificate verified. */
export function httpsClient(port: number, ca: string, connections = 25): HttpsClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca, servername: 'localhost' });
  return {
    send({ path, method = 'POST', headers = { 'content-type': 'application/json' }, body }) {
      return new Promise((resolve, reject) => {
        const sent = request({ agent, host: '127.0.0.1', port, path, method, headers }, answer => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (chunk: string) => (text += chunk));
          answer.on('error', reject);
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              body: text,
              reused: sent.reusedSocket,
            }),
          );
        });
        sent.on('error', reject);
        sent.end(body);
      });
    },
    open() {
      return new Promise((resolve, reject) => {
        const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' }, () => resolve(socket));
        socket.on('error', reject);
      });
    },
    close: () => agent.destroy(),
  };
}

/** All that a connection says until it ends. */
export function everything(socket: TLSSocket): Promise<string> {
  return new Promise(resolve => {
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}
