import { createBackoff } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import type { Clock } from './clock.ts';

export interface WorkQueueOptions<Key extends string> {
  /** Keys worked on at the same time; never the same one twice. */
  readonly workers: number;
  /** Rejects = the key is tried again after a back-off of its own. Resolves with milliseconds until its next turn. */
  readonly work: (key: Key) => Promise<number | undefined>;
  /** A turn that failed; answers with milliseconds that must pass before the next, whatever the back-off says. */
  readonly onFailure: (key: Key, error: unknown) => number;
  /** Keys that wait for a worker. */
  readonly onDepth: (depth: number) => void;
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * Keys of what is to be looked at anew. A key that is added while it waits is worked on once; one that is added while it
 * is worked on has its next turn afterwards. Starts paused; while it is paused nothing is remembered, so whoever resumes
 * it adds all there is.
 */
export interface WorkQueue<Key extends string> {
  add(key: Key): void;
  /** At the latest after so many milliseconds. */
  addWithin(key: Key, delay: number): void;
  resume(): void;
  /** No key gets a new turn, and none is known any more. Resolves when the running turns are over. */
  pause(): Promise<void>;
  /** Pauses for ever. */
  stop(): Promise<void>;
}

const BACKOFF = { base: 250, cap: 60_000 };

export function createWorkQueue<Key extends string>(options: WorkQueueOptions<Key>): WorkQueue<Key> {
  const { workers, work, onFailure, onDepth, clock, random } = options;
  const waiting = new Set<Key>();
  const running = new Map<Key, Promise<void>>();
  /** Added while running. */
  const again = new Set<Key>();
  const timers = new Map<Key, { readonly at: number; readonly cancel: () => void }>();
  const backoffs = new Map<Key, Backoff>();
  let state: 'paused' | 'working' | 'stopped' = 'paused';

  function enqueue(key: Key): void {
    if (state !== 'working') return;
    cancelTimer(key);
    if (running.has(key)) {
      again.add(key);
      return;
    }
    waiting.add(key);
    onDepth(waiting.size);
    fill();
  }

  function fill(): void {
    // A set keeps the order in which its keys came.
    for (const key of waiting) {
      if (state !== 'working' || running.size >= workers) return;
      waiting.delete(key);
      onDepth(waiting.size);
      running.set(key, turn(key));
    }
  }

  async function turn(key: Key): Promise<void> {
    // Whoever adds a key gets back to its own work first.
    await Promise.resolve();
    let next: number | undefined;
    try {
      next = await work(key);
      backoffs.delete(key);
    } catch (error) {
      const backoff = backoffs.get(key) ?? createBackoff(BACKOFF.base, BACKOFF.cap, random);
      backoffs.set(key, backoff);
      next = Math.max(backoff.next(), onFailure(key, error));
    }
    running.delete(key);
    if (again.delete(key)) enqueue(key);
    else if (next !== undefined) arm(key, next);
    fill();
  }

  function arm(key: Key, delay: number): void {
    const at = clock.now() + delay;
    const known = timers.get(key);
    if (state !== 'working' || (known !== undefined && known.at <= at)) return;
    known?.cancel();
    timers.set(key, { at, cancel: clock.after(delay, () => enqueue(key)) });
  }

  function cancelTimer(key: Key): void {
    timers.get(key)?.cancel();
    timers.delete(key);
  }

  async function end(next: 'paused' | 'stopped'): Promise<void> {
    if (state !== 'stopped') state = next;
    for (const key of [...timers.keys()]) cancelTimer(key);
    waiting.clear();
    again.clear();
    backoffs.clear();
    onDepth(0);
    await Promise.all(running.values());
  }

  return {
    add: enqueue,
    addWithin: (key, delay) => {
      if (!waiting.has(key)) arm(key, delay);
    },
    resume() {
      if (state === 'stopped') return;
      state = 'working';
      fill();
    },
    pause: () => end('paused'),
    stop: () => end('stopped'),
  };
}
