import { describe, expect, it } from '@jest/globals';
import { createFakeClock } from '../test/support/fake-clock.ts';
import type { FakeClock } from '../test/support/fake-clock.ts';
import { silentLog } from '../test/support/silent-log.ts';
import { KubeError } from './kube-error.ts';
import { NotLeading, createLeader, microTime } from './leader.ts';
import type { Leader } from './leader.ts';
import type { KubeClient, KubeObject, RequestOptions } from './types.ts';

/** One Lease and the rule that makes it a lock: a write must name the version that it replaces. */
function createLeaseStore() {
  let lease: KubeObject | undefined;
  let version = 0;
  const writes: string[] = [];

  function answer({ method = 'GET', body }: RequestOptions): KubeObject {
    const fail = (status: number) => new KubeError({ code: 'answer', status, message: String(status) });
    if (method === 'GET') {
      if (lease === undefined) throw fail(404);
      return lease;
    }
    const given = body as KubeObject;
    if (method === 'POST' ? lease !== undefined : given.metadata.resourceVersion !== lease?.metadata.resourceVersion) {
      throw fail(409);
    }
    writes.push((given['spec'] as { holderIdentity: string }).holderIdentity);
    lease = { ...given, metadata: { ...given.metadata, resourceVersion: String(++version) } };
    return lease;
  }

  return {
    answer,
    writes,
    current: () => lease?.['spec'] as Record<string, unknown> | undefined,
    drop: () => (lease = undefined),
  };
}

type Store = ReturnType<typeof createLeaseStore>;

interface Candidate {
  readonly leader: Leader;
  readonly told: string[];
  /** Whether the API server can be reached. */
  connected: boolean;
  /** As its own watches have it. */
  interruptedUntil: number | undefined;
  /** Milliseconds that this machine's own clock is wrong. */
  readonly clock: FakeClock;
}

function createCandidate(identity: string, store: Store, clock: FakeClock, wallSkew = 0): Candidate {
  const told: string[] = [];
  const client: KubeClient = {
    request: async options => {
      await Promise.resolve();
      if (!candidate.connected) throw new KubeError({ code: 'unreachable', message: 'away' });
      return store.answer(options);
    },
    stream: () => Promise.reject(new Error('not used')),
    serverTime: () => 1_700_000_000_000 + clock.now() + wallSkew,
    close: () => Promise.resolve(),
  };
  const candidate: Candidate = {
    connected: true,
    interruptedUntil: undefined,
    told,
    clock,
    leader: createLeader({
      client,
      namespace: 'waymark-system',
      name: 'waymark-controller',
      identity,
      onChange: leading => told.push(`${leading ? 'leads' : 'follows'}@${clock.now()}`),
      interruptedUntil: () => candidate.interruptedUntil,
      log: silentLog(),
      clock,
      random: () => 0.5,
    }),
  };
  return candidate;
}

/** Time as one sees it who was frozen: it stands still, and then jumps. */
function freezable(real: FakeClock): FakeClock & { freeze(): void; thaw(): void } {
  const own = createFakeClock();
  let frozen = false;
  let behind = 0;
  const follow = async (milliseconds: number) => {
    if (frozen) behind += milliseconds;
    else await own.pass(milliseconds);
  };
  const pass = real.pass.bind(real);
  real.pass = async milliseconds => {
    for (let rest = milliseconds; rest > 0; rest -= 100) {
      const step = Math.min(rest, 100);
      await pass(step);
      await follow(step);
    }
  };
  return {
    ...own,
    // A frozen process does not run, but when it does it reads the right time.
    now: () => own.now() + behind,
    freeze: () => (frozen = true),
    thaw: () => (frozen = false),
  };
}

describe('one candidate', () => {
  it('leads at once and renews every two seconds', async () => {
    const store = createLeaseStore();
    const clock = createFakeClock();
    const a = createCandidate('a', store, clock);
    a.leader.start();
    await clock.pass(60_000);

    expect(a.told).toEqual(['leads@0']);
    expect(store.writes.length).toBeGreaterThanOrEqual(30);
    expect(store.writes.length).toBeLessThanOrEqual(31);
    expect(store.current()).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 });
  });

  it('steps down before others may think that it is gone, when it cannot renew (C11)', async () => {
    const clock = createFakeClock();
    const a = createCandidate('a', createLeaseStore(), clock);
    a.leader.start();
    await clock.pass(5000);
    a.connected = false;
    await clock.pass(60_000);

    expect(a.told).toEqual(['leads@0', 'follows@14000']);
    expect(a.leader.isLeading()).toBe(false);
  });

  it('leads again when it can renew again', async () => {
    const clock = createFakeClock();
    const a = createCandidate('a', createLeaseStore(), clock);
    a.leader.start();
    await clock.pass(5000);
    a.connected = false;
    await clock.pass(30_000);
    a.connected = true;
    await clock.pass(3000);

    expect(a.told.map(line => line.split('@')[0])).toEqual(['leads', 'follows', 'leads']);
  });

  it('knows until when the watches of the one before it were interrupted, also if that one dies at once (R-10)', async () => {
    const store = createLeaseStore();
    const clock = createFakeClock();
    const [first, second] = [createCandidate('a', store, clock), createCandidate('b', store, clock)];
    first.leader.start();
    await clock.pass(5000);
    first.interruptedUntil = 1_700_000_005_000;
    await clock.pass(2500);
    first.connected = false;
    second.leader.start();
    await clock.pass(30_000);

    expect(second.leader.isLeading()).toBe(true);
    expect(second.leader.wasInterruptedUntil()).toBe(1_700_000_005_000);
    expect(first.leader.wasInterruptedUntil()).toBeUndefined();
  });

  it('knows until when anybody has led before it', async () => {
    const store = createLeaseStore();
    const clock = createFakeClock();
    const first = createCandidate('a', store, clock);
    first.leader.start();
    await clock.pass(5000);
    expect(first.leader.ledUntil()).toBeUndefined();

    first.connected = false;
    const renewed = Date.parse(String(store.current()?.['renewTime']));
    await clock.pass(10_000);
    const again = createCandidate('a', store, clock);
    again.leader.start();
    await clock.pass(5000);

    expect(renewed).toBe(1_700_000_004_000);
    expect(again.leader.ledUntil()).toBe(renewed);
  });

  it('that is started again takes its own Lease back at once', async () => {
    const store = createLeaseStore();
    const clock = createFakeClock();
    createCandidate('a', store, clock).leader.start();
    await clock.pass(1000);
    const again = createCandidate('a', store, clock);
    again.leader.start();
    await clock.pass(0);

    expect(again.told).toEqual(['leads@1000']);
  });

  it('lets go when somebody deletes the Lease, and makes it anew', async () => {
    const store = createLeaseStore();
    const clock = createFakeClock();
    const a = createCandidate('a', store, clock);
    a.leader.start();
    await clock.pass(5000);
    store.drop();
    await clock.pass(10_000);

    expect(store.current()).toMatchObject({ holderIdentity: 'a' });
    expect(a.told).toEqual(['leads@0', 'follows@6000', 'leads@8000']);
  });
});

