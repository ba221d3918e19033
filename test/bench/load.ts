import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';

export interface LoadOptions {
  readonly port: number;
  /** PEM; absent = whoever answers is believed. */
  readonly ca: string | undefined;
  readonly connections: number;
  /** Milliseconds; the requests in flight at the end still count, and each connection sends one. */
  readonly duration: number;
  /** A whole request, head and body. */
  readonly next: () => Buffer;
}

export interface LoadResult {
  readonly count: number;
  /** Milliseconds from the first request to the last answer. */
  readonly elapsed: number;
  /** Milliseconds of each request, ascending. */
  readonly latencies: Float64Array;
  /** The body of one of the last answers. */
  readonly last: string;
}

/**
 * Keeps one request in flight on each of some TLS connections. Speaks just enough HTTP/1.1 to know where an answer
 * ends, so that the client costs little beside the server. Rejects for any answer but 200.
 */
export async function load({ port, ca, connections, duration, next }: LoadOptions): Promise<LoadResult> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port, ca)));
  const latencies: number[] = [];
  let last = '';
  const begin = performance.now();
  const end = begin + duration;

  await Promise.all(
    sockets.map(async socket => {
      const answers = answersOf(socket);
      do {
        const sent = performance.now();
        socket.write(next());
        last = await answers.one();
        latencies.push(performance.now() - sent);
      } while (performance.now() < end);
      socket.destroy();
    }),
  );

  return {
    count: latencies.length,
    elapsed: performance.now() - begin,
    latencies: Float64Array.from(latencies).sort(),
    last: last.slice(last.indexOf('\r\n\r\n') + 4),
  };
}

function open(port: number, ca: string | undefined): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const trust = ca === undefined ? { rejectUnauthorized: false } : { ca };
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ...trust }, () => resolve(socket));
    socket.setNoDelay(true);
    socket.on('error', reject);
  });
}

function answersOf(socket: TLSSocket) {
  let received = '';
  let answered: (answer: string) => void = () => undefined;
  let failed: (error: Error) => void = () => undefined;
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
    const head = received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(received)?.[1]);
    if (received.length < head + 4 + length) return;
    const answer = received;
    received = '';
    if (answer.startsWith('HTTP/1.1 200')) answered(answer);
    else failed(new Error(`the server answered ${answer.slice(0, 300)}`));
  });
  socket.on('close', () => failed(new Error('the server closed the connection')));
  return {
    one: () =>
      new Promise<string>((resolve, reject) => {
        answered = resolve;
        failed = reject;
      }),
  };
}
