import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startApiServer } from '../test/support/api-server/server.ts';
import type { ApiServer } from '../test/support/api-server/server.ts';
import { createFakeClock } from '../test/support/fake-clock.ts';
import { createApplier, liveOf } from './apply.ts';
import type { Applied, Applier, Live } from './apply.ts';
import { createClient } from './client.ts';
import { RESOURCES } from './resources.ts';
import { createTokenBucket, limitWrites } from './token-bucket.ts';
import type { KubeClient, KubeObject } from './types.ts';

const resource = RESOURCES.services;
const OURS = { 'app.kubernetes.io/managed-by': 'waymark' };

let server: ApiServer;
let client: KubeClient;
let applier: Applier;
let writes: string[];

beforeEach(async () => {
  server = await startApiServer([resource]);
  client = createClient(server.credentials);
  writes = [];
  applier = createApplier({ client, manager: 'waymark', onWrite: (kind, verb) => writes.push(`${verb} ${kind}`) });
});

afterEach(async () => {
  await client.close();
  await server.close();
});

function service(port: number, extra: Record<string, unknown> = {}): KubeObject {
  const ports = [{ name: 'http', port, protocol: 'TCP', targetPort: port }];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop', labels: OURS },
    spec: { selector: { app: 'web' }, ports, ...extra },
  };
}

const stored = () => server.collection(resource).get('shop', 'web');
const isOurs = ({ metadata }: KubeObject) => metadata.labels?.['app.kubernetes.io/managed-by'] === 'waymark';
const apply = (desired: KubeObject, live?: Live): Promise<Applied> =>
  applier.apply({ resource, desired, live, isOurs });
function live(): Live {
  const object = stored();
  if (object === undefined) throw new Error('not there');
  return liveOf(object, 'waymark');
}

/** What another client does to the stored object, as a manager that takes what it changes. */
async function edit(changes: Record<string, unknown>): Promise<void> {
  const object = stored();
  await client.request({
    method: 'PATCH',
    path: '/api/v1/namespaces/shop/services/web',
    contentType: 'application/merge-patch+json',
    body: { spec: { ...(object?.['spec'] as object), ...changes } },
  });
}

describe('applying', () => {
  it('creates what is not there, after a look, without force', async () => {
    const { outcome } = await apply(service(80));

    expect(outcome).toBe('written');
    expect(stored()).toMatchObject(service(80));
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /api/v1/namespaces/shop/services/web',
      'PATCH /api/v1/namespaces/shop/services/web?fieldManager=waymark&force=false',
    ]);
  });

  it('writes nothing when nothing differs (C2, R-16)', async () => {
    await apply(service(80));
    server.requests.splice(0);

    expect(await apply(service(80), live())).toEqual({ outcome: 'unchanged' });
    expect(server.requests).toEqual([]);
  });

  it('writes nothing either when the caches did not know it yet', async () => {
    await apply(service(80));

    expect(await apply(service(80))).toEqual({ outcome: 'unchanged' });
    expect(writes).toHaveLength(1);
  });

  it('takes away what is not wanted any more', async () => {
    await apply(service(80, { type: 'ClusterIP' }));
    await apply(service(81), live());

    expect(stored()?.['spec']).toEqual(service(81)['spec']);
  });

  it('heals what somebody changed, and leaves what is not ours (C9)', async () => {
    await apply(service(80));
    await edit({ selector: { app: 'evil' }, sessionAffinity: 'ClientIP' });

    expect((await apply(service(80), live())).outcome).toBe('written');
    expect(stored()?.['spec']).toMatchObject({ selector: { app: 'web' }, sessionAffinity: 'ClientIP' });
  });

  it.each(['http', 'other'])('takes back a port whose number somebody changed, under the name %s (C9)', async name => {
    await apply(service(80));
    await edit({ ports: [{ name, port: 1, protocol: 'TCP', targetPort: 1 }] });

    expect((await apply(service(80), live())).outcome).toBe('written');
    expect(stored()?.['spec']).toEqual(service(80)['spec']);
    expect(await apply(service(80), live())).toEqual({ outcome: 'unchanged' });
  });

  it('takes out a port that somebody added beside ours, and later gives up its own', async () => {
    await apply(service(80));
    const { ports } = service(80)['spec'] as { ports: readonly unknown[] };
    await edit({ ports: [...ports, { name: 'more', port: 1, protocol: 'TCP', targetPort: 1 }] });

    await apply(service(80), live());
    expect(stored()?.['spec']).toEqual(service(80)['spec']);
    await apply(service(81), live());
    await apply(service(81), live());

    expect(stored()?.['spec']).toEqual(service(81)['spec']);
    expect(await apply(service(81), live())).toEqual({ outcome: 'unchanged' });
  });

  it('never touches an object that is not ours', async () => {
    const foreign = { ...service(9), metadata: { name: 'web', namespace: 'shop' } };
    server.put(foreign);

    expect(await apply(service(80))).toEqual({ outcome: 'foreign' });
    expect(stored()).toMatchObject(foreign);
    expect(writes).toEqual([]);
  });

  it('does not take over an object that appears between the look and the write', async () => {
    const foreign = { ...service(9), metadata: { name: 'web', namespace: 'shop' } };
    server.fault = request => {
      if (request.method !== 'PATCH' || stored() !== undefined) return undefined;
      server.put(foreign);
      return { status: 409, body: { reason: 'Conflict' } };
    };

    expect(await apply(service(80))).toEqual({ outcome: 'foreign' });
    expect(stored()).toMatchObject(foreign);
  });

  it('reads anew after a conflict and writes on top of what it found (C14)', async () => {
    await apply(service(80));
    const stale = live();
    await edit({ sessionAffinity: 'ClientIP' });

    expect((await apply(service(81), stale)).outcome).toBe('written');
    expect(stored()?.['spec']).toMatchObject({ ...(service(81)['spec'] as object), sessionAffinity: 'ClientIP' });
  });

  it('does not bring back an object that was made anew by somebody else meanwhile', async () => {
    await apply(service(80));
    const stale = live();
    server.remove(resource, 'shop', 'web');
    server.put({ ...service(9), metadata: { name: 'web', namespace: 'shop' } });

    expect(await apply(service(81), stale)).toEqual({ outcome: 'foreign' });
  });

  describe('what was decided on the live object (R-18)', () => {
    const decide = (desired: KubeObject, known?: Live): Promise<Applied> =>
      applier.apply({ resource, desired, live: known, isOurs, isDecidedOnLive: true });

    it('is written on that very state', async () => {
      expect((await decide(service(80))).outcome).toBe('written');
      expect((await decide(service(81), live())).outcome).toBe('written');
    });

    it('is not written on another state, which is given back', async () => {
      await apply(service(80));
      const stale = live();
      await edit({ sessionAffinity: 'ClientIP' });
      const before = stored();

      expect(await decide(service(81), stale)).toEqual({ outcome: 'stale', object: before });
      expect(stored()).toEqual(before);
    });

    it('is not written where it was to be the first, and another one is there', async () => {
      await apply(service(80));

      expect(await decide(service(81))).toEqual({ outcome: 'stale', object: stored() });
    });

    it('is not written anew where the object has gone', async () => {
      await apply(service(80));
      const stale = live();
      server.remove(resource, 'shop', 'web');

      expect(await decide(service(81), stale)).toEqual({ outcome: 'stale', object: undefined });
      expect(stored()).toBeUndefined();
    });
  });

  it('asks before it writes, and not where there is nothing to write', async () => {
    let asked = 0;
    const mayWrite = () => Promise.resolve(++asked < 2);
    const ask = (desired: KubeObject, known?: Live): Promise<Applied> =>
      applier.apply({ resource, desired, live: known, isOurs, mayWrite });

    expect((await ask(service(80))).outcome).toBe('written');
    expect((await ask(service(80), live())).outcome).toBe('unchanged');
    expect((await ask(service(81), live())).outcome).toBe('left');
    expect(asked).toBe(2);
    expect(stored()?.['spec']).toMatchObject({ ports: [{ port: 80 }] });
  });

  it('gives a conflict that stays back to the queue', async () => {
    server.fault = request => (request.method === 'PATCH' ? { status: 409, body: { reason: 'Conflict' } } : undefined);

    await expect(apply(service(80))).rejects.toMatchObject({ status: 409, retryable: true });
    expect(writes).toHaveLength(3);
  });
});

