import { VARIANTS, generate, undisturbed } from './generate.ts';
import { run } from './run.ts';
import type { Manner } from './generate.ts';
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

/** What a seed stands for: of eight groups of variants one fails, and of three of the others two are settled, and one is wild. */
export function scheduleOf(seed: number): Schedule {
  return generate(seed, mannerOf(seed));
}

function mannerOf(seed: number): Manner {
  const group = Math.floor(seed / VARIANTS);
  if (group % 8 === 5) return 'failing';
  return group % 3 === 0 ? 'wild' : 'settled';
}

function isSettled(seed: number): boolean {
  return mannerOf(seed) === 'settled';
}

export interface Judge {
  /** What is wrong with a run of this schedule; of a settled one also that it ends like the undisturbed run. */
  readonly judge: (schedule: Schedule) => Promise<Outcome['broken']>;
}

export function createJudge(options: WorldOptions = {}): Judge {
  let calm: { readonly key: string; readonly outcome: Outcome } | undefined;

  async function undisturbedRun(schedule: Schedule): Promise<Outcome> {
    const quiet = undisturbed(schedule);
    const key = JSON.stringify(quiet);
    if (calm?.key !== key) calm = { key, outcome: await run(quiet, { sabotage: options.sabotage }) };
    return calm.outcome;
  }

  return {
    async judge(schedule) {
      const outcome = await run(schedule, options);
      if (outcome.broken !== undefined || !isSettled(schedule.seed)) return outcome.broken;
      const { broken, state } = await undisturbedRun(schedule);
      if (broken !== undefined || state === outcome.state) return broken;
      return { promise: CONVERGES, message: `${CONVERGES}: ${difference(state, outcome.state)}` };
    },
  };
}

/**
 * The first schedule among so many seeds that breaks a promise, or this very promise: a bug may break several, each in
 * its own schedule.
 */
export async function explore(
  first: number,
  count: number,
  options: WorldOptions = {},
  promise?: string,
): Promise<Failure | undefined> {
  const judge = createJudge(options);
  for (let seed = first; seed < first + count; seed++) {
    const schedule = scheduleOf(seed);
    const broken = await judge.judge(schedule);
    if (broken === undefined || (promise !== undefined && broken.promise !== promise)) continue;
    return { seed, ...broken, schedule: await smallest(schedule, broken.promise, judge) };
  }
  return undefined;
}

/** Leaves out one operation or fault after the other, as long as the same promise is broken. */
export async function smallest(schedule: Schedule, promise: string, { judge }: Judge): Promise<Schedule> {
  let best = schedule;
  for (const part of ['faults', 'operations'] as const) {
    for (let i = best[part].length - 1; i >= 0; i--) {
      const list: readonly (Fault | Operation)[] = best[part];
      const shorter = { ...best, [part]: list.filter((_, index) => index !== i) };
      if ((await judge(shorter))?.promise === promise) best = shorter;
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
