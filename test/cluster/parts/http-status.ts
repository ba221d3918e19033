import { get } from 'node:http';

const TIMEOUT_MS = 2_000;

/** Status of a plain GET; rejects when nobody answers. */
export function httpStatus(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = get(url, { agent: false, timeout: TIMEOUT_MS }, response => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('timeout', () => sent.destroy(new Error(`${url} does not answer`)));
    sent.on('error', reject);
  });
}
