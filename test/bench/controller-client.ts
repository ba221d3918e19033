import { Agent } from 'undici';
import { readLines } from '../../kube/lines.ts';

/** A request whose body is text already. */
export interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  /** Default `application/json`. */
  readonly type?: string;
}

/** The API server over connections that stay open, as one account. */
export interface Client {
  /** Resolves with the parsed body of a 2xx answer; rejects for every other. */
  ask(request: Request): Promise<unknown>;
  /** As `ask`, but without a look at the answer's body: the least that a write can cost. */
  send(request: Request): Promise<void>;
  /** The events of a watch, until the signal aborts. */
  watch(path: string, signal: AbortSignal): AsyncIterable<unknown>;
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  readonly token: string;
  readonly connections: number;
  readonly userAgent: string;
}

export const APPLY = 'application/apply-patch+yaml';
export const MERGE = 'application/merge-patch+json';

export function createClient({ url, ca, token, connections, userAgent }: ClientOptions): Client {
  const agent = new Agent({ connections, connect: { ca }, bodyTimeout: 0 });
  const account = { authorization: `Bearer ${token}`, accept: 'application/json', 'user-agent': userAgent };

  async function request({ method, path, body, type = 'application/json' }: Request, signal?: AbortSignal) {
    const answer = await agent.request({
      origin: url,
      path,
      method,
      headers: { ...account, ...(body !== undefined && { 'content-type': type }) },
      body: body ?? null,
      ...(signal && { signal }),
    });
    if (answer.statusCode < 300) return answer;
    throw new Error(`${method} ${path} was answered ${answer.statusCode}: ${await answer.body.text()}`);
  }

  return {
    ask: async given => (await request(given)).body.json(),
    async send(given) {
      await (await request(given)).body.dump();
    },
    async *watch(path, signal) {
      try {
        const { body } = await request({ method: 'GET', path }, signal);
        for await (const line of readLines(body)) yield JSON.parse(line) as unknown;
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    close: () => agent.close(),
  };
}

/** Each of `items` once, so many at the same time, in their order. Rejects with the first failure. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}
