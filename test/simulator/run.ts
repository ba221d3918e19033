import { finalState } from './final-state.ts';
import { Broken, watchInvariants } from './invariants.ts';
import { endOf } from './schedule.ts';
import type { Schedule } from './schedule.ts';
import { breath } from './virtual-time.ts';
import { createWorld } from './world.ts';
import type { Act, WorldOptions } from './world.ts';

export interface Outcome {
  /** Absent = every promise was kept. */
  readonly broken?: { readonly promise: string; readonly message: string };
  readonly state: string;
  /** Milliseconds of virtual time. */
  readonly took: number;
  readonly writes: number;
  readonly steps: number;
}

/** Milliseconds after the last fault in which everything comes to rest: a stalled watch, a back-off, a bake and a drain. */
const SETTLES = 330_000;
/** Milliseconds of rest that are then watched. */
const REST = 120_000;

/** Milliseconds in which a new process has looked at everything. */
const RETURN = 40_000;

/** Runs one schedule to its end, or to the first promise that is not kept. Equal schedules give equal outcomes. */
export async function run(schedule: Schedule, options: WorldOptions = {}): Promise<Outcome> {
  await breath();
  const world = createWorld(schedule, options);
  const invariants = watchInvariants(world);
  const end = endOf(schedule) + SETTLES;
  let steps = 0;
  let broken: Outcome['broken'];
  const afterStep = () => {
    steps++;
    invariants.check();
  };
  try {
    await world.runUntil(end, afterStep);
    const settled = world.acts.length;
    await world.runUntil(end + REST, afterStep);
    refuse('a quiet cluster gets no requests', world.acts.slice(settled));
    const rested = world.acts.length;
    world.restart();
    await world.runUntil(end + REST + RETURN, afterStep);
    refuse(
      'a restart writes nothing',
      world.acts.slice(rested).filter(({ method }) => method !== 'GET'),
    );
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    broken = { promise: error.promise, message: error.message };
  }
  return {
    ...(broken && { broken }),
    state: finalState(world.server),
    took: world.now(),
    writes: world.acts.filter(({ method }) => method !== 'GET').length,
    steps,
  };
}

/** The Lease is renewed for ever. */
function refuse(promise: string, acts: readonly Act[]): void {
  const [first, ...others] = acts.filter(({ path }) => !path.includes('/leases'));
  if (first === undefined) return;
  throw new Broken(promise, `${first.method} ${first.path}${others.length > 0 ? `, and ${others.length} more` : ''}`);
}
