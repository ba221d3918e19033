import { describe, expect, it } from '@jest/globals';
import { createJudge, explore, scheduleOf } from './explore.ts';
import type { Sabotage } from './process.ts';
import { claimWithoutLock, lostSize, retireBeforeDrain, weightBeforeReady, writesInALoop } from './sabotage.ts';

interface Case {
  readonly name: string;
  readonly sabotage: Sabotage;
  readonly promise: string;
  /** A seed from which on it is found soon. */
  readonly from: number;
}

const SEEDS = 60;

describe('the simulator finds', () => {
  it.each<Case>([
    {
      name: 'R-09, R-10: a version that is retired before its requests have come to an end',
      sabotage: retireBeforeDrain,
      promise: 'no ready version that bears traffic is scaled down',
      from: 0,
    },
    {
      name: 'R-09: requests for a version that is not ready',
      sabotage: weightBeforeReady,
      promise: 'no share to a version that is not ready',
      from: 2,
    },
    {
      name: 'R-21: a size that is not remembered',
      sabotage: lostSize,
      promise: 'the size before retirement is remembered',
      from: 0,
    },
    { name: 'R-11: writes without end', sabotage: writesInALoop, promise: 'no storm of writes', from: 0 },
    {
      name: 'F-01: a host that is claimed without a lock',
      sabotage: claimWithoutLock,
      promise: 'ownership never flips',
      from: 108,
    },
  ])('$name', async ({ sabotage, promise, from }) => {
    const { judge } = createJudge({ sabotage });
    const found: string[] = [];
    const isFound = () => found.some(one => one.startsWith(promise));

    for (let seed = from; seed < from + SEEDS && !isFound(); seed++) {
      found.push((await judge(scheduleOf(seed)))?.promise ?? '');
    }

    expect(isFound()).toBe(true);
  });

  it('what breaks a promise, and leaves out what does not', async () => {
    const failure = await explore(0, SEEDS, { sabotage: lostSize }, 'the size before retirement is remembered');

    expect(failure?.schedule.operations.length).toBeLessThan(3);
    expect(failure?.schedule.faults).toEqual([]);
  });
});
