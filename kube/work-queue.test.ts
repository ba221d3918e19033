import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createFakeClock } from '../test/support/fake-clock.ts';
import { createWorkQueue } from './work-queue.ts';
import type { WorkQueueOptions } from './work-queue.ts';

/** Turns take one second each, unless `work` says otherwise. */
function setUp(options: Partial<WorkQueueOptions<string>> = {}) {
  const clock = createFakeClock();
  const turns: string[] = [];
  const running = new Set<string>();
  const problems: string[] = [];
  const depths: number[] = [];
  const queue = createWorkQueue<string>({
    workers: 2,
    onFailure: () => 0,
    onDepth: depth => depths.push(depth),
    clock,
    random: () => 1,
    ...options,
    work: async key => {
      if (running.has(key)) problems.push(`${key} twice at once`);
      running.add(key);
      if (running.size > 2) problems.push('more turns than workers');
      turns.push(`${key}@${clock.now()}`);
      await new Promise<void>(resolve => clock.after(1000, resolve));
      running.delete(key);
      return options.work?.(key);
    },
  });
  return { clock, turns, running, problems, depths, queue };
}

describe('the queue', () => {
  it('works on nothing before it is resumed, remembers nothing and says that nothing waits', async () => {
    const { queue, clock, turns, depths } = setUp();
    queue.add('a');
    queue.addWithin('b', 1000);
    await clock.pass(5000);
    queue.resume();
    await clock.pass(5000);
    expect(turns).toEqual([]);
    expect(depths.every(depth => depth === 0)).toBe(true);
    expect(clock.waiting()).toEqual([]);

    queue.add('a');
    await clock.pass(0);
    expect(turns).toEqual(['a@10000']);
  });

  it('works on a key once however often it was added while it waited (C3)', async () => {
    const { queue, clock, turns } = setUp();
    queue.resume();
    for (const key of ['x', 'y']) queue.add(key);
    for (let index = 0; index < 100; index++) queue.add('a');
    await clock.pass(10_000);

    expect(turns).toEqual(['x@0', 'y@0', 'a@1000']);
  });

  it('works on a key once more, afterwards, when it was added during its turn (C3)', async () => {
    const { queue, clock, turns, problems } = setUp();
    queue.resume();
    queue.add('a');
    await clock.pass(500);
    for (let index = 0; index < 100; index++) queue.add('a');
    await clock.pass(10_000);

    expect(turns).toEqual(['a@0', 'a@1000']);
    expect(problems).toEqual([]);
  });

  it('gives every key its turn in the order of arrival, and says how many wait', async () => {
    const { queue, clock, turns, depths } = setUp();
    queue.resume();
    for (const key of ['a', 'b', 'c', 'd', 'e']) queue.add(key);
    await clock.pass(10_000);

    expect(turns).toEqual(['a@0', 'b@0', 'c@1000', 'd@1000', 'e@2000']);
    expect(Math.max(...depths)).toBe(3);
    expect(depths.at(-1)).toBe(0);
  });

  it('never works on a key twice at once, nor on more than it has workers for, nor forgets one (C3)', async () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), after: fc.nat(700), fails: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
        const failing = new Set<string>();
        const last = new Map<string, number>();
        const { queue, clock, turns, problems } = setUp({
          work: key => (failing.delete(key) ? Promise.reject(new Error('no')) : Promise.resolve(undefined)),
        });
        queue.resume();
        for (const { key, after, fails } of steps) {
          if (fails) failing.add(key);
          queue.add(key);
          last.set(key, clock.now());
          await clock.pass(after);
        }
        await clock.pass(600_000);

        expect(problems).toEqual([]);
        for (const [key, at] of last) {
          const after = turns.filter(turn => turn.startsWith(key)).map(turn => Number(turn.split('@')[1]));
          expect(Math.max(...after)).toBeGreaterThanOrEqual(at);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('a turn that fails (C6)', () => {
  it('is tried again after a delay that doubles up to a minute, and that starts anew after a success', async () => {
    let failures = 12;
    const { queue, clock, turns } = setUp({
      work: () => (failures-- > 0 ? Promise.reject(new Error('no')) : Promise.resolve(undefined)),
    });
    queue.resume();
    queue.add('a');
    await clock.pass(600_000);

    const times = turns.map(turn => Number(turn.split('@')[1]));
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0) - 1000);
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]);

    failures = 1;
    queue.add('a');
    await clock.pass(10_000);
    expect(turns).toHaveLength(15);
  });

  it('is not tried before the time that the API server asked for (C14)', async () => {
    let failures = 1;
    const { queue, clock, turns } = setUp({
      work: () => (failures-- > 0 ? Promise.reject(new Error('429')) : Promise.resolve(undefined)),
      onFailure: () => 30_000,
    });
    queue.resume();
    queue.add('a');
    await clock.pass(60_000);

    expect(turns).toEqual(['a@0', 'a@31000']);
  });

  it('does not hold up other keys', async () => {
    const { queue, clock, turns } = setUp({
      workers: 1,
      work: key => (key === 'poison' ? Promise.reject(new Error('no')) : Promise.resolve(undefined)),
    });
    queue.resume();
    queue.add('poison');
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await clock.pass(4000);

    expect(turns.slice(0, 4)).toEqual(['poison@0', 'a@1000', 'b@2000', 'c@3000']);
  });
});

describe('waking', () => {
  it('comes when the turn asked for it', async () => {
    let next: number | undefined = 30_000;
    const { queue, clock, turns } = setUp({
      work: () => {
        const answer = next;
        next = undefined;
        return Promise.resolve(answer);
      },
    });
    queue.resume();
    queue.add('a');
    await clock.pass(120_000);

    expect(turns).toEqual(['a@0', 'a@31000']);
  });

  it('comes at the earliest time that was asked for, once', async () => {
    const { queue, clock, turns } = setUp();
    queue.resume();
    queue.addWithin('a', 9000);
    queue.addWithin('a', 5000);
    queue.addWithin('a', 7000);
    await clock.pass(60_000);

    expect(turns).toEqual(['a@5000']);
  });

  it('is not needed any more when an event comes first', async () => {
    const { queue, clock, turns } = setUp();
    queue.resume();
    queue.addWithin('a', 5000);
    queue.add('a');
    await clock.pass(60_000);

    expect(turns).toEqual(['a@0']);
  });
});

describe('pausing and stopping', () => {
  it('waits for the running turns and begins no new one; what waits is forgotten', async () => {
    const { queue, clock, turns, running, depths } = setUp({ workers: 1 });
    queue.resume();
    queue.add('a');
    queue.add('b');
    await clock.pass(500);
    let paused = false;
    void queue.pause().then(() => (paused = true));
    await clock.pass(400);
    expect(paused).toBe(false);

    await clock.pass(5000);
    expect(paused).toBe(true);
    expect(running.size).toBe(0);
    expect(depths.at(-1)).toBe(0);

    queue.resume();
    queue.add('c');
    await clock.pass(1000);
    expect(turns).toEqual(['a@0', 'c@5900']);
  });

  it('for ever takes nothing in any more and leaves no timer', async () => {
    const { queue, clock, turns } = setUp();
    queue.resume();
    queue.addWithin('a', 5000);
    await queue.stop();
    queue.add('b');
    queue.resume();
    await clock.pass(60_000);

    expect(turns).toEqual([]);
    expect(clock.waiting()).toEqual([]);
  });
});
