import { parentPort } from 'node:worker_threads';
import { createJudge, scheduleOf, smallest } from './explore.ts';
import type { Failure } from './explore.ts';

/** Seeds to run, in a row. */
export interface Batch {
  readonly first: number;
  readonly count: number;
}

export interface Report extends Batch {
  readonly failures: readonly Failure[];
}

// A simulated fault is an error that nobody looks at: collecting its stack costs more than all else about it.
// `make simulate SEED=n` runs without this file, and has them.
Error.stackTraceLimit = 0;

const judge = createJudge();

parentPort?.on('message', (batch: Batch) => {
  void runBatch(batch).then(report => parentPort?.postMessage(report));
});

async function runBatch({ first, count }: Batch): Promise<Report> {
  const failures: Failure[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const schedule = scheduleOf(seed);
    const broken = await judge.judge(schedule);
    if (broken === undefined) continue;
    failures.push({ seed, ...broken, schedule: await smallest(schedule, broken.promise, judge) });
  }
  return { first, count, failures };
}
