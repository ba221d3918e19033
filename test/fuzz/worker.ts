import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { coverOf } from './coverage.ts';
import { inputMemory } from './input-memory.ts';
import type { Exploration } from './explore.ts';

/** What one thread is to do. */
export interface Task {
  readonly seed: number;
  /** Of all targets together. */
  readonly inputs: number;
  /** Names; empty = all. */
  readonly only: readonly string[];
  /** Where the input is written that is being run. */
  readonly memory: SharedArrayBuffer;
}

/** What one thread has to say of one target. */
export interface Progress extends Exploration {
  readonly covered: number;
  readonly branches: number;
  /** Bytes that are left after a collection, above those before the first input. */
  readonly heapLeft: number;
}

const { seed, inputs, only, memory } = workerData as Task;
const root = join(import.meta.dirname, '..', '..');
const coverage = coverOf(['shared', 'webhook', 'cli', 'runtime'].map(folder => join(root, folder)));

// What is loaded before the counters are there is never counted.
const { TARGETS } = await import('./targets.ts');
const { dictionaryOf } = await import('./dictionary.ts');
const { explore } = await import('./explore.ts');

const words = dictionaryOf(coverage.words);
const writer = inputMemory(memory);
const chosen = TARGETS.filter(({ name }) => only.length === 0 || only.includes(name));
const shares = chosen.reduce((sum, { share }) => sum + share, 0);
for (const target of chosen) {
  const before = heapUsed();
  const exploration = await explore({
    target,
    inputs: Math.round((inputs * target.share) / shares),
    seed,
    words,
    guide: coverage,
    onInput: input => writer.write(target.name, input),
  });
  await target.close?.();
  const counts = { covered: coverage.covered(), branches: coverage.total() };
  parentPort?.postMessage({ ...exploration, ...counts, heapLeft: heapUsed() - before } satisfies Progress);
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
