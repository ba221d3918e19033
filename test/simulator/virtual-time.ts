import type { Clock } from '../../kube/clock.ts';

/** The time of a simulated world: it moves when nothing is left to do, to the next moment at which something is. */
export interface VirtualTime extends Clock {
  /** The clock of one process, which can be stopped like one. */
  process(): ProcessClock;
  /** When the next call is due; Infinity = never. */
  next(): number;
  /** Moves to the next call and makes it. */
  step(): void;
  /** Moves on without any call: nothing is due until then. */
  moveTo(now: number): void;
}

export interface ProcessClock extends Clock {
  /** As SIGSTOP: what is due from now on waits. */
  freeze(): void;
  /** As SIGCONT: all that has waited is due at once. */
  thaw(): void;
  /** As SIGKILL: nothing is called any more. */
  kill(): void;
  isAlive(): boolean;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  call: (() => void) | undefined;
}

/** Fractions of a millisecond: exact in binary, so that no sum of them is a hair too small. */
const GRID = 1024;

function onGrid(delay: number): number {
  return Math.ceil(Math.max(delay, 0) * GRID) / GRID;
}

/** Times are milliseconds from the world's beginning. */
export function createVirtualTime(): VirtualTime {
  const heap = createHeap();
  let now = 0;
  let order = 0;

  function after(delay: number, call: () => void): () => void {
    const timer: Timer = { at: now + onGrid(delay), order: order++, call };
    heap.push(timer);
    return () => (timer.call = undefined);
  }

  function next(): number {
    for (let first = heap.first(); first !== undefined; first = heap.first()) {
      if (first.call !== undefined) return first.at;
      heap.pop();
    }
    return Infinity;
  }

  return {
    now: () => now,
    after,
    next,
    step() {
      if (next() === Infinity) return;
      const timer = heap.pop();
      now = Math.max(now, timer?.at ?? now);
      timer?.call?.();
    },
    moveTo(then) {
      now = Math.max(now, then);
    },
    process: () => createProcessClock({ now: () => now, after }),
  };
}

function createProcessClock(time: Clock): ProcessClock {
  let state: 'running' | 'frozen' | 'dead' = 'running';
  let waiting: (() => void)[] = [];
  return {
    now: () => time.now(),
    after(delay, call) {
      let isCancelled = false;
      const due = () => {
        if (isCancelled || state === 'dead') return;
        if (state === 'frozen') waiting.push(due);
        else call();
      };
      const cancel = time.after(delay, due);
      return () => {
        isCancelled = true;
        cancel();
      };
    },
    freeze() {
      if (state === 'running') state = 'frozen';
    },
    thaw() {
      if (state !== 'frozen') return;
      state = 'running';
      for (const due of waiting) time.after(0, due);
      waiting = [];
    },
    kill() {
      state = 'dead';
      waiting = [];
    },
    isAlive: () => state !== 'dead',
  };
}

interface Heap {
  first(): Timer | undefined;
  push(timer: Timer): void;
  pop(): Timer | undefined;
}

/** Soonest first, and of those due together the one that was asked for first. */
function createHeap(): Heap {
  const items: Timer[] = [];
  const isBefore = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order);

  function swap(i: number, j: number): void {
    const [a, b] = [items[i], items[j]];
    if (a !== undefined && b !== undefined) [items[i], items[j]] = [b, a];
  }

  function isAhead(i: number, j: number): boolean {
    const [a, b] = [items[i], items[j]];
    return a !== undefined && b !== undefined && isBefore(a, b);
  }

  return {
    first: () => items[0],
    push(timer) {
      items.push(timer);
      for (let i = items.length - 1; i > 0;) {
        const parent = (i - 1) >> 1;
        if (!isAhead(i, parent)) return;
        swap(i, parent);
        i = parent;
      }
    },
    pop() {
      swap(0, items.length - 1);
      const popped = items.pop();
      for (let i = 0; ;) {
        let least = i;
        for (const child of [2 * i + 1, 2 * i + 2]) if (isAhead(child, least)) least = child;
        if (least === i) return popped;
        swap(i, least);
        i = least;
      }
    },
  };
}

/**
 * Resolves when no promise has anything left to do. Only what waits for the virtual time is then under way. The event
 * loop does not turn for it, which would cost more than most of what is done meanwhile.
 */
export async function quiet(): Promise<void> {
  // From within the queue of promises: what is asked for here is done when that queue is empty.
  await Promise.resolve();
  await new Promise<void>(resolve => process.nextTick(resolve));
}

/** Lets the event loop turn, for what is no part of the simulation: a line of a log, a message between threads. */
export function breath(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
