import { describe, expect, it } from '@jest/globals';
import { contents, keep, useServiceWatch } from '../test/support/service-watch.ts';
import type { Kept } from '../test/support/service-watch.ts';
import { silentLog } from '../test/support/silent-log.ts';
import { until } from '../test/support/until.ts';
import { createInformer } from './informer.ts';
import { RESOURCES } from './resources.ts';
import type { KubeClient } from './types.ts';

const world = useServiceWatch();

describe('the list-watch', () => {
  it('knows what is there, what comes, what world().changes and what goes', async () => {
    world().put('a');
    const informer = world().start();
    await informer.synced;
    await until('watching', () => world().isWatching());

    world().put('b');
    world().put('a', 2);
    world().remove('b');
    await until('all is told', () => world().changes.length === 4);

    expect(world().changes).toEqual(['a -→1', 'b -→1', 'a 1→2', 'b 1→-']);
    expect(contents(informer)).toEqual(['a=2']);
    expect(informer.get('shop', 'a')).toEqual({ name: 'a', size: 2 });
  });

  it('says nothing when only what it does not keep has changed, and knows the new version', async () => {
    const first = world().put('a');
    const informer = world().start();
    await until('watching', () => world().isWatching());
    const kept = informer.get('shop', 'a');

    const second = world().server.put({ ...first, status: { noise: 99 } });
    await until('seen', () => informer.version('shop', 'a')?.resourceVersion === second.metadata.resourceVersion);

    expect(world().changes).toEqual(['a -→1']);
    expect(informer.get('shop', 'a')).toBe(kept);
  });

  it('drops an object that is no longer projected', async () => {
    const informer = world().start({
      project: object => (object.metadata.labels === undefined ? keep(object) : undefined),
    });
    await until('watching', () => world().isWatching());

    world().put('a');
    world().put('a', 1, { labels: { hidden: 'true' } });
    await until('told', () => world().changes.length === 2);

    expect(world().changes).toEqual(['a -→1', 'a 1→-']);
    expect(contents(informer)).toEqual([]);
  });

  it('is not synced before the first complete list', async () => {
    world().server.fault = () => ({ status: 500 });
    const informer = world().start();

    await until('it has tried', () => world().server.requests.length === 1);
    expect(informer.isSynced()).toBe(false);
    world().server.fault = () => undefined;
    await world().hurry('synced', () => informer.isSynced());
  });

  it('gives lists and events to the projection alike, with kind and apiVersion (D17)', async () => {
    const kinds: unknown[] = [];
    world().put('a');
    world().start({
      project: object => {
        kinds.push([object.metadata.name, object.apiVersion, object.kind]);
        return keep(object);
      },
    });
    await until('watching', () => world().isWatching());
    world().put('b');
    await until('told', () => world().changes.length === 2);

    expect(kinds).toEqual([
      ['a', 'v1', 'Service'],
      ['b', 'v1', 'Service'],
    ]);
  });

  it('lists in pages and loses none (D15)', async () => {
    for (let index = 0; index < 1203; index++) world().put(`s${index}`);
    const informer = world().start();
    await informer.synced;

    expect(contents(informer)).toHaveLength(1203);
    expect(world().lists()).toHaveLength(13);
  });

  it('lists anew and whole when a page is no longer to be had', async () => {
    for (let index = 0; index < 600; index++) world().put(`s${index}`);
    world().server.fault = request => {
      if (!request.url.includes('continue=')) return undefined;
      world().put('s0', 2);
      world().server.collection(RESOURCES.services).compact();
      return undefined;
    };
    const informer = world().start();
    await informer.synced;

    expect(contents(informer)).toHaveLength(600);
    expect(
      world()
        .lists()
        .map(request => request.url.includes('limit=')),
    ).toEqual([true, true, false]);
  });

  it('takes 200 000 objects in one list (D16)', async () => {
    const items = Array.from({ length: 200_000 }, (_, index) => ({
      metadata: { name: `s${index}`, namespace: 'shop', uid: String(index), resourceVersion: '5' },
      spec: {},
    }));
    const many: KubeClient = {
      ...world().client,
      request: () => Promise.resolve({ metadata: { resourceVersion: '9' }, items }),
      stream: () => new Promise<never>(() => undefined),
    };
    let told = 0;
    const informer = createInformer<Kept>({
      client: many,
      resource: RESOURCES.services,
      project: keep,
      onChange: () => told++,
      log: silentLog(),
      clock: world().clock,
    });
    informer.start();
    await informer.synced;

    expect(told).toBe(200_000);
  });

  it('asks for bookmarks and for an end within 240 to 360 s, each at another time (D11)', async () => {
    const seconds: number[] = [];
    for (const random of [0, 0.5, 0.999]) {
      const informer = world().start({ random: () => random });
      await until('watching', () => world().isWatching());
      const query = new URLSearchParams(world().watches().at(-1)?.url.split('?')[1]);
      seconds.push(Number(query.get('timeoutSeconds')));
      expect(query.get('allowWatchBookmarks')).toBe('true');
      await informer.stop();
      await until('closed', () => world().server.watches().length === 0);
    }

    expect(seconds).toEqual([240, 300, 360]);
  });

  it('narrows by namespace and by selectors', async () => {
    world().put('a', 1, { labels: { app: 'x' } });
    world().put('b');
    world().server.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'c', namespace: 'other' }, spec: {} });
    const inShop = world().start({ namespace: 'shop' });
    const labelled = world().start({ labelSelector: 'app=x' });
    const named = world().start({ fieldSelector: 'metadata.name=b' });
    await Promise.all([inShop.synced, labelled.synced, named.synced]);

    expect([contents(inShop), contents(labelled), contents(named)]).toEqual([['a=1', 'b=1'], ['a=1'], ['b=1']]);
  });
});

