import type { Clock } from '../kube/clock.ts';
import type { GroupKey } from '../shared/snapshot.ts';

/**
 * Who fights with us over an object. A write that wants the same as our last one of the object only undoes what
 * somebody else did; after too many of them the object is left alone for a while, longer each time.
 */
export interface Contention {
  /** Milliseconds for which the object is left alone; 0 = what is wanted may be written. */
  restOf(key: string, wanted: string): number;
  /** Whether the next write of the same would be one too many. */
  isDue(key: string, wanted: string): boolean;
  /** It is left alone from now on; answers with milliseconds. `by` is the other field manager. */
  leave(key: string, contended: Omit<Left, 'times' | 'until'>): number;
  /** Answers with milliseconds after which it is seen whether the fight is over; `undefined` = there is none. */
  wrote(key: string, wanted: string): number | undefined;
  /** The other field manager of an object that is contended, or of one of a group. */
  by(keyOrGroup: string): string | undefined;
}

/** So many writes that only undo something, within so many milliseconds. */
const LIMIT = 5;
const WINDOW = 60_000;

/** Milliseconds for which an object is left alone, at first and at most; spread by up to a tenth. */
const REST = { base: 60_000, cap: 600_000, spread: 0.1 };

interface Written {
  readonly wanted: string;
  readonly at: number;
  /** When the same was written again. */
  readonly undone: readonly number[];
}

interface Left {
  readonly group: GroupKey;
  readonly by: string;
  readonly wanted: string;
  readonly times: number;
  readonly until: number;
}

export function createContention(clock: Clock, random: () => number, onSize: (size: number) => void): Contention {
  /** The last written one is the last. */
  const written = new Map<string, Written>();
  const left = new Map<string, Left>();

  /** It is over when the first write after the rest has not been undone for as long as it takes to see a fight. */
  function contention(key: string): Left | undefined {
    const known = left.get(key);
    if (known === undefined || clock.now() < known.until + WINDOW) return known;
    left.delete(key);
    onSize(left.size);
    return undefined;
  }

  function undone(key: string, wanted: string): readonly number[] {
    const last = written.get(key);
    if (last?.wanted !== wanted) return [];
    return last.undone.filter(at => clock.now() - at < WINDOW);
  }

  return {
    restOf(key, wanted) {
      const known = contention(key);
      return known?.wanted === wanted ? Math.max(0, known.until - clock.now()) : 0;
    },
    isDue(key, wanted) {
      const last = written.get(key);
      if (last?.wanted !== wanted || clock.now() - last.at >= WINDOW) return false;
      return contention(key) !== undefined || undone(key, wanted).length >= LIMIT;
    },
    leave(key, contended) {
      const times = (contention(key)?.times ?? 0) + 1;
      const full = Math.min(REST.base * 2 ** (times - 1), REST.cap);
      const rest = full * (1 + random() * REST.spread);
      left.set(key, { ...contended, times, until: clock.now() + rest });
      onSize(left.size);
      return rest;
    },
    wrote(key, wanted) {
      const now = clock.now();
      const isUndoing = written.get(key)?.wanted === wanted;
      const before = undone(key, wanted);
      for (const [other, { at }] of written) {
        if (now - at < WINDOW) break;
        written.delete(other);
      }
      written.delete(key);
      written.set(key, { wanted, at: now, undone: isUndoing ? [...before, now] : [] });
      const known = contention(key);
      if (known === undefined) return undefined;
      left.set(key, { ...known, wanted });
      return Math.max(known.until - now, 0) + WINDOW;
    },
    by(asked) {
      return [...left].find(([key, { group }]) => [key, group].includes(asked) && contention(key) !== undefined)?.[1]
        .by;
    },
  };
}
