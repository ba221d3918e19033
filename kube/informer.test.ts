import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startApiServer } from '../test/support/api-server/server.ts';
import type { ApiServer } from '../test/support/api-server/server.ts';
import { createFakeClock } from '../test/support/fake-clock.ts';
import type { FakeClock } from '../test/support/fake-clock.ts';
import { silentLog } from '../test/support/silent-log.ts';
import { until } from '../test/support/until.ts';
import { createClient } from './client.ts';
import { createInformer } from './informer.ts';
import { RESOURCES } from './resources.ts';
import type { Change, Informer, InformerOptions, KubeClient, KubeObject } from './types.ts';

interface Web {
  readonly name: string;
  readonly size: unknown;
}

let server: ApiServer;
let client: KubeClient;
let clock: FakeClock;
let changes: string[];
let restarts: number;
let lines: string[];
const informers: Informer<Web>[] = [];

beforeEach(async () => {
  server = await startApiServer([RESOURCES.services, RESOURCES.virtualServices]);
  client = createClient(server.credentials);
  clock = createFakeClock();
  changes = [];
  lines = [];
  restarts = 0;
});

afterEach(async () => {
  await Promise.all(informers.splice(0).map(informer => informer.stop()));
  await client.close();
  await server.close();
});

function put(name: string, size = 1, extra: Partial<KubeObject['metadata']> = {}): KubeObject {
  return server.put({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop', ...extra },
    spec: { size },
    status: { noise: size },
  });
}

const remove = (name: string) => server.remove(RESOURCES.services, 'shop', name);

function project({ metadata, spec }: KubeObject): Web | undefined {
  return { name: metadata.name, size: (spec as { size: unknown }).size };
}

const describeChange = ({ name, before, after }: Change<Web>) =>
  `${name} ${String(before?.size ?? '-')}→${String(after?.size ?? '-')}`;

function watchServices(options: Partial<InformerOptions<Web>> = {}): Informer<Web> {
  const informer = createInformer<Web>({
    client,
    resource: RESOURCES.services,
    project,
    onChange: change => changes.push(describeChange(change)),
    onRestart: () => restarts++,
    log: silentLog(lines),
    clock,
    random: () => 0.5,
    ...options,
  });
  informers.push(informer);
  informer.start();
  return informer;
}

/** Above every pause that an informer makes, far below its silence limit. */
const LONGEST_PAUSE = 15_000;

/** Ends every pause at once until the condition holds. */
async function untilPausesAside(what: string, holds: () => boolean): Promise<void> {
  await until(what, () => {
    const next = clock.waiting()[0];
    if (next !== undefined && next < LONGEST_PAUSE) clock.advance(next);
    return holds();
  });
}

const sizes = (informer: Informer<Web>) =>
  [...informer.values()].map(({ name, size }) => `${name}=${String(size)}`).sort();
const lists = () => server.requests.filter(request => !request.watch);
const watches = () => server.requests.filter(request => request.watch);
const isWatching = () => server.watches().length === 1;

