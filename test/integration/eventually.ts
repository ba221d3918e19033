import { setTimeout as delay } from 'node:timers/promises';

const STEP_MS = 50;

export interface Deadline {
  /** Milliseconds. */
  readonly within: number;
}

/**
 * Checks again and again until the check stops throwing, and resolves with its result. After the deadline it rejects with
 * the check's own last error, so that a failed expectation is shown as jest shows it. A check that started in time counts.
 */
export async function eventually<T>(check: () => Promise<T> | T, { within }: Deadline): Promise<T> {
  const deadline = performance.now() + within;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await delay(STEP_MS);
  }
}
