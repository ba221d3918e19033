import { describe, expect, it } from '@jest/globals';
import { createInterruptions } from './interruptions.ts';

function setUp() {
  let now = 1000;
  let ends = 0;
  const interruptions = createInterruptions(
    () => now,
    () => ends++,
  );
  const at = (time: number) => (now = time);
  return { interruptions, at, ends: () => ends, a: interruptions.watcher(), b: interruptions.watcher() };
}

describe('an interruption', () => {
  it('is none before a watch was lost, whatever begins to run', () => {
    const { interruptions, a, ends } = setUp();
    a.back();

    expect(interruptions.last()).toBeUndefined();
    expect(ends()).toBe(0);
  });

  it('is also a request without an answer, though every watch seems to run', () => {
    const { interruptions } = setUp();
    interruptions.unanswered({ since: 1000, until: 3000 });
    interruptions.unanswered({ since: 1500, until: 2000 });

    expect(interruptions.last()).toEqual({ since: 1000, until: 3000 });
  });

  it('lasts for as long as a watch is lost, whatever becomes of requests meanwhile', () => {
    const { interruptions, a, at } = setUp();
    a.lost(0);
    at(5000);
    interruptions.unanswered({ since: 400, until: 5000 });
    expect(interruptions.last()).toEqual({ since: 400 });

    at(6000);
    a.back();
    expect(interruptions.last()).toEqual({ since: 400, until: 6000 });
  });

  it('lasts from the first loss until all watches are back', () => {
    const { interruptions, a, b, at, ends } = setUp();
    a.lost(0);
    at(2000);
    b.lost(0);
    a.lost(0);
    at(3000);
    a.back();
    expect(interruptions.last()).toEqual({ since: 1000 });
    expect(ends()).toBe(0);

    at(4000);
    b.back();
    expect(interruptions.last()).toEqual({ since: 1000, until: 4000 });
    expect(ends()).toBe(1);
  });

  it('began when the last word came, not when the silence was noticed', () => {
    const { interruptions, a, b, at } = setUp();
    at(100_000);
    a.lost(0);
    b.lost(90_000);

    expect(interruptions.last()).toEqual({ since: 10_000 });
  });

  it('that is over is forgotten for the next one', () => {
    const { interruptions, a, at } = setUp();
    a.lost(0);
    a.back();
    at(9000);
    a.lost(0);

    expect(interruptions.last()).toEqual({ since: 9000 });
  });

  it('from before this process is believed as long as it has not seen one itself', () => {
    const { interruptions, a } = setUp();
    interruptions.assume({ since: 1, until: 2 });
    expect(interruptions.last()).toEqual({ since: 1, until: 2 });

    a.lost(0);
    interruptions.assume({ since: 1, until: 2 });
    expect(interruptions.last()).toEqual({ since: 1000 });
  });

  it('can be waited for', async () => {
    const { interruptions, a, b } = setUp();
    await interruptions.over();
    a.lost(0);
    b.lost(0);
    let isOver = false;
    const over = interruptions.over().then(() => (isOver = true));
    a.back();
    await Promise.resolve();
    expect(isOver).toBe(false);

    b.back();
    await over;
    expect(isOver).toBe(true);
  });
});
