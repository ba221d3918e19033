import { setTimeout as delay } from 'node:timers/promises';

/** Waits, or returns at once when the signal is or gets aborted. Never rejects. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(Math.max(0, milliseconds), undefined, { signal }).catch(() => undefined);
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The longest time a timer takes. */
const LONGEST = 2 ** 31 - 1;

/** Waits for the first of some events, but no longer than the time given (Infinity = as long as it takes) or the signal. */
export async function firstOf(
  events: readonly Promise<unknown>[],
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  await Promise.race([...events, pause(Math.min(milliseconds, LONGEST), AbortSignal.any([signal, over.signal]))]);
  over.abort();
}

/** A bell that any number of waiters may wait for; each ring wakes all that wait. */
export class Bell {
  private next = Promise.withResolvers<undefined>();

  ring(): void {
    this.next.resolve(undefined);
    this.next = Promise.withResolvers<undefined>();
  }

  get rung(): Promise<undefined> {
    return this.next.promise;
  }
}
