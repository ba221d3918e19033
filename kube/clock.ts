/** Time as it is handed in: real in the programs, moved by hand in tests. */
export interface Clock {
  /** Milliseconds on a monotonic scale; only differences mean anything. */
  now(): number;
  /** Calls once, `delay` milliseconds from now, never at once; the answer takes it back. */
  after(delay: number, call: () => void): () => void;
}

/** The longest delay that a Node timer can hold: 2^31 - 1 ms, 24.8 days. Above it a timer would fire at once. */
const LONGEST_TIMER = 2_147_483_647;

export const systemClock: Clock = {
  now: () => performance.now(),
  after(delay, call) {
    let timer: NodeJS.Timeout;
    const arm = (rest: number) => {
      const step = Math.min(Math.max(rest, 0), LONGEST_TIMER);
      timer = setTimeout(() => (rest > step ? arm(rest - step) : call()), step);
    };
    arm(delay);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delay` milliseconds, or as soon as the signal aborts: a loop asks the signal, not the sleep. */
export function sleep(clock: Clock, delay: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const wake = () => {
      cancel();
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = clock.after(delay, wake);
    signal?.addEventListener('abort', wake, { once: true });
  });
}
