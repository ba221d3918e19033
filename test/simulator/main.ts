import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { createJudge, scheduleOf, smallest } from './explore.ts';
import type { Failure } from './explore.ts';
import { VARIANTS } from './generate.ts';
import { run } from './run.ts';
import type { Batch, Report } from './worker.ts';

/** `make simulate`: schedules one after another on all threads, until all are run or some promises are broken. */

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '100000' },
    /** The first seed. */
    from: { type: 'string', default: '0' },
    threads: { type: 'string', default: '2' },
    /** Runs this one alone, cut short if it fails, and tells what happens in it. */
    seed: { type: 'string' },
  },
});

/** Schedules that a thread is given at once. */
const BATCH = 4 * VARIANTS;
/** A world dies young: with little room for the young, the collector copies worlds that are about to end. */
const LIMITS = { maxYoungGenerationSizeMb: 96 };
/** Failures after which it is no use to go on. */
const MOST = 5;
/** Milliseconds between two lines that tell how far it is. */
const TELL_EVERY = 10_000;

process.exitCode = values.seed === undefined ? await simulate() : await replay(Number(values.seed));

async function simulate(): Promise<number> {
  const first = Number(values.from);
  const end = first + Number(values.schedules);
  const begin = performance.now();
  const failures: Failure[] = [];
  let next = first;
  let done = 0;

  const tell = () => {
    const seconds = (performance.now() - begin) / 1000;
    const speed = done / seconds;
    const left = (end - first - done) / speed / 60;
    console.log(
      `${done} of ${end - first} schedules in ${seconds.toFixed(0)} s, ${speed.toFixed(1)}/s, ${left.toFixed(0)} min left`,
    );
  };
  const progress = setInterval(tell, TELL_EVERY);

  function take(): Batch | undefined {
    if (next >= end || failures.length >= MOST) return undefined;
    const batch = { first: next, count: Math.min(BATCH, end - next) };
    next += batch.count;
    return batch;
  }

  function work(): Promise<void> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(join(import.meta.dirname, 'worker.ts'), { resourceLimits: LIMITS });
      const go = () => {
        const batch = take();
        if (batch === undefined) void worker.terminate();
        else worker.postMessage(batch);
      };
      worker.on('message', ({ count, failures: found }: Report) => {
        done += count;
        for (const failure of found) {
          failures.push(failure);
          console.error(
            `\nBROKEN with seed ${failure.seed}: ${failure.message}\n  make simulate SEED=${failure.seed}\n`,
          );
        }
        go();
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve());
      go();
    });
  }

  await Promise.all(Array.from({ length: Number(values.threads) }, work));
  clearInterval(progress);
  tell();
  return failures.length === 0 ? 0 : 1;
}

async function replay(seed: number): Promise<number> {
  const judge = createJudge();
  const whole = scheduleOf(seed);
  const broken = await judge.judge(whole);
  const schedule = broken === undefined ? whole : await smallest(whole, broken.promise, judge);
  await run(schedule, { tell: line => console.log(line) });
  console.log(`\n${JSON.stringify(schedule, undefined, 1)}`);
  console.log(
    broken === undefined ? `seed ${seed}: every promise was kept` : `BROKEN with seed ${seed}: ${broken.message}`,
  );
  return broken === undefined ? 0 : 1;
}
