import { setTimeout as delay } from 'node:timers/promises';

export interface Deadline {
  /** Milliseconds. */
  readonly within: number;
  /** Milliseconds between two looks; default 50. */
  readonly every?: number;
}

/**
 * Checks again and again until the check stops throwing, and resolves with its result. After the deadline it rejects with
 * the check's own last error, so that a failed expectation is shown as jest shows it. A check that started in time counts.
 */
export async function eventually<T>(check: () => Promise<T> | T, { within, every = 50 }: Deadline): Promise<T> {
  const deadline = performance.now() + within;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await delay(every);
  }
}
