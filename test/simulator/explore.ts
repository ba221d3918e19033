import { generate, undisturbed } from './generate.ts';
import { run } from './run.ts';
import type { Outcome } from './run.ts';
import type { Fault, Operation, Schedule } from './schedule.ts';
import type { WorldOptions } from './world.ts';

export interface Failure {
  readonly seed: number;
  readonly promise: string;
  readonly message: string;
  /** What is left of it when everything is left out that the failure does not need. */
  readonly schedule: Schedule;
}

const CONVERGES = 'every run ends as the undisturbed one';

/** What a seed stands for: every third schedule is a wild one. */
export function scheduleOf(seed: number): Schedule {
  return generate(seed, seed % 3 === 0 ? 'wild' : 'settled');
}

function isSettled(seed: number): boolean {
  return seed % 3 !== 0;
}

/** Runs the schedule of a seed; of a settled one also the undisturbed run that it must end like. */
export async function judge(schedule: Schedule, options: WorldOptions = {}): Promise<Outcome['broken']> {
  const outcome = await run(schedule, options);
  if (outcome.broken !== undefined || !isSettled(schedule.seed)) return outcome.broken;
  const calm = await run(undisturbed(schedule), { sabotage: options.sabotage });
  if (calm.broken !== undefined || calm.state === outcome.state) return calm.broken;
  return { promise: CONVERGES, message: `${CONVERGES}: ${difference(calm.state, outcome.state)}` };
}

/** The first failure among so many seeds, made as small as it gets. */
export async function explore(first: number, count: number, options: WorldOptions = {}): Promise<Failure | undefined> {
  for (let seed = first; seed < first + count; seed++) {
    const schedule = scheduleOf(seed);
    const broken = await judge(schedule, options);
    if (broken !== undefined) return { seed, ...broken, schedule: await smallest(schedule, broken.promise, options) };
  }
  return undefined;
}

/** Leaves out one operation or fault after the other, as long as the same promise is broken. */
export async function smallest(schedule: Schedule, promise: string, options: WorldOptions = {}): Promise<Schedule> {
  let best = schedule;
  for (const part of ['faults', 'operations'] as const) {
    for (let i = best[part].length - 1; i >= 0; i--) {
      const list: readonly (Fault | Operation)[] = best[part];
      const shorter = { ...best, [part]: list.filter((_, index) => index !== i) };
      if ((await judge(shorter, options))?.promise === promise) best = shorter;
    }
  }
  return best;
}

function difference(expected: string, found: string): string {
  const known = new Set(found.split('\n'));
  const missing = expected.split('\n').filter(line => !known.has(line));
  const wanted = new Set(expected.split('\n'));
  const extra = found.split('\n').filter(line => !wanted.has(line));
  return ['', ...missing.map(line => `- ${line}`), ...extra.map(line => `+ ${line}`)].join('\n');
}
