import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startApiServer } from '../test/support/api-server/server.ts';
import type { ApiServer } from '../test/support/api-server/server.ts';
import { createFakeClock } from '../test/support/fake-clock.ts';
import { silentLog } from '../test/support/silent-log.ts';
import { createClient } from './client.ts';
import { createRecorder } from './events.ts';
import type { EventText, Recorder } from './events.ts';
import { RESOURCES } from './resources.ts';
import type { KubeClient } from './types.ts';

const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'u-1' };
const taken: EventText = { type: 'Warning', reason: 'HostTaken', message: 'shop.example.com is held by shop/legacy' };
const notOwned: EventText = { type: 'Warning', reason: 'NotOwned', message: 'Service shop/web exists' };

let server: ApiServer;
let client: KubeClient;
const clock = createFakeClock();

beforeEach(async () => {
  server = await startApiServer([RESOURCES.events]);
  client = createClient(server.credentials);
});
afterEach(async () => {
  await client.close();
  await server.close();
});

function recorder(): Recorder {
  return createRecorder({
    client,
    component: 'waymark-controller',
    instance: 'pod-1',
    onWrite: () => undefined,
    log: silentLog(),
    clock,
  });
}

const events = () => server.collection(RESOURCES.events).list();
const written = () => server.requests.filter(({ method }) => method !== 'GET').map(({ method }) => method);

describe('Events (C10)', () => {
  it('are on the object, with reason, message and where they come from', async () => {
    await recorder().report(web, [taken]);

    expect(events()).toMatchObject([
      {
        metadata: { namespace: 'shop' },
        involvedObject: web,
        ...taken,
        reportingComponent: 'waymark-controller',
        source: { component: 'waymark-controller' },
        count: 1,
      },
    ]);
    expect(events()[0]?.metadata.name).toMatch(/^web\.[0-9a-f]{16}$/);
  });

  it('are said once, however often it is reported that they hold', async () => {
    const said = recorder();
    for (let turn = 0; turn < 5; turn++) await said.report(web, [taken, notOwned, taken]);

    expect(events()).toHaveLength(2);
    expect(written()).toEqual(['POST', 'POST']);
  });

  it('are not repeated by a restart: it looks and writes nothing (R-16)', async () => {
    await recorder().report(web, [taken]);
    server.requests.splice(0);
    await recorder().report(web, [taken]);

    expect(server.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  it('are counted once more when they hold again after an interval', async () => {
    const said = recorder();
    await said.report(web, [taken]);
    await said.report(web, []);
    clock.advance(10_000);
    await said.report(web, [taken]);

    expect(events()).toMatchObject([{ reason: 'HostTaken', count: 2 }]);
    expect(written()).toEqual(['POST', 'PATCH']);
  });

  it('are no news when they were missed for a moment', async () => {
    const said = recorder();
    await said.report(web, [taken]);
    await said.report(web, []);
    clock.advance(9999);
    await said.report(web, [taken]);

    expect(written()).toEqual(['POST']);
  });

  it('are written once where two report them at the same time', async () => {
    const said = recorder();
    await Promise.all([said.report(web, [taken]), said.report(web, [taken])]);

    expect(written()).toEqual(['POST']);
  });

  it('are others for an object that was made anew', async () => {
    const said = recorder();
    await said.report(web, [taken]);
    await said.report({ ...web, uid: 'u-2' }, [taken]);

    expect(events()).toHaveLength(2);
  });

  it('are of a bounded number for one object, however many it has', async () => {
    const said = recorder();
    const many = Array.from({ length: 200 }, (_, index) => ({ ...taken, message: `message ${index}` }));
    await said.report(web, many);
    const atOnce = events().length;
    clock.advance(600_000);
    await said.report(web, many);

    expect([atOnce, events().length]).toEqual([25, 27]);
  });

  it('that could not be written are written at the next report, and nothing is thrown', async () => {
    const said = recorder();
    server.fault = () => ({ status: 500 });
    await said.report(web, [taken]);
    server.fault = () => undefined;
    await said.report(web, [taken]);

    expect(events()).toHaveLength(1);
  });

  it.each([
    { name: 'an API server that fails', fault: { status: 500 }, outcome: 'try again' },
    { name: 'one that has too much to do', fault: { status: 429 }, outcome: 'try again' },
    { name: 'a refusal: the same would be refused again', fault: { status: 403 }, outcome: 'told' },
    { name: 'nothing wrong', fault: undefined, outcome: 'told' },
  ])('are worth another call after $name', async ({ fault, outcome }) => {
    server.fault = ({ method }) => (method === 'POST' ? fault : undefined);

    expect(await recorder().report(web, [taken])).toBe(outcome);
  });

  it('that could not be written for long are not held back for it afterwards', async () => {
    const said = recorder();
    server.fault = () => ({ status: 500 });
    for (let turn = 0; turn < 30; turn++) await said.report(web, [taken]);
    server.fault = () => undefined;

    expect(await said.report(web, [taken])).toBe('told');
    expect(events()).toHaveLength(1);
  });
});
