import type { Clock } from '../../kube/clock.ts';

export interface FakeClock extends Clock {
  /** Moves the time on and calls what is due on the way, in order. */
  advance(milliseconds: number): void;
  /** As `advance`, and lets everything that was started by a call go on before the next one is due. */
  pass(milliseconds: number): Promise<void>;
  /** Calls that wait, soonest first, by the time left. */
  waiting(): readonly number[];
}

export function createFakeClock(start = 0): FakeClock {
  let now = start;
  let order = 0;
  const timers = new Set<{ at: number; order: number; call: () => void }>();
  const soonest = () => [...timers].sort((a, b) => a.at - b.at || a.order - b.order);

  function runNext(until: number): boolean {
    const next = soonest()[0];
    if (next === undefined || next.at > until) {
      now = until;
      return false;
    }
    timers.delete(next);
    now = next.at;
    next.call();
    return true;
  }

  return {
    now: () => now,
    after(delay, call) {
      const timer = { at: now + Math.max(delay, 0), order: order++, call };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(milliseconds) {
      const until = now + milliseconds;
      while (runNext(until));
    },
    async pass(milliseconds) {
      const until = now + milliseconds;
      await settled();
      while (runNext(until)) await settled();
    },
    waiting: () => soonest().map(({ at }) => at - now),
  };
}

/** Lets promises that need no outside world run to their end. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve));
}
