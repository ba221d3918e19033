import { Agent, request } from 'node:https';
import type { ApiAnswer } from '../types.ts';

const TIMEOUT_MS = 30_000;

export interface ApiOptions {
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  readonly token: string;
}

export interface Api {
  /** Resolves for every status; rejects when there is no answer. A body that is not JSON is given as text. */
  call(method: string, path: string, body?: unknown, contentType?: string): Promise<ApiAnswer>;
  /** As `call`, but rejects with what the server said when the status is not one of `statuses`. */
  expect(
    statuses: readonly number[],
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<ApiAnswer>;
  close(): void;
}

export function createApi({ url, ca, token }: ApiOptions): Api {
  const agent = new Agent({ ca, keepAlive: true });

  const call: Api['call'] = (method, path, body, contentType = 'application/json') =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const sent = request(new URL(path, url), {
        method,
        agent,
        timeout: TIMEOUT_MS,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          'user-agent': 'cluster-harness',
          ...(text !== undefined && { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
        },
      });
      sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path} within ${TIMEOUT_MS / 1000} s`)));
      sent.on('error', reject);
      sent.on('response', response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString()) }),
        );
      });
      sent.end(text);
    });

  return {
    call,
    async expect(statuses, method, path, body, contentType) {
      const answer = await call(method, path, body, contentType);
      if (!statuses.includes(answer.status)) {
        throw new Error(`${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      }
      return answer;
    },
    close: () => agent.destroy(),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
