import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startApiServer } from '../test/support/api-server/server.ts';
import type { ApiServer } from '../test/support/api-server/server.ts';
import { createFakeClock } from '../test/support/fake-clock.ts';
import { silentLog } from '../test/support/silent-log.ts';
import { until } from '../test/support/until.ts';
import { createClient } from './client.ts';
import { createInformer } from './informer.ts';
import { KubeError } from './kube-error.ts';
import { RESOURCES } from './resources.ts';
import type { KubeClient } from './types.ts';

type Step =
  | { readonly do: 'put'; readonly name: string; readonly size: number }
  | { readonly do: 'recreate'; readonly name: string }
  | { readonly do: 'remove'; readonly name: string }
  | { readonly do: 'close' | 'reset' | 'mute' | 'bookmark' | 'compact' | 'garble' | 'catch up' }
  | { readonly do: 'error'; readonly code: number }
  | { readonly do: 'fail'; readonly status: number; readonly times: number }
  | { readonly do: 'wait'; readonly milliseconds: number };

const name = fc.constantFrom('a', 'b', 'c', 'd');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), name, size: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), name }) },
  fc.record({ do: fc.constant('recreate' as const), name }),
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('close', 'reset', 'mute', 'bookmark', 'compact', 'garble', 'catch up'),
    }),
  },
  fc.record({ do: fc.constant('error' as const), code: fc.constantFrom(410, 500, 429) }),
  fc.record({
    do: fc.constant('fail' as const),
    status: fc.constantFrom(0, 410, 429, 500, 503),
    times: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ do: fc.constant('wait' as const), milliseconds: fc.constantFrom(1000, 10_000, 100_000) }),
);

