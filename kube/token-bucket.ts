import { sleep } from './clock.ts';
import type { Clock } from './clock.ts';
import { KubeError } from './kube-error.ts';
import type { KubeClient } from './types.ts';

/** Lets through `rate` a second on the long run and `burst` at once, in the order of asking. */
export interface TokenBucket {
  /** Resolves when one may go; at once when the signal aborts. */
  take(signal?: AbortSignal): Promise<void>;
  /** Lets nothing through for so many milliseconds. */
  hold(milliseconds: number): void;
}

export function createTokenBucket(rate: number, burst: number, clock: Clock): TokenBucket {
  /** When the bucket is full again; each token moves it by the time that a token takes to grow. */
  let fullAt = clock.now();

  return {
    async take(signal) {
      const now = clock.now();
      fullAt = Math.max(fullAt, now) + 1000 / rate;
      const wait = fullAt - now - (burst * 1000) / rate;
      if (wait > 0) await sleep(clock, wait, signal);
    },
    hold(milliseconds) {
      fullAt = Math.max(fullAt, clock.now() + milliseconds + (burst * 1000) / rate);
    },
  };
}

/**
 * The same client with writes of bounded speed. They all wait when the API server says that it is too busy. Reads are
 * not counted: there is at most one for each write.
 */
export function limitWrites(client: KubeClient, bucket: TokenBucket): KubeClient {
  return {
    ...client,
    async request(options) {
      if ((options.method ?? 'GET') !== 'GET') await bucket.take(options.signal);
      try {
        return await client.request(options);
      } catch (error) {
        if (error instanceof KubeError && error.status === 429) bucket.hold(error.retryAfter ?? 1000);
        throw error;
      }
    },
  };
}