describe('what happened in a gap', () => {
  it('an object that was deleted and made again is two world().changes (D18)', async () => {
    world().put('a');
    world().start();
    await until('watching', () => world().isWatching());
    world().server.watches()[0]?.mute();
    world().remove('a');
    world().put('a', 2);
    world().server.collection(RESOURCES.services).compact();
    world().server.watches()[0]?.reset();
    await world().hurry('told', () => world().changes.length === 3);

    expect(world().changes).toEqual(['a -→1', 'a 1→-', 'a -→2']);
  });

  it('an older version than the one that is known world().changes nothing (D19)', async () => {
    const old = world().put('a', 1);
    world().put('a', 2);
    const informer = world().start();
    await until('watching', () => world().isWatching());

    world()
      .server.watches()[0]
      ?.send(`${JSON.stringify({ type: 'MODIFIED', object: old })}\n`);
    world().put('b');
    await until('later ones are told', () => world().changes.length === 2);

    expect(informer.get('shop', 'a')?.size).toBe(2);
  });

  it('U+2028 inside an event does not lose it (D20)', async () => {
    const informer = world().start();
    await until('watching', () => world().isWatching());
    const object = {
      metadata: { name: 'a', namespace: 'shop', uid: 'u', resourceVersion: '999' },
      spec: { size: '\u2028' },
    };
    world()
      .server.watches()[0]
      ?.send(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    await until('told', () => world().changes.length === 1);

    expect(informer.get('shop', 'a')?.size).toBe('\u2028');
  });

  it('a handler that throws ends nothing: later events come, and the version moves on (D9)', async () => {
    const informer = world().start({
      onChange: change => {
        world().changes.push(change.name);
        throw new Error('bug');
      },
    });
    await until('watching', () => world().isWatching());
    world().put('a');
    world().put('b');
    await until('told', () => world().changes.length === 2);
    world().server.watches()[0]?.close();
    await world().hurry('watching again', () => world().watches().length === 2);

    expect(contents(informer)).toEqual(['a=1', 'b=1']);
    expect(world().watches()[1]?.url).toContain(`resourceVersion=${world().server.store.version()}`);
    expect(world().logged.filter(line => line.includes('this is a bug'))).toHaveLength(2);
  });

  it('a projection that throws leaves what was known, because nothing would mean deleted', async () => {
    const informer = world().start({
      project: object => {
        if ((object['spec'] as { size: number }).size === 2) throw new Error('bug');
        return keep(object);
      },
    });
    await until('watching', () => world().isWatching());
    world().put('a', 1);
    world().put('a', 2);
    world().put('b', 3);
    await until('told', () => world().changes.length === 2);

    expect(contents(informer)).toEqual(['a=1', 'b=3']);
  });
});

describe('stopping', () => {
  it('ends the watch and tells nothing more (D4, D5)', async () => {
    const informer = world().start();
    await until('watching', () => world().isWatching());
    await informer.stop();
    await until('closed', () => world().server.watches().length === 0);
    world().put('zombie');
    world().clock.advance(600_000);

    expect(world().changes).toEqual([]);
    expect(world().watches()).toHaveLength(1);
  });

  it('while the list is under way opens no watch (D5)', async () => {
    world().server.fault = () => 'hang';
    const informer = world().start();
    await until('listing', () => world().server.requests.length === 1);
    await informer.stop();

    expect(world().watches()).toHaveLength(0);
    expect(informer.isSynced()).toBe(false);
  });

  it('while it waits to try again ends the wait', async () => {
    world().server.fault = () => ({ status: 500 });
    const informer = world().start();
    await until('waiting', () => world().clock.waiting().length === 1);
    await informer.stop();

    expect(world().clock.waiting()).toEqual([]);
  });

  it('starting twice watches once (D6)', async () => {
    const informer = world().start();
    informer.start();
    await until('watching', () => world().isWatching());

    expect(world().lists()).toHaveLength(1);
    expect(world().watches()).toHaveLength(1);
  });
});

describe('a kind that may not be served (C12)', () => {
  it('counts as synced and empty, and is there as soon as it is served; and goes with its objects', async () => {
    world().server.store.unserve(RESOURCES.virtualServices);
    const served: boolean[] = [];
    const informer = world().start({
      resource: RESOURCES.virtualServices,
      optional: true,
      onServed: is => served.push(is),
    });
    await informer.synced;
    expect(informer.isServed()).toBe(false);

    world().server.store.serve(RESOURCES.virtualServices);
    world().server.put({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'v', namespace: 'shop' },
      spec: { size: 1 },
    });
    await world().hurry('served', () => informer.isServed());
    expect(world().changes).toEqual(['v -→1']);

    await until('watching', () => world().isWatching());
    world().server.store.unserve(RESOURCES.virtualServices);
    world().server.watches()[0]?.close();
    await world().hurry('no longer served', () => !informer.isServed());

    expect(world().changes).toEqual(['v -→1', 'v 1→-']);
    expect(served).toEqual([true, false]);
  });

  it('is looked for at least every 10 s', async () => {
    world().server.store.unserve(RESOURCES.virtualServices);
    world().start({ resource: RESOURCES.virtualServices, optional: true, random: () => 1 });
    for (let attempt = 1; attempt < 10; attempt++) {
      await until('it waits', () => world().lists().length === attempt && world().clock.waiting().length === 1);
      const pause = world().clock.waiting()[0] ?? 0;
      expect(pause).toBeLessThanOrEqual(10_000);
      world().clock.advance(pause);
    }
  });

  it('is left alone where its coming is told otherwise, and looked for at once when it is', async () => {
    world().server.store.unserve(RESOURCES.virtualServices);
    const informer = world().start({ resource: RESOURCES.virtualServices, optional: true, isExpected: () => false });
    await informer.synced;
    await until('it waits', () => world().clock.waiting().length === 1);
    world().clock.advance(240_000);
    expect(world().lists()).toHaveLength(1);

    world().server.store.serve(RESOURCES.virtualServices);
    informer.retry();
    await until('served', () => informer.isServed());
    expect(world().lists()).toHaveLength(2);
  });
});