describe('a cache', () => {
  let server: ApiServer;
  let client: KubeClient;

  beforeAll(async () => {
    server = await startApiServer([RESOURCES.services]);
    client = createClient(server.credentials);
  });
  afterAll(async () => {
    await client.close();
    await server.close();
  });

  const path = { apiVersion: 'v1', kind: 'Service' };
  const put = (object: string, size: number) =>
    server.put({ ...path, metadata: { name: object, namespace: 'shop' }, spec: { size } });
  const remove = (object: string) => server.remove(RESOURCES.services, 'shop', object);
  const stored = () =>
    server
      .collection(RESOURCES.services)
      .list()
      .map(
        object =>
          `${object.metadata.name} ${String(object.metadata.uid)} ${String((object['spec'] as { size: number }).size)}`,
      );

  function take(action: Step, clock: ReturnType<typeof createFakeClock>): void {
    const watch = server.watches()[0];
    switch (action.do) {
      case 'put':
        put(action.name, action.size);
        break;
      case 'remove':
        remove(action.name);
        break;
      case 'recreate':
        remove(action.name);
        put(action.name, 9);
        break;
      case 'compact':
        server.collection(RESOURCES.services).compact();
        break;
      case 'garble':
        watch?.send('{"type":"MODIFIED","obj\n');
        break;
      case 'error':
        watch?.send(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: action.code } })}\n`);
        break;
      case 'fail': {
        let times = action.times;
        server.fault = () => (times-- > 0 ? (action.status === 0 ? 'reset' : { status: action.status }) : undefined);
        break;
      }
      case 'wait':
        clock.advance(action.milliseconds);
        break;
      case 'catch up':
        break;
      default:
        watch?.[action.do]();
    }
  }

  it('equals what the server holds, whatever happened to the watch, and its changes add up to it (C7)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
        const clock = createFakeClock();
        const told = new Map<string, string>();
        const contradictions: string[] = [];
        const informer = createInformer<string>({
          client,
          resource: RESOURCES.services,
          project: ({ metadata, spec }) =>
            `${metadata.name} ${metadata.uid ?? ''} ${String((spec as { size: number }).size)}`,
          onChange: ({ name: object, before, after }) => {
            if (told.get(object) !== before)
              contradictions.push(`${object}: ${String(told.get(object))}, not ${String(before)}`);
            if (after === undefined) told.delete(object);
            else told.set(object, after);
          },
          log: silentLog(),
          clock,
        });
        informer.start();
        for (const action of steps) {
          take(action, clock);
          if (action.do === 'catch up')
            for (let turn = 0; turn < 30; turn++) await new Promise(resolve => setImmediate(resolve));
        }
        server.fault = () => undefined;

        // Pauses end at once. A muted stream is left only after its silence limit: that much time passes now and then,
        // seldom enough for a good stream to deliver meanwhile.
        let turns = 0;
        await until('the cache has caught up', () => {
          const next = clock.waiting()[0];
          if (next !== undefined && (next < 15_000 || ++turns % 500 === 0)) clock.advance(next);
          return [...informer.values()].sort().join() === stored().join();
        });
        await informer.stop();
        await until('no watch is left', () => server.watches().length === 0);

        expect(contradictions).toEqual([]);
        expect([...told.values()].sort()).toEqual(stored());
      }),
      { numRuns: 60, endOnFailure: true },
    );
  }, 60_000);
});

describe('a server that refuses or hangs up', () => {
  interface Storm {
    readonly stream: () => Promise<AsyncIterable<string>>;
    readonly list?: () => unknown;
    /** Seconds that are looked at. */
    readonly over: number;
    readonly atMost: number;
    readonly atLeast: number;
  }
  const refusal = (status: number, retryAfter?: number) =>
    Promise.reject(new KubeError({ code: 'answer', status, retryAfter, message: 'no' }));
  async function* oneEvent() {
    const object = { metadata: { name: 'a', namespace: 'shop', uid: 'u', resourceVersion: '7' }, spec: { size: 1 } };
    yield await Promise.resolve(JSON.stringify({ type: 'ADDED', object }));
  }
  async function* oneEventAndACut() {
    yield* oneEvent();
    await refusal(0);
  }

  const storms: Record<string, Storm> = {
    'that closes after each event is asked once a second (D8)': {
      stream: () => Promise.resolve(oneEvent()),
      over: 3,
      atLeast: 3,
      atMost: 4,
    },
    'that cuts the connection after each event is asked less and less (D8)': {
      stream: () => Promise.resolve(oneEventAndACut()),
      over: 60,
      atLeast: 6,
      atMost: 15,
    },
    'that answers 503 is asked less and less, but at least every 10 s (D7)': {
      stream: () => refusal(503),
      over: 60,
      atLeast: 6,
      atMost: 15,
    },
    'that names a time to wait is asked no earlier (D7, C14)': {
      stream: () => refusal(429, 30_000),
      over: 60,
      atLeast: 2,
      atMost: 3,
    },
    'that takes no version after a list is listed less and less (D14)': {
      stream: () => refusal(410),
      over: 60,
      atLeast: 6,
      atMost: 15,
    },
    'that cannot list is asked less and less': {
      stream: () => refusal(500),
      list: () => refusal(500),
      over: 60,
      atLeast: 0,
      atMost: 0,
    },
  };

  it.each(Object.entries(storms))('%s', async (_, { stream, list, over, atLeast, atMost }) => {
    const clock = createFakeClock();
    let watches = 0;
    let lists = 0;
    const client: KubeClient = {
      request: () => {
        lists++;
        return Promise.resolve(list === undefined ? { metadata: { resourceVersion: '5' }, items: [] } : list());
      },
      stream: () => {
        watches++;
        return stream();
      },
      serverTime: () => 0,
      close: () => Promise.resolve(),
    };
    const informer = createInformer({
      client,
      resource: RESOURCES.services,
      project: object => object.metadata.name,
      log: silentLog(),
      clock,
      random: () => 0.99,
    });

    informer.start();
    await clock.pass(over * 1000);
    await informer.stop();

    expect(watches).toBeGreaterThanOrEqual(atLeast);
    expect(watches).toBeLessThanOrEqual(atMost);
    expect(lists).toBeLessThanOrEqual(15);
  });
});
