import { describe, expect, it } from '@jest/globals';
import { createJudge, scheduleOf } from './explore.ts';
import { VARIANTS } from './generate.ts';
import { run } from './run.ts';

/** Groups of schedules with the same operations; `make simulate` runs the others. */
const GROUPS = [0, 1, 2, 3, 4].map(group => ({ first: group * VARIANTS }));

describe('R-19, F-23: whatever happens to the cluster and to the controller', () => {
  it.each(GROUPS)('all promises are kept, from seed $first on', async ({ first }) => {
    const judge = createJudge();

    for (let seed = first; seed < first + VARIANTS; seed++) {
      expect({ seed, broken: await judge.judge(scheduleOf(seed)) }).toEqual({ seed, broken: undefined });
    }
  });

  it.each([
    { seed: 60, what: 'an Event that could not be written, when nothing else happens afterwards' },
    { seed: 1276, what: 'a time that an outage moved, and nobody waits for, told after a restart' },
    { seed: 3623, what: 'a host that is given up, since a silent watch does not show who has come' },
    { seed: 2347, what: 'an outage that no watch shows, and a request without an answer does' },
  ])('a bug that was found stays mended: $what', async ({ seed }) => {
    expect(await createJudge().judge(scheduleOf(seed))).toBeUndefined();
  });

  it('equal schedules are equal runs, to the last write', async () => {
    const seed = 4 * VARIANTS + 1;
    const lines: string[][] = [[], []];

    for (const told of lines) {
      await run(scheduleOf(seed), { tell: line => line.includes('"level"') || told.push(line) });
    }

    expect(lines[0]?.length).toBeGreaterThan(20);
    expect(lines[1]).toEqual(lines[0]);
  });
});