describe('the list-watch', () => {
  it('knows what is there, what comes, what changes and what goes', async () => {
    put('a');
    const informer = watchServices();
    await informer.synced;
    await until('watching', isWatching);

    put('b');
    put('a', 2);
    remove('b');
    await until('all is told', () => changes.length === 4);

    expect(changes).toEqual(['a -→1', 'b -→1', 'a 1→2', 'b 1→-']);
    expect(sizes(informer)).toEqual(['a=2']);
    expect(informer.get('shop', 'a')).toEqual({ name: 'a', size: 2 });
  });

  it('says nothing when only what it does not keep has changed, and knows the new version', async () => {
    const first = put('a');
    const informer = watchServices();
    await until('watching', isWatching);
    const kept = informer.get('shop', 'a');

    const second = server.put({ ...first, status: { noise: 99 } });
    await until('seen', () => informer.version('shop', 'a')?.resourceVersion === second.metadata.resourceVersion);

    expect(changes).toEqual(['a -→1']);
    expect(informer.get('shop', 'a')).toBe(kept);
  });

  it('drops an object that is no longer projected', async () => {
    const informer = watchServices({
      project: object => (object.metadata.labels === undefined ? project(object) : undefined),
    });
    await until('watching', isWatching);

    put('a');
    put('a', 1, { labels: { hidden: 'true' } });
    await until('told', () => changes.length === 2);

    expect(changes).toEqual(['a -→1', 'a 1→-']);
    expect(sizes(informer)).toEqual([]);
  });

  it('is not synced before the first complete list', async () => {
    server.fault = () => ({ status: 500 });
    const informer = watchServices();

    await until('it has tried', () => server.requests.length === 1);
    expect(informer.isSynced()).toBe(false);
    server.fault = () => undefined;
    await untilPausesAside('synced', () => informer.isSynced());
  });

  it('gives lists and events to the projection alike, with kind and apiVersion (D17)', async () => {
    const kinds: unknown[] = [];
    put('a');
    watchServices({
      project: object => {
        kinds.push([object.metadata.name, object.apiVersion, object.kind]);
        return project(object);
      },
    });
    await until('watching', isWatching);
    put('b');
    await until('told', () => changes.length === 2);

    expect(kinds).toEqual([
      ['a', 'v1', 'Service'],
      ['b', 'v1', 'Service'],
    ]);
  });

  it('lists in pages and loses none (D15)', async () => {
    for (let index = 0; index < 1203; index++) put(`s${index}`);
    const informer = watchServices();
    await informer.synced;

    expect(sizes(informer)).toHaveLength(1203);
    expect(lists()).toHaveLength(3);
  });

  it('lists anew and whole when a page is no longer to be had', async () => {
    for (let index = 0; index < 600; index++) put(`s${index}`);
    server.fault = request => {
      if (!request.url.includes('continue=')) return undefined;
      put('s0', 2);
      server.collection(RESOURCES.services).compact();
      return undefined;
    };
    const informer = watchServices();
    await informer.synced;

    expect(sizes(informer)).toHaveLength(600);
    expect(lists().map(request => request.url.includes('limit='))).toEqual([true, true, false]);
  });

  it('takes 200 000 objects in one list (D16)', async () => {
    const items = Array.from({ length: 200_000 }, (_, index) => ({
      metadata: { name: `s${index}`, namespace: 'shop', uid: String(index), resourceVersion: '5' },
      spec: {},
    }));
    const many: KubeClient = {
      ...client,
      request: () => Promise.resolve({ metadata: { resourceVersion: '9' }, items }),
      stream: () => new Promise<never>(() => undefined),
    };
    let told = 0;
    const informer = createInformer<Web>({
      client: many,
      resource: RESOURCES.services,
      project,
      onChange: () => told++,
      log: silentLog(),
      clock,
    });
    informer.start();
    await informer.synced;

    expect(told).toBe(200_000);
  });

  it('asks for bookmarks and for an end within 240 to 360 s, each at another time (D11)', async () => {
    const seconds: number[] = [];
    for (const random of [0, 0.5, 0.999]) {
      const informer = watchServices({ random: () => random });
      await until('watching', isWatching);
      const query = new URLSearchParams(watches().at(-1)?.url.split('?')[1]);
      seconds.push(Number(query.get('timeoutSeconds')));
      expect(query.get('allowWatchBookmarks')).toBe('true');
      await informer.stop();
      await until('closed', () => server.watches().length === 0);
    }

    expect(seconds).toEqual([240, 300, 360]);
  });

  it('narrows by namespace and by selectors', async () => {
    put('a', 1, { labels: { app: 'x' } });
    put('b');
    server.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'c', namespace: 'other' }, spec: {} });
    const inShop = watchServices({ namespace: 'shop' });
    const labelled = watchServices({ labelSelector: 'app=x' });
    const named = watchServices({ fieldSelector: 'metadata.name=b' });
    await Promise.all([inShop.synced, labelled.synced, named.synced]);

    expect([sizes(inShop), sizes(labelled), sizes(named)]).toEqual([['a=1', 'b=1'], ['a=1'], ['b=1']]);
  });
});

