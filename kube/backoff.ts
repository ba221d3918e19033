/** Delays that double, from `base` to `cap` milliseconds, each spread over half to the whole of its length. */
export interface Backoff {
  next(): number;
  reset(): void;
}

export function createBackoff(base: number, cap: number, random: () => number): Backoff {
  let attempt = 0;
  return {
    next() {
      const full = Math.min(cap, base * 2 ** Math.min(attempt, 30));
      attempt++;
      return full * (0.5 + random() / 2);
    },
    reset() {
      attempt = 0;
    },
  };
}
