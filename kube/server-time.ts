import type { Clock } from './clock.ts';

/** The API server's clock, as its answers tell it, carried forward by our monotonic one. */
export interface ServerTime {
  /** Learns from one answer; `sentAt` and `receivedAt` are readings of the local clock. */
  observe(date: string, sentAt: number, receivedAt: number): void;
  /** Milliseconds since the epoch; before the first answer, by this machine's own clock. */
  now(): number;
}

/** The `Date` header counts whole seconds: the server's time was at least that, and less than a second more. */
const RESOLUTION = 1000;

export function createServerTime(clock: Clock, wallTime: () => number = Date.now): ServerTime {
  let offset: number | undefined;

  return {
    observe(date, sentAt, receivedAt) {
      const written = Date.parse(date);
      if (Number.isNaN(written)) return;
      const lowest = written - receivedAt;
      const highest = written + RESOLUTION - sentAt;
      // Moved as little as the answer demands: many answers pin it down to milliseconds, and one slow answer shifts nothing.
      offset = offset === undefined ? lowest : Math.min(Math.max(offset, lowest), highest);
    },
    now: () => (offset === undefined ? wallTime() : clock.now() + offset),
  };
}