describe('when a watch ends (C7)', () => {
  it('a bookmark moves the version that it goes on from (D11)', async () => {
    watchServices();
    await until('watching', isWatching);
    server.put({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'x', namespace: 'y' },
    });
    const version = String(server.store.version());
    server.watches()[0]?.bookmark();
    server.watches()[0]?.close();
    await untilPausesAside('watching again', () => watches().length === 2);

    expect(watches()[1]?.url).toContain(`resourceVersion=${version}&`.slice(0, -1));
    expect(lists()).toHaveLength(1);
  });

  const endings: Record<string, { end: (server: ApiServer) => void; lists: number }> = {
    'the server closes it: it goes on where it was': { end: ({ watches: open }) => open()[0]?.close(), lists: 1 },
    'the connection is cut: it goes on where it was (D2)': { end: ({ watches: open }) => open()[0]?.reset(), lists: 1 },
    'an event is no JSON: it goes on where it was': {
      end: ({ watches: open }) => open()[0]?.send('{"type":"MODIF\n'),
      lists: 1,
    },
    'an ERROR event other than 410 ends it as well (D13)': {
      end: ({ watches: open }) => open()[0]?.send('{"type":"ERROR","object":{"code":500,"message":"etcd"}}\n'),
      lists: 2,
    },
    'an ERROR event 410 makes it list': {
      end: ({ watches: open }) => open()[0]?.send('{"type":"ERROR","object":{"code":410,"reason":"Expired"}}\n'),
      lists: 2,
    },
    'its version is too old: it lists (D14)': {
      end: ({ watches: open, collection }) => {
        collection(RESOURCES.services).compact();
        open()[0]?.reset();
      },
      lists: 2,
    },
  };

  it.each(Object.entries(endings))('%s', async (_, { end, lists: expected }) => {
    put('a');
    put('gone');
    const informer = watchServices();
    await until('watching', isWatching);

    end(server);
    await until('ended', () => server.watches().length === 0);
    put('a', 2);
    put('b');
    remove('gone');
    if (expected === 2) server.collection(RESOURCES.services).compact();
    await untilPausesAside('caught up', () => sizes(informer).join() === 'a=2,b=1');

    expect(lists()).toHaveLength(expected);
    expect(restarts).toBeGreaterThanOrEqual(1);
    expect(changes.slice(2).sort()).toEqual(['a 1→2', 'b -→1', 'gone 1→-']);
  });

  it.each([403, 429, 500, 503])('a watch refused with %d is tried again until it is had (D2)', async status => {
    let refusals = 3;
    server.fault = request => (request.watch && refusals-- > 0 ? { status } : undefined);
    const informer = watchServices();

    await untilPausesAside('watching', isWatching);
    put('late');
    await until('seen', () => sizes(informer).length === 1);
  });

  it('a failing list is tried again until it succeeds (D3)', async () => {
    let failures = 3;
    server.fault = request => (!request.watch && failures-- > 0 ? { status: 500 } : undefined);
    put('a');
    const informer = watchServices();

    await untilPausesAside('synced', () => informer.isSynced());
    expect(sizes(informer)).toEqual(['a=1']);
  });

  it('credentials that cannot be read for a while do not end it (D10)', async () => {
    put('a');
    let failures = 3;
    const flaky = createClient({
      ...server.credentials,
      access: () => (failures-- > 0 ? Promise.reject(new Error('ENOENT')) : server.credentials.access()),
    });
    const informer = watchServices({ client: flaky });

    await untilPausesAside('synced', () => informer.isSynced());
    expect(sizes(informer)).toEqual(['a=1']);
    await informer.stop();
    await flaky.close();
  });

  it('a silent stream is left after 90 s, not before (D12, R-17)', async () => {
    const informer = watchServices();
    await until('watching', isWatching);
    server.watches()[0]?.mute();
    put('unheard');

    clock.advance(89_999);
    expect(server.watches()).toHaveLength(1);
    clock.advance(1);
    await untilPausesAside('caught up', () => sizes(informer).length === 1);

    expect(watches()).toHaveLength(2);
    expect(lists()).toHaveLength(1);
  });

  it('a bookmark a minute keeps a quiet watch open (D12)', async () => {
    const informer = watchServices();
    await until('watching', isWatching);
    for (let minute = 0; minute < 4; minute++) {
      clock.advance(60_000);
      server.watches()[0]?.bookmark();
      put('heard', minute);
      await until('heard', () => informer.get('shop', 'heard')?.size === minute);
    }

    expect(watches()).toHaveLength(1);
  });

  it('1 000 reconnects leave no socket and no handshake behind', async () => {
    watchServices();
    for (let round = 0; round < 1000; round++) {
      await untilPausesAside('watching', isWatching);
      server.watches()[0]?.close();
      await until('closed', () => server.watches().length === 0);
    }

    expect(server.handshakes()).toBeLessThanOrEqual(3);
    expect(server.openSockets()).toBeLessThanOrEqual(3);
  }, 60_000);
});

