import { describe, expect, it } from '@jest/globals';
import type { ApiServer } from '../test/support/api-server/server.ts';
import { contents, useServiceWatch } from '../test/support/service-watch.ts';
import { until } from '../test/support/until.ts';
import { createClient } from './client.ts';
import { RESOURCES } from './resources.ts';

const world = useServiceWatch();

describe('when a watch ends (C7)', () => {
  it('a bookmark moves the version that it goes on from (D11)', async () => {
    world().start();
    await until('watching', () => world().isWatching());
    world().server.put({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'x', namespace: 'y' },
    });
    const version = String(world().server.store.version());
    world().server.watches()[0]?.bookmark();
    world().server.watches()[0]?.close();
    await world().hurry('watching again', () => world().watches().length === 2);

    expect(world().watches()[1]?.url).toContain(`resourceVersion=${version}&`.slice(0, -1));
    expect(world().lists()).toHaveLength(1);
  });

  const endings: Record<string, { end: (api: ApiServer) => void; lists: number }> = {
    'the world().server closes it: it goes on where it was': { end: api => api.watches()[0]?.close(), lists: 1 },
    'the connection is cut: it goes on where it was (D2)': { end: api => api.watches()[0]?.reset(), lists: 1 },
    'an event is no JSON: it goes on where it was': {
      end: api => api.watches()[0]?.send('{"type":"MODIF\n'),
      lists: 1,
    },
    'an ERROR event other than 410 ends it as well (D13)': {
      end: api => api.watches()[0]?.send('{"type":"ERROR","object":{"code":500,"message":"etcd"}}\n'),
      lists: 2,
    },
    'an ERROR event 410 makes it list': {
      end: api => api.watches()[0]?.send('{"type":"ERROR","object":{"code":410,"reason":"Expired"}}\n'),
      lists: 2,
    },
    'its version is too old: it lists (D14)': {
      end: api => {
        api.collection(RESOURCES.services).compact();
        api.watches()[0]?.reset();
      },
      lists: 2,
    },
  };

  it.each(Object.entries(endings))('%s', async (_, { end, lists: expected }) => {
    world().put('a');
    world().put('gone');
    const informer = world().start();
    await until('watching', () => world().isWatching());

    end(world().server);
    await until('ended', () => world().server.watches().length === 0);
    world().put('a', 2);
    world().put('b');
    world().remove('gone');
    if (expected === 2) world().server.collection(RESOURCES.services).compact();
    await world().hurry('caught up', () => contents(informer).join() === 'a=2,b=1');

    expect(world().lists()).toHaveLength(expected);
    expect(world().restarts()).toBeGreaterThanOrEqual(1);
    expect(world().changes.slice(2).sort()).toEqual(['a 1→2', 'b -→1', 'gone 1→-']);
  });

  it.each([403, 429, 500, 503])('a watch refused with %d is tried again until it is had (D2)', async status => {
    let refusals = 3;
    world().server.fault = request => (request.watch && refusals-- > 0 ? { status } : undefined);
    const informer = world().start();

    await world().hurry('watching', () => world().isWatching());
    world().put('late');
    await until('seen', () => contents(informer).length === 1);
  });

  it('a failing list is tried again until it succeeds (D3)', async () => {
    let failures = 3;
    world().server.fault = request => (!request.watch && failures-- > 0 ? { status: 500 } : undefined);
    world().put('a');
    const informer = world().start();

    await world().hurry('synced', () => informer.isSynced());
    expect(contents(informer)).toEqual(['a=1']);
  });

  it('credentials that cannot be read for a while do not end it (D10)', async () => {
    world().put('a');
    let failures = 3;
    const flaky = createClient({
      ...world().server.credentials,
      access: () => (failures-- > 0 ? Promise.reject(new Error('ENOENT')) : world().server.credentials.access()),
    });
    const informer = world().start({ client: flaky });

    await world().hurry('synced', () => informer.isSynced());
    expect(contents(informer)).toEqual(['a=1']);
    await informer.stop();
    await flaky.close();
  });

  it('a silent stream is left after 90 s, not before (D12, R-17)', async () => {
    const informer = world().start();
    await until('watching', () => world().isWatching());
    world().server.watches()[0]?.mute();
    world().put('unheard');

    world().clock.advance(89_999);
    expect(world().server.watches()).toHaveLength(1);
    world().clock.advance(1);
    await world().hurry('caught up', () => contents(informer).length === 1);

    expect(world().watches()).toHaveLength(2);
    expect(world().lists()).toHaveLength(1);
  });

  it('a watch that breaks is lost until there is one again; one that ends in its time is not', async () => {
    const told: string[] = [];
    const watcher = {
      lost: (silent: number) => told.push(`lost after ${silent}`),
      back: () => told.push('back'),
    };
    world().start({ watcher, random: () => 0 });
    await until('watching', () => told.length === 1);
    expect(told).toEqual(['back']);

    world().server.watches()[0]?.reset();
    await until('lost', () => told.length === 2);
    await world().hurry('back', () => told.length === 3);
    expect(told.slice(1)).toEqual(['lost after 0', 'back']);

    world().server.watches()[0]?.mute();
    world().clock.advance(90_000);
    await world().hurry('back', () => told.length === 5);
    expect(told.slice(3)).toEqual(['lost after 90000', 'back']);

    for (let minute = 0; minute < 4; minute++) {
      world().clock.advance(60_000);
      world().server.watches()[0]?.bookmark();
      world().put('heard', minute);
      await until('heard', () => world().changes.length === minute + 1);
    }
    world().server.watches()[0]?.close();
    await world().hurry('watching again', () => told.length === 6);
    expect(told.slice(5)).toEqual(['back']);
  });

  it('a bookmark a minute keeps a quiet watch open (D12)', async () => {
    const informer = world().start();
    await until('watching', () => world().isWatching());
    for (let minute = 0; minute < 4; minute++) {
      world().clock.advance(60_000);
      world().server.watches()[0]?.bookmark();
      world().put('heard', minute);
      await until('heard', () => informer.get('shop', 'heard')?.size === minute);
    }

    expect(world().watches()).toHaveLength(1);
  });

  it('1 000 reconnects leave no socket and no handshake behind', async () => {
    world().start();
    for (let round = 0; round < 1000; round++) {
      await world().hurry('watching', () => world().isWatching());
      world().server.watches()[0]?.close();
      await until('closed', () => world().server.watches().length === 0);
    }

    expect(world().server.handshakes()).toBeLessThanOrEqual(3);
    expect(world().server.openSockets()).toBeLessThanOrEqual(3);
  }, 60_000);
});
