import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startApiServer } from '../test/support/api-server/server.ts';
import type { ApiServer } from '../test/support/api-server/server.ts';
import { definitionOf } from '../test/support/definitions.ts';
import { silentLog } from '../test/support/silent-log.ts';
import { until } from '../test/support/until.ts';
import { createClient } from './client.ts';
import { RESOURCES } from './resources.ts';
import { watchServedKind } from './served-kinds.ts';
import type { ServedKind } from './served-kinds.ts';
import type { KubeClient } from './types.ts';

let server: ApiServer;
let client: KubeClient;
let kind: ServedKind;
let told: number;

beforeEach(async () => {
  server = await startApiServer(Object.values(RESOURCES));
  client = createClient(server.credentials);
  told = 0;
  kind = watchServedKind({ client, log: silentLog() }, RESOURCES.scaledObjects, () => told++);
});

afterEach(async () => {
  await kind.stop();
  await client.close();
  await server.close();
});

describe('a kind that may be absent', () => {
  it('is not known to be served or not before the definitions were seen', async () => {
    expect(kind.isServed()).toBeUndefined();

    kind.start();
    await until('seen', () => kind.isServed() === false);
  });

  it('is served when its definition is established, and no longer when that is gone', async () => {
    kind.start();
    await until('seen', () => kind.isServed() === false);
    server.put(definitionOf(RESOURCES.scaledObjects, { established: 'False' }));
    server.put(definitionOf(RESOURCES.scaledObjects));
    await until('told', () => told === 1);
    expect(kind.isServed()).toBe(true);

    server.remove(RESOURCES.customResourceDefinitions, '', 'scaledobjects.keda.sh');
    await until('gone', () => kind.isServed() === false);
    expect(told).toBe(1);
  });

  it.each([
    ['in another version', { ...RESOURCES.scaledObjects, apiVersion: 'keda.sh/v1' }, true],
    ['no longer in this version', RESOURCES.scaledObjects, false],
  ])('is not served when its definition has it %s', async (_, resource, served) => {
    server.put(definitionOf(resource, { served }));
    kind.start();
    await until('seen', () => kind.isServed() !== undefined);

    expect(kind.isServed()).toBe(false);
  });
});
