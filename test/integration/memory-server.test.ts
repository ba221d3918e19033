import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startCluster } from '../cluster/cluster.ts';
import type { Cluster } from '../cluster/types.ts';
import { createApiServer } from '../simulator/api-server/server.ts';
import type { ApiServer } from '../simulator/api-server/server.ts';
import { createNotebook } from './memory-server/answers.ts';
import type { Answered } from './memory-server/answers.ts';
import { NAMESPACE } from './memory-server/calls.ts';
import type { Call } from './memory-server/calls.ts';
import { OPERATIONS, WATCHED, WATCH_PATH } from './memory-server/operations.ts';

/** The simulator is worth as much as its API server is like the real one: both are asked the same and compared. */

const USER_AGENT = 'cluster-harness';

let cluster: Cluster;
let memory: ApiServer;
const notes = { real: createNotebook(), memory: createNotebook() };

beforeAll(async () => {
  cluster = await startCluster({ istio: false, istioCrds: true, controllers: false });
  await installHosts();
  memory = createApiServer({ now: () => Date.now() });
  const call = {
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
  };
  await askReal(call);
  askMemory(call);
});
afterAll(() => cluster.stop());

/** The kind Host, as the chart installs it. */
async function installHosts(): Promise<void> {
  const rendered = await cluster.helm(['template', 'waymark', 'charts/waymark', '-s', 'templates/hosts.yaml']);
  await cluster.kubectl(['create', '-f', '-'], { input: rendered.stdout });
  await cluster.kubectl(['wait', '--for=condition=Established', 'crd/hosts.waymark.dev']);
}

async function askReal({ method, path, body, contentType }: Call): Promise<Answered> {
  return cluster.api(method, path, body, contentType);
}

function askMemory(call: Call): Answered {
  return memory.handle({ ...call, userAgent: USER_AGENT });
}

describe('the API server in memory answers as the real one does', () => {
  it.each(OPERATIONS)('$name', async ({ call }) => {
    const real = notes.real.note(await askReal(call(notes.real)));
    const answered = notes.memory.note(askMemory(call(notes.memory)));

    expect(answered).toEqual(real);
  });

  it('tells a watch of the same events', async () => {
    const list = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
    const since = versionOf((await askReal({ method: 'GET', path: list })).body);
    const sinceInMemory = versionOf(askMemory({ method: 'GET', path: list }).body);

    for (const { call } of WATCHED) {
      await askReal(call(notes.real));
      askMemory(call(notes.memory));
    }
    const answer = await askReal({ method: 'GET', path: `${WATCH_PATH}&resourceVersion=${since}` });
    const watch = memory.watch(`${WATCH_PATH}&resourceVersion=${sinceInMemory}`, () => undefined);

    expect('past' in watch && watch.past.map(eventText)).toEqual(
      String(answer.body)
        .trim()
        .split('\n')
        .map(line => eventText(JSON.parse(line) as Told)),
    );
  });

  it('tells a watch from before all that it knows so, and nothing else', async () => {
    const path = `${WATCH_PATH}&resourceVersion=1`;
    // A new API server knows nothing of what happened before it.
    await cluster.stopApiServer();
    await cluster.startApiServer();
    memory.compact();

    const answer = await askReal({ method: 'GET', path });
    const watch = memory.watch(path, () => undefined);

    expect(answer.status).toBe(200);
    expect(codeOf(answer.body as Told)).toEqual(['ERROR', 410]);
    expect('past' in watch && watch.past.map(event => codeOf(event as Told))).toEqual([['ERROR', 410]]);
  });
});

interface Told {
  readonly type: string;
  readonly object: { readonly code?: number; readonly metadata: { readonly name: string; readonly labels?: object } };
}

function eventText({ type, object }: { readonly type: string; readonly object: unknown }): string {
  const { metadata } = object as Told['object'];
  return `${type} ${metadata.name} ${JSON.stringify(metadata.labels)}`;
}

function codeOf({ type, object }: Told): readonly unknown[] {
  return [type, object.code];
}

function versionOf(list: unknown): string {
  return (list as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
}