describe('what happened in a gap', () => {
  it('an object that was deleted and made again is two changes (D18)', async () => {
    put('a');
    watchServices();
    await until('watching', isWatching);
    server.watches()[0]?.mute();
    remove('a');
    put('a', 2);
    server.collection(RESOURCES.services).compact();
    server.watches()[0]?.reset();
    await untilPausesAside('told', () => changes.length === 3);

    expect(changes).toEqual(['a -→1', 'a 1→-', 'a -→2']);
  });

  it('an older version than the one that is known changes nothing (D19)', async () => {
    const old = put('a', 1);
    put('a', 2);
    const informer = watchServices();
    await until('watching', isWatching);

    server.watches()[0]?.send(`${JSON.stringify({ type: 'MODIFIED', object: old })}\n`);
    put('b');
    await until('later ones are told', () => changes.length === 2);

    expect(informer.get('shop', 'a')?.size).toBe(2);
  });

  it('U+2028 inside an event does not lose it (D20)', async () => {
    const informer = watchServices();
    await until('watching', isWatching);
    const object = {
      metadata: { name: 'a', namespace: 'shop', uid: 'u', resourceVersion: '999' },
      spec: { size: '\u2028' },
    };
    server.watches()[0]?.send(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    await until('told', () => changes.length === 1);

    expect(informer.get('shop', 'a')?.size).toBe('\u2028');
  });

  it('a handler that throws ends nothing: later events come, and the version moves on (D9)', async () => {
    const informer = watchServices({
      onChange: change => {
        changes.push(describeChange(change));
        throw new Error('bug');
      },
    });
    await until('watching', isWatching);
    put('a');
    put('b');
    await until('told', () => changes.length === 2);
    server.watches()[0]?.close();
    await untilPausesAside('watching again', () => watches().length === 2);

    expect(sizes(informer)).toEqual(['a=1', 'b=1']);
    expect(watches()[1]?.url).toContain(`resourceVersion=${server.store.version()}`);
    expect(lines.filter(line => line.includes('this is a bug'))).toHaveLength(2);
  });

  it('a projection that throws leaves what was known, because nothing would mean deleted', async () => {
    const informer = watchServices({
      project: object => {
        if ((object['spec'] as { size: number }).size === 2) throw new Error('bug');
        return project(object);
      },
    });
    await until('watching', isWatching);
    put('a', 1);
    put('a', 2);
    put('b', 3);
    await until('told', () => changes.length === 2);

    expect(sizes(informer)).toEqual(['a=1', 'b=3']);
  });
});

describe('stopping', () => {
  it('ends the watch and tells nothing more (D4, D5)', async () => {
    const informer = watchServices();
    await until('watching', isWatching);
    await informer.stop();
    await until('closed', () => server.watches().length === 0);
    put('zombie');
    clock.advance(600_000);

    expect(changes).toEqual([]);
    expect(watches()).toHaveLength(1);
  });

  it('while the list is under way opens no watch (D5)', async () => {
    server.fault = () => 'hang';
    const informer = watchServices();
    await until('listing', () => server.requests.length === 1);
    await informer.stop();

    expect(watches()).toHaveLength(0);
    expect(informer.isSynced()).toBe(false);
  });

  it('while it waits to try again ends the wait', async () => {
    server.fault = () => ({ status: 500 });
    const informer = watchServices();
    await until('waiting', () => clock.waiting().length === 1);
    await informer.stop();

    expect(clock.waiting()).toEqual([]);
  });

  it('starting twice watches once (D6)', async () => {
    const informer = watchServices();
    informer.start();
    await until('watching', isWatching);

    expect(lists()).toHaveLength(1);
    expect(watches()).toHaveLength(1);
  });
});

describe('a kind that may not be served (C12)', () => {
  it('counts as synced and empty, and is there as soon as it is served; and goes with its objects', async () => {
    server.store.unserve(RESOURCES.virtualServices);
    const served: boolean[] = [];
    const informer = watchServices({
      resource: RESOURCES.virtualServices,
      optional: true,
      onServed: is => served.push(is),
    });
    await informer.synced;
    expect(informer.isServed()).toBe(false);

    server.store.serve(RESOURCES.virtualServices);
    server.put({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'v', namespace: 'shop' },
      spec: { size: 1 },
    });
    await untilPausesAside('served', () => informer.isServed());
    expect(changes).toEqual(['v -→1']);

    await until('watching', isWatching);
    server.store.unserve(RESOURCES.virtualServices);
    server.watches()[0]?.close();
    await untilPausesAside('no longer served', () => !informer.isServed());

    expect(changes).toEqual(['v -→1', 'v 1→-']);
    expect(served).toEqual([true, false]);
  });

  it('is looked for at least every 10 s', async () => {
    server.store.unserve(RESOURCES.virtualServices);
    watchServices({ resource: RESOURCES.virtualServices, optional: true, random: () => 1 });
    for (let attempt = 1; attempt < 10; attempt++) {
      await until('it waits', () => lists().length === attempt && clock.waiting().length === 1);
      const pause = clock.waiting()[0] ?? 0;
      expect(pause).toBeLessThanOrEqual(10_000);
      clock.advance(pause);
    }
  });
});
