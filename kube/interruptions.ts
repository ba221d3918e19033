import type { Interruption } from '../shared/cluster-facts.ts';

/** Whether our own watches have missed anything: when they break, those of others may have broken too. */
export interface Interruptions {
  /** One more watch; the answer is what it reports to. */
  watcher(): Watcher;
  /** The last one; `undefined` = there was none since this process began. */
  last(): Interruption | undefined;
  /** Something may have been interrupted before this process began to look. */
  assume(interruption: Required<Interruption>): void;
  /**
   * A request got no answer, from when it was sent until nobody waited for it any more: whatever kept it away may have
   * kept others from what they watch, though our own watches do not show it yet.
   */
  unanswered(interruption: Required<Interruption>): void;
  /** Resolves when no watch is lost. */
  over(): Promise<void>;
}

export interface Watcher {
  /** It ended otherwise than by its own time limit; `silent` is for how many milliseconds nothing came before that. */
  lost(silent: number): void;
  /** It runs, or is not needed any more. */
  back(): void;
}

/** `onEnd`: all watches are back. Times are milliseconds since the epoch, as `now` has them. */
export function createInterruptions(now: () => number, onEnd: () => void): Interruptions {
  const lost = new Set<Watcher>();
  const waiting = new Set<() => void>();
  let last: Interruption | undefined;

  return {
    watcher() {
      const watcher: Watcher = {
        lost(silent) {
          const since = now() - silent;
          if (lost.size === 0) last = { since };
          else if (last !== undefined && since < last.since) last = { since };
          lost.add(watcher);
        },
        back() {
          if (!lost.delete(watcher) || lost.size > 0 || last === undefined) return;
          last = { since: last.since, until: now() };
          for (const resolve of waiting) resolve();
          waiting.clear();
          onEnd();
        },
      };
      return watcher;
    },
    last: () => last,
    assume(interruption) {
      last ??= interruption;
    },
    unanswered(interruption) {
      if (lost.size > 0) {
        if (last !== undefined && interruption.since < last.since) last = { since: interruption.since };
      } else if (last?.until === undefined || last.until < interruption.until) last = interruption;
    },
    over: () => (lost.size === 0 ? Promise.resolve() : new Promise(resolve => void waiting.add(resolve))),
  };
}
