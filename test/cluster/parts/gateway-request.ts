import { request } from 'node:http';
import type { GatewayAnswer, GatewayRequest } from '../types.ts';

const TIMEOUT_MS = 30_000;

/** One request on a connection of its own; the path goes out as it is written. */
export function sendThrough(
  gateway: { readonly address: string; readonly port: number },
  { host, path, method = 'GET', headers = {}, body }: GatewayRequest,
): Promise<GatewayAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request({
      host: gateway.address,
      port: gateway.port,
      path,
      method,
      agent: false,
      timeout: TIMEOUT_MS,
      headers: { ...headers, host, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer from the gateway within ${TIMEOUT_MS / 1000} s`)));
    sent.on('error', reject);
    sent.on('response', response => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(
            Object.entries(response.headersDistinct).map(([name, values = []]) => [name, values.join(', ')]),
          ),
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.end(body);
  });
}