describe('removing', () => {
  const remove = (version: { uid: string; resourceVersion: string }) =>
    applier.remove(resource, 'shop', 'web', version);

  it('deletes the object that was looked at', async () => {
    await apply(service(80));

    expect(await remove(live())).toBe(true);
    expect(stored()).toBeUndefined();
  });

  it('is content when it is gone already', async () => {
    expect(await remove({ uid: 'u', resourceVersion: '1' })).toBe(true);
  });

  it('leaves an object that changed or was made anew since (R-18)', async () => {
    await apply(service(80));
    const { uid, resourceVersion } = live();
    await edit({ sessionAffinity: 'ClientIP' });

    expect(await remove({ uid, resourceVersion })).toBe(false);
    expect(await remove({ uid: 'another', resourceVersion: live().resourceVersion })).toBe(false);
    expect(stored()).toBeDefined();
  });
});

describe('speed (C14)', () => {
  it('is a burst first and then the rate', async () => {
    const clock = createFakeClock();
    const bucket = createTokenBucket(10, 5, clock);
    let taken = 0;
    for (let index = 0; index < 50; index++) void bucket.take().then(() => taken++);

    await clock.pass(0);
    expect(taken).toBe(5);
    await clock.pass(1000);
    expect(taken).toBe(15);
    await clock.pass(10_000);
    expect(taken).toBe(50);
  });

  it('never exceeds burst and rate together, also after a rest', async () => {
    const clock = createFakeClock();
    const bucket = createTokenBucket(10, 5, clock);
    await clock.pass(60_000);
    let taken = 0;
    for (let index = 0; index < 50; index++) void bucket.take().then(() => taken++);

    await clock.pass(1000);

    expect(taken).toBe(15);
  });

  it('rests as a whole as long as an overloaded API server asks for', async () => {
    const clock = createFakeClock();
    let refuse = true;
    server.fault = () => (refuse ? { status: 429, headers: { 'retry-after': '7' } } : undefined);
    const limited = limitWrites(client, createTokenBucket(100, 100, clock));

    const write = { method: 'DELETE', path: '/api/v1/namespaces/shop/services/web' } as const;
    await expect(limited.request(write)).rejects.toMatchObject({ status: 429 });
    refuse = false;
    const next = limited.request(write).catch(() => undefined);
    await clock.pass(6900);
    expect(server.requests).toHaveLength(1);
    await clock.pass(200);
    await next;

    expect(server.requests).toHaveLength(2);
  });
});
