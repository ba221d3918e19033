import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient } from '../kube/client.ts';
import { systemClock } from '../kube/clock.ts';
import { NotLeading } from '../kube/leader.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { KubeClient } from '../kube/types.ts';
import type { BuiltObject, Compilation } from '../shared/compilation.ts';
import { EXTERNAL_LEDGER } from '../shared/external-ledger.ts';
import { defaultSettings } from '../shared/settings-file.ts';
import { startApiServer } from '../test/support/api-server/server.ts';
import type { ApiServer } from '../test/support/api-server/server.ts';
import { silentLog } from '../test/support/silent-log.ts';
import { until } from '../test/support/until.ts';
import { createExternalIds } from './external-ids.ts';
import type { ExternalIdKeeper } from './external-ids.ts';
import { createExternalWants } from './external-wants.ts';

let server: ApiServer;
let client: KubeClient;
let keeper: ExternalIdKeeper;
let called: string[];

beforeEach(async () => {
  server = await startApiServer([RESOURCES.services, RESOURCES.configMaps]);
  client = createClient(server.credentials);
  called = [];
  keeper = createExternalIds({
    client,
    writing: client,
    namespace: 'waymark-system',
    settings: defaultSettings.external,
    wants: createExternalWants(),
    onGroup: group => called.push(group),
    onState: () => undefined,
    onWrite: () => undefined,
    onRestart: () => undefined,
    log: silentLog(),
    clock: systemClock,
    random: () => 0,
  });
  keeper.start();
  await keeper.synced;
});
afterEach(async () => {
  await keeper.stop();
  await client.close();
  await server.close();
});

const GROUP = 'Deployment/shop/a';
const NOTHING: Compilation = {
  admitted: [],
  objects: [],
  findings: [],
  externalClaims: [],
  hosts: [],
  statements: [],
  frozen: [],
};

/** As the plan would have it for Deployment shop/a. */
function service(id: number): BuiltObject {
  const ports = [{ name: 'http', port: 20_000 + 10 * id, targetPort: 8080 }];
  const metadata = { name: 'a-external', namespace: 'shop', labels: { 'app.kubernetes.io/managed-by': 'waymark' } };
  return { group: GROUP, object: { apiVersion: 'v1', kind: 'Service', metadata, spec: { type: 'ClusterIP', ports } } };
}

const ledger = () => server.collection(RESOURCES.configMaps).get('waymark-system', EXTERNAL_LEDGER)?.['data'];

describe('a number that is no longer planned', () => {
  beforeEach(async () => {
    await keeper.lead();
    keeper.claim([{ holder: 'shop/a', id: 3 }]);
    await keeper.permit(service(3));
  });

  it('is kept while the API server has its Service, also when no watch has told of it', async () => {
    server.put({ ...service(3).object });
    await keeper.settle(GROUP, NOTHING);
    expect([...keeper.facts.held]).toEqual([[3, 'shop/a']]);

    server.remove(RESOURCES.services, 'shop', 'a-external');
    await keeper.settle(GROUP, NOTHING);
    await until('it is free', () => JSON.stringify(ledger()) === '{"3.free":"shop/a"}');
  });

  it('is kept while its Deployment is left alone', async () => {
    await keeper.settle(GROUP, { ...NOTHING, frozen: [GROUP] });

    expect(keeper.facts.held.get(3)).toBe('shop/a');
  });

  it('is kept when the API server cannot say', async () => {
    server.fault = ({ method }) => (method === 'GET' ? { status: 503 } : undefined);
    await expect(keeper.settle(GROUP, NOTHING)).rejects.toMatchObject({ status: 503 });

    expect(keeper.facts.held.get(3)).toBe('shop/a');
  });

  it('is free at once where its Service has another one’s label', async () => {
    const { metadata, ...rest } = service(3).object;
    server.put({ ...rest, metadata: { ...metadata, labels: {} } });
    await keeper.settle(GROUP, NOTHING);

    expect(keeper.facts.held.size).toBe(0);
    expect(keeper.facts.remembered('shop/a')).toBe(3);
  });
});

describe('a Service', () => {
  it('may not be written with a number that its Deployment has not', async () => {
    await keeper.lead();
    keeper.claim([{ holder: 'shop/a', id: 3 }]);

    await expect(keeper.permit(service(4))).rejects.toThrow('number 4');
    await expect(keeper.permit(service(3))).resolves.toBeUndefined();
  });

  it('may not be written before it is known who has what', async () => {
    keeper.claim([{ holder: 'shop/a', id: 3 }]);

    await expect(keeper.permit(service(3))).rejects.toBeInstanceOf(NotLeading);
    expect(ledger()).toBeUndefined();
  });

  it('of another kind is nobody’s matter', async () => {
    server.fault = () => ({ status: 503 });
    const { group, object } = service(3);

    await expect(
      keeper.permit({ group, object: { ...object, metadata: { ...object.metadata, name: 'a' } } }),
    ).resolves.toBeUndefined();
  });
});

describe('learning who has what', () => {
  it('is tried until the API server answers', async () => {
    let refused = 0;
    server.fault = ({ method, watch }) => (method === 'GET' && !watch && refused++ < 2 ? { status: 503 } : undefined);

    expect(await keeper.lead()).toBe(true);
  });

  it('ends when this process does not lead any more', async () => {
    server.fault = ({ watch }) => (watch ? undefined : { status: 503 });
    const leading = keeper.lead();
    keeper.follow();

    expect(await leading).toBe(false);
  });

  it('wakes those that are on record and of no world any more', async () => {
    const metadata = { name: EXTERNAL_LEDGER, namespace: 'waymark-system' };
    server.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { '5': 'shop/gone' } });
    await keeper.lead();

    expect([...keeper.groups()]).toEqual(['Deployment/shop/gone']);
  });
});
