import { describe, expect, it } from '@jest/globals';
import { createFakeClock } from '../test/support/fake-clock.ts';
import { createContention } from './contention.ts';

const KEY = 'VirtualService/shop/shop.example.com';
const GROUP = 'Host/shop.example.com';

/** `write`: what the writer does when the object is not as wanted; answers whether it was written. */
function setUp(random = 0) {
  const clock = createFakeClock();
  const sizes: number[] = [];
  const contention = createContention(
    clock,
    () => random,
    size => sizes.push(size),
  );
  function write(wanted = 'w'): boolean {
    if (contention.restOf(KEY, wanted) > 0) return false;
    if (contention.isDue(KEY, wanted)) {
      contention.leave(KEY, { group: GROUP, by: 'argocd', wanted });
      return false;
    }
    contention.wrote(KEY, wanted);
    return true;
  }
  /** How many of so many attempts, one a second, were written. */
  function attempts(count: number, wanted?: string): number {
    let writes = 0;
    for (let index = 0; index < count; index++) {
      if (write(wanted)) writes++;
      clock.advance(1000);
    }
    return writes;
  }
  return { clock, contention, sizes, write, attempts };
}

describe('an object that somebody else reverts (R-11)', () => {
  it('is left alone after five writes that only undo that, and it is said by whom', () => {
    const { contention, attempts, sizes } = setUp();

    expect(attempts(20)).toBe(6);
    expect(contention.by(GROUP)).toBe('argocd');
    expect(contention.by('Host/other.example.com')).toBeUndefined();
    expect(sizes).toEqual([1]);
  });

  it('is written once a minute, then more and more rarely, at the least every ten minutes', () => {
    const { clock, write } = setUp();
    const times: number[] = [];
    for (let second = 0; second < 3500; second++) {
      if (write()) times.push(clock.now() / 1000);
      clock.advance(1000);
    }

    // Each try is undone a second later, and that is when the next rest begins.
    const pauses = times.slice(6).map((time, index) => time - (times[index + 5] ?? 0));
    expect(pauses).toEqual([61, 121, 241, 481, 601, 601, 601, 601]);
  });

  it('rests a little longer at random, so that two do not come back together', () => {
    const { contention } = setUp(0.999);

    const rest = contention.leave(KEY, { group: GROUP, by: 'argocd', wanted: 'w' });
    expect(rest).toBeGreaterThan(60_000);
    expect(rest).toBeLessThanOrEqual(66_000);
  });

  it('is no longer contended when a write after the rest has held for a minute', () => {
    const { clock, contention, attempts, sizes } = setUp();
    attempts(7);
    clock.advance(60_000);
    expect(attempts(1)).toBe(1);
    expect(contention.by(GROUP)).toBe('argocd');

    clock.advance(60_000);
    expect(contention.by(GROUP)).toBeUndefined();
    expect(sizes).toEqual([1, 0]);
    expect(attempts(20)).toBe(5);
  });

  it('is written at once when something else is wanted', () => {
    const { attempts } = setUp();
    attempts(7);

    expect(attempts(1, 'another')).toBe(1);
    expect(attempts(20, 'another')).toBe(0);
  });
});

describe('an object that changes much', () => {
  it('is not contended when what is wanted changes each time', () => {
    const { write, clock, sizes } = setUp();
    for (let index = 0; index < 100; index++) {
      expect(write(String(index))).toBe(true);
      clock.advance(100);
    }
    expect(sizes).toEqual([]);
  });

  it('is not contended when somebody reverts it every quarter of a minute', () => {
    const { write, clock } = setUp();
    for (let index = 0; index < 100; index++) {
      expect(write()).toBe(true);
      clock.advance(15_000);
    }
  });
});
