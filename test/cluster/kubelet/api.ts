import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { ApiAnswer, Cluster } from '../types.ts';

/** The API server as the kubelet sees it. */
export interface Api {
  /** Resolves for every status; rejects when there was no answer. */
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<ApiAnswer>;
  /** The lines of a streaming answer as they come; throws for every status but 200. */
  lines(path: string, signal: AbortSignal): AsyncGenerator<string>;
  close(): void;
}

const ANSWER_WITHIN = 10_000;

export function openApi({ url, caFile, token }: Cluster['apiServer']): Api {
  const agent = new Agent({ keepAlive: true, ca: readFileSync(caFile) });
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    'user-agent': 'waymark-test-kubelet',
  };

  function send(
    method: string,
    path: string,
    options: { readonly body?: string; readonly contentType?: string; readonly signal?: AbortSignal },
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { body, contentType = 'application/json', signal } = options;
      const request = httpsRequest(new URL(path, url), {
        method,
        agent,
        headers: { ...headers, ...(body !== undefined && bodyHeaders(body, contentType)) },
        ...(signal === undefined ? {} : { signal }),
      });
      request.on('response', resolve);
      request.on('error', reject);
      request.end(body);
    });
  }

  return {
    async request(method, path, body, contentType) {
      const response = await send(method, path, {
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(contentType === undefined ? {} : { contentType }),
        signal: AbortSignal.timeout(ANSWER_WITHIN),
      });
      const text = await read(response);
      return { status: response.statusCode ?? 0, body: parse(text) };
    },

    async *lines(path, signal) {
      const response = await send('GET', path, { signal });
      if (response.statusCode !== 200) {
        throw new Error(`GET ${path}: ${response.statusCode ?? 0} ${await read(response)}`);
      }
      response.setEncoding('utf8');
      let rest = '';
      for await (const chunk of response as AsyncIterable<string>) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
      }
    },

    close() {
      agent.destroy();
    },
  };
}

/** The length is written out because Node sends the body of a DELETE without any framing otherwise. */
function bodyHeaders(body: string, contentType: string): Record<string, string | number> {
  return { 'content-type': contentType, 'content-length': Buffer.byteLength(body) };
}

async function read(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response as AsyncIterable<string>) text += chunk;
  return text;
}

/** The API server answers some errors in plain text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
