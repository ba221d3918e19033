import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { createInputMemory, inputMemory } from './input-memory.ts';
import { hashOf } from './target.ts';
import type { Broken } from './explore.ts';
import type { Progress, Task } from './worker.ts';

/** `make fuzz`: two threads, each with a seed of its own, until all inputs are tried or a promise is broken. */

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    only: { type: 'string', multiple: true, default: [] },
    replay: { type: 'string', multiple: true, default: [] },
  },
});

/** Megabytes that a thread may have, beside those for a short time: a leak ends it. */
const HEAP = 256;
/** Bytes that may be left of a target's inputs: those that are known, and the program's own memories. */
const HEAP_LEFT = 48 * 1024 * 1024;
/** Milliseconds without a new input after which a thread counts as stuck. */
const STUCK = 60_000;
const FOLDER = join(import.meta.dirname, '..', '..', '.cache', 'fuzz');

interface Found extends Broken {
  readonly target: string;
}

const found = values.replay.length > 0 ? await replayed(values.replay) : await fuzzed();
for (const one of found) console.error(`\nBROKEN (${one.target}): ${one.message.slice(0, 2_000)}\n  ${saved(one)}`);
process.exitCode = found.length === 0 ? 0 : 1;

async function fuzzed(): Promise<readonly Found[]> {
  const begin = performance.now();
  const threads = Number(values.threads);
  const runs = Array.from({ length: threads }, (_, index) =>
    thread({
      seed: Number(values.seed) + index,
      inputs: Math.ceil(Number(values.inputs) / threads),
      only: values.only,
      memory: createInputMemory(),
    }),
  );
  const results = await Promise.all(runs);
  const seconds = (performance.now() - begin) / 1_000;
  const inputs = results.flatMap(({ progress }) => progress).reduce((sum, one) => sum + one.inputs, 0);
  const covered = Math.max(...results.map(({ progress }) => progress.at(-1)?.covered ?? 0));
  const branches = Math.max(...results.map(({ progress }) => progress.at(-1)?.branches ?? 0));
  console.log(`${inputs} inputs in ${seconds.toFixed(0)} s; ${covered} of ${branches} branches taken`);
  return results.flatMap(({ broken }) => broken);
}

interface Result {
  readonly progress: readonly Progress[];
  readonly broken: readonly Found[];
}

function thread(task: Task): Promise<Result> {
  const progress: Progress[] = [];
  const broken: Found[] = [];
  const memory = inputMemory(task.memory);
  return new Promise(resolve => {
    const worker = new Worker(join(import.meta.dirname, 'worker.ts'), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: HEAP, maxYoungGenerationSizeMb: 32 },
    });
    let count = -1;
    const watch = setInterval(() => {
      const now = memory.count();
      if (now === count) {
        broken.push({ ...memory.last(), message: `every input ends: this one not within ${STUCK / 1_000} s` });
        void worker.terminate();
      }
      count = now;
    }, STUCK);
    worker.on('message', (one: Progress) => {
      progress.push(one);
      broken.push(...one.broken.map(each => ({ target: one.target, ...each })));
      if (one.heapLeft > HEAP_LEFT) {
        broken.push({ ...memory.last(), message: `S-06: the heap is bounded: ${megabytes(one.heapLeft)} are left` });
      }
      console.log(line(task.seed, one));
    });
    worker.on('error', error => broken.push({ ...memory.last(), message: `the thread lives on: ${String(error)}` }));
    worker.on('exit', () => {
      clearInterval(watch);
      resolve({ progress, broken });
    });
  });
}

function line(seed: number, one: Progress): string {
  const { target, inputs, covered, branches, corpus, took, slowest, peakHeap, heapLeft } = one;
  const speed = Math.round((inputs / took) * 1_000);
  return [
    `${target.padEnd(10)} seed ${seed}: ${inputs} inputs, ${speed}/s, ${corpus} kept`,
    `${covered} of ${branches} branches so far`,
    `slowest ${slowest.took.toFixed(1)} ms (${slowest.input.length} characters)`,
    `heap at most ${megabytes(peakHeap)}, left ${megabytes(heapLeft)}`,
  ].join('; ');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** Writes an input down and says how to run it again. */
function saved(one: Found): string {
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${one.target}-${hashOf(one.input).toString(16)}.json`);
  writeFileSync(file, `${JSON.stringify(one, undefined, 2)}\n`);
  return `make fuzz REPLAY=${file}`;
}

async function replayed(files: readonly string[]): Promise<readonly Found[]> {
  const { TARGETS } = await import('./targets.ts');
  const { explore } = await import('./explore.ts');
  const { dictionaryOf } = await import('./dictionary.ts');
  const broken: Found[] = [];
  for (const file of files) {
    const { target: name, input } = JSON.parse(readFileSync(file, 'utf8')) as Found;
    for (const target of TARGETS.filter(each => each.name === name)) {
      const only = { ...target, seeds: () => [input] };
      const exploration = await explore({ target: only, inputs: 0, seed: 1, words: dictionaryOf() });
      broken.push(...exploration.broken.map(one => ({ target: name, ...one })));
      await target.close?.();
    }
  }
  return broken;
}