describe('two candidates (C11)', () => {
  async function setUp(skew = 0) {
    const store = createLeaseStore();
    const clock = createFakeClock();
    const a = createCandidate('a', store, clock);
    const b = createCandidate('b', store, clock, skew);
    a.leader.start();
    await clock.pass(100);
    b.leader.start();
    await clock.pass(100);
    return { store, clock, a, b };
  }

  it('have one leader, for as long as it renews', async () => {
    const { clock, a, b, store } = await setUp();
    await clock.pass(600_000);

    expect([a.told, b.told]).toEqual([['leads@0'], []]);
    expect(new Set(store.writes)).toEqual(new Set(['a']));
  });

  it.each([-3_600_000, 3_600_000])('do not care about a clock that is %d ms wrong', async skew => {
    const { clock, b, store } = await setUp(skew);
    await clock.pass(60_000);

    expect(b.told).toEqual([]);
    expect(new Set(store.writes)).toEqual(new Set(['a']));
  });

  it('never lead at the same time, and the other one leads within the lease and a look', async () => {
    const { clock, a, b } = await setUp();
    await clock.pass(4900);
    a.connected = false;
    let both = false;
    let since = 0;
    while (!b.leader.isLeading() && clock.now() < 60_000) {
      await clock.pass(100);
      both ||= a.leader.isLeading() && b.leader.isLeading();
      since += 100;
    }

    expect(both).toBe(false);
    expect(a.leader.isLeading()).toBe(false);
    expect(since).toBeLessThanOrEqual(15_000 + 2200);
  });

  it('hand over at once when the leader stops', async () => {
    const { clock, a, b, store } = await setUp();
    const stopped = a.leader.stop();
    await clock.pass(0);
    await stopped;
    expect(store.current()).toMatchObject({ holderIdentity: '' });
    await clock.pass(2200);

    expect(b.leader.isLeading()).toBe(true);
    expect(store.current()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  it('a leader that was frozen knows at once, on waking, that it leads no more, and takes nothing back', async () => {
    const store = createLeaseStore();
    const clock = createFakeClock();
    const own = freezable(clock);
    const a = createCandidate('a', store, own);
    const b = createCandidate('b', store, clock);
    a.leader.start();
    await clock.pass(500);
    b.leader.start();
    await clock.pass(5000);
    own.freeze();
    await clock.pass(20_000);
    expect(b.leader.isLeading()).toBe(true);

    own.thaw();
    expect(a.leader.isLeading()).toBe(false);
    await expect(a.leader.fence()).rejects.toThrow(NotLeading);
    await clock.pass(60_000);

    expect([a.leader.isLeading(), b.leader.isLeading()]).toEqual([false, true]);
    expect(a.told.map(line => line.split('@')[0])).toEqual(['leads', 'follows']);
  });
});

describe('the fence (R-18)', () => {
  it('lets the holder through', async () => {
    const clock = createFakeClock();
    const a = createCandidate('a', createLeaseStore(), clock);
    a.leader.start();
    await clock.pass(0);

    await a.leader.fence();
  });

  it('stops one whose Lease was taken, before it has noticed', async () => {
    const store = createLeaseStore();
    const clock = createFakeClock();
    const a = createCandidate('a', store, clock);
    a.leader.start();
    await clock.pass(0);
    const { resourceVersion } = store.answer({ path: '' }).metadata;
    const spec = { ...store.current(), holderIdentity: 'b' };
    store.answer({ method: 'PUT', path: '', body: { metadata: { name: 'x', resourceVersion }, spec } });

    expect(a.leader.isLeading()).toBe(true);
    await expect(a.leader.fence()).rejects.toThrow(NotLeading);
  });

  it('stops one that cannot ask', async () => {
    const clock = createFakeClock();
    const a = createCandidate('a', createLeaseStore(), clock);
    a.leader.start();
    await clock.pass(0);
    a.connected = false;

    await expect(a.leader.fence()).rejects.toThrow(KubeError);
  });
});

it('times are written with six digits of a second', () => {
  expect(microTime(Date.parse('2026-01-02T03:04:05.006Z'))).toBe('2026-01-02T03:04:05.006000Z');
});
