import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GatewayRequest } from '../../cluster/types.ts';
import { eventually } from '../eventually.ts';
import { createNamespace, deployment, documents } from '../manifests.ts';
import { apply, startWorld, stopWorlds } from '../world.ts';
import type { World } from '../world.ts';
import { editing } from './editing.ts';
import { matching, ordering } from './matching.ts';
import { redirecting, rewriting } from './rewriting.ts';
import { ECHO, NAMESPACE, exchange, hostOf, mappingText, seenIn, topicDeployment } from './subject.ts';
import type { Topic } from './subject.ts';
import { saidOverWebsocket } from './upgraded.ts';

/** What a Mapping says, seen from both ends of the gateway. One Deployment holds the Mappings of one topic. */
const TOPICS: Readonly<Record<string, Topic>> = { matching, ordering, rewriting, redirecting, editing };

const PROGRAMS = [ECHO, 'blue', 'green', 'copy'];
const GROUPED = 'grouped.example.com';
const PATIENT = 'patient.example.com';
const AGAIN = 'again.example.com';
const COUNTS = 'counts.example.com';

const plain = (name: string, host: string, ...lines: readonly string[]) => mappingText(name, host, lines);

/** Which share of the requests each of a group gets: each Mapping is written on another Deployment. */
const SHARES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/all/': { echo: 'weight: 10', blue: 'weight: 30', green: 'weight: 60' },
  '/rest/': { echo: '', blue: 'weight: 30' },
  '/equal/': { echo: '', blue: '', green: 'weight: 20' },
  '/alone/': { blue: 'weight: 30' },
  '/whole/': { echo: '', blue: 'weight: 100' },
};

function grouped(name: string): readonly string[] {
  return Object.entries(SHARES).flatMap(([prefix, weights]) =>
    weights[name] === undefined
      ? []
      : plain(
          `share${prefix.replaceAll('/', '-')}${name}`,
          GROUPED,
          `prefix: ${prefix}`,
          `service: ${name}:8080`,
          weights[name],
        ),
  );
}

const own: Readonly<Record<string, readonly string[]>> = {
  echo: [
    plain(
      'm',
      GROUPED,
      'prefix: /host/',
      'weight: 50',
      'host_rewrite: one.example.com',
      'add_request_headers: {x-by: one}',
    ),
    plain('s', GROUPED, 'prefix: /shadow/'),
    plain('half', GROUPED, 'prefix: /half/'),
    plain('default', PATIENT, 'prefix: /default/'),
    plain('short', PATIENT, 'prefix: /short/', 'timeout_ms: 300'),
    plain('none', PATIENT, 'prefix: /none/', 'timeout_ms: 0'),
    plain('socket', PATIENT, 'prefix: /socket/', 'timeout_ms: 1000', 'use_websocket: true'),
    plain('upgrade', PATIENT, 'prefix: /upgrade/', 'timeout_ms: 1000', 'allow_upgrade: [websocket]'),
    plain('never', `never.${AGAIN}`, 'prefix: /'),
    plain('twice', `twice.${AGAIN}`, 'prefix: /', 'retry_policy: {retry_on: 5xx, num_retries: 2}'),
    plain('once', `once.${AGAIN}`, 'prefix: /', 'retry_policy: {retry_on: gateway-error}'),
    plain('zero', `zero.${AGAIN}`, 'prefix: /', 'retry_policy: {retry_on: 5xx, num_retries: 0}'),
    plain('try', `try.${AGAIN}`, 'prefix: /', 'retry_policy: {retry_on: 5xx, num_retries: 1, per_try_timeout: 300ms}'),
    plain('counts', COUNTS, 'prefix: /echo/'),
  ],
  blue: [plain('m', GROUPED, 'prefix: /host/', 'service: blue:8080', 'weight: 50', 'host_rewrite: two.example.com')],
  green: [],
  copy: [
    plain('s', GROUPED, 'prefix: /shadow/', 'service: copy:8080', 'shadow: true'),
    plain('half', GROUPED, 'prefix: /half/', 'service: copy:8080', 'shadow: true', 'weight: 50'),
    plain('counts', COUNTS, 'prefix: /copy/', 'service: copy:8080'),
  ],
};

let world: World;
beforeAll(async () => {
  world = await startWorld({ istio: true });
  await createNamespace(world.cluster, NAMESPACE);
  const programs = PROGRAMS.map(name =>
    deployment(`${NAMESPACE}/${name}`, { config: documents(...(own[name] ?? []), ...grouped(name)), replicas: 1 }),
  );
  await apply(
    world,
    ...programs,
    ...Object.entries(TOPICS).map(([topic, subjects]) => topicDeployment(topic, subjects)),
  );
  for (const name of PROGRAMS) {
    await world.kubectl(['rollout', 'status', `deployment/${name}`, '-n', NAMESPACE, '--timeout=30s']);
  }
  // What is written last is there: so is all else, on hosts of its own.
  await eventually(() => countsOf('copy'), { within: 5_000 });
});
afterAll(stopWorlds);

describe.each(Object.entries(TOPICS))('%s:', (topic, subjects) => {
  describe.each(Object.entries(subjects).map(([name, subject], index) => ({ name, subject, index })))(
    '$name',
    ({ subject, index }) => {
      it.each(Object.entries(subject.requests))('%s', async (_, one) => {
        await eventually(() => exchange(world, hostOf(topic, index), one), { within: 2_000 });
      });
    },
  );
});

async function countsOf(program: string): Promise<Readonly<Record<string, number>>> {
  const { status, body } = await world.cluster.send({ host: COUNTS, path: `/${program}/counts` });
  expect(status).toBe(200);
  return JSON.parse(body) as Readonly<Record<string, number>>;
}

/** How many of so many equal requests each Deployment answered. */
async function answers(request: GatewayRequest, count: number): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let left = count; left > 0; left -= AT_ONCE) {
    const sent = Array.from({ length: Math.min(AT_ONCE, left) }, () => world.cluster.send(request));
    for (const answer of await Promise.all(sent)) {
      const name = seenIn(answer)?.deployment ?? String(answer.status);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}

const AT_ONCE = 50;
const MANY = 500;

/** Whether chance alone may make that many of all, but for one time in 15 000. */
function expectShare(actual: number, percent: number, all = MANY): void {
  const share = percent / 100;
  const deviation = Math.sqrt(all * share * (1 - share));

  expect(actual).toBeGreaterThanOrEqual(Math.floor(all * share - 4 * deviation));
  expect(actual).toBeLessThanOrEqual(Math.ceil(all * share + 4 * deviation));
}

describe('a group of Mappings that match alike, each on a Deployment of its own', () => {
  it.each([
    ['shares the requests by weights', '/all/', { echo: 10, blue: 30, green: 60 }],
    ['gives what is left to the one without a weight', '/rest/', { echo: 70, blue: 30 }],
    ['gives what is left to those without a weight in equal parts', '/equal/', { echo: 40, blue: 40, green: 20 }],
    ['of one gives it all, whatever its weight', '/alone/', { blue: 100 }],
    ['leaves nothing to the one without a weight where others have all', '/whole/', { blue: 100 }],
  ])('%s', async (_, path, shares) => {
    const counts = await answers({ host: GROUPED, path }, MANY);

    expect([...counts.keys()].toSorted()).toEqual(Object.keys(shares).toSorted());
    for (const [name, percent] of Object.entries(shares)) expectShare(counts.get(name) ?? 0, percent);
  });

  it('keeps the host and the headers of each with its own destination', async () => {
    const requests = Array.from({ length: 40 }, () => world.cluster.send({ host: GROUPED, path: '/host/' }));

    const seen = (await Promise.all(requests)).map(seenIn);

    const told = new Set(seen.map(one => `${one?.deployment ?? ''} ${one?.host ?? ''} ${one?.headers['x-by'] ?? '-'}`));
    expect([...told].toSorted()).toEqual(['blue two.example.com -', 'echo one.example.com one']);
  });

  it.each([
    ['sends a shadow a copy of each request, and answers with what the others say', '/shadow/', 100],
    ['sends a shadow with a weight that percentage of copies', '/half/', 50],
  ])('%s', async (_, path, percent) => {
    const before = (await countsOf('copy'))[GROUPED] ?? 0;

    expect([...(await answers({ host: GROUPED, path }, MANY)).keys()]).toEqual(['echo']);

    await eventually(async () => expectShare(((await countsOf('copy'))[GROUPED] ?? 0) - before, percent), {
      within: 3_000,
    });
  });
});

describe('timeout_ms', () => {
  const statusAfter = async (path: string, delay: number) =>
    (await world.cluster.send({ host: PATIENT, path: `${path}?delay=${delay}` })).status;

  it('ends requests that take longer, and no others', async () => {
    expect(await Promise.all([statusAfter('/short/', 100), statusAfter('/short/', 900)])).toEqual([200, 504]);
  });

  it('is three seconds where it is left out, and none at 0', async () => {
    const statuses = [statusAfter('/default/', 2_500), statusAfter('/default/', 3_600), statusAfter('/none/', 3_600)];

    expect(await Promise.all(statuses)).toEqual([200, 504, 200]);
  });

  it.each(['socket', 'upgrade'])('does not end a connection that was upgraded (%s)', async prefix => {
    const url = new URL(`http://${PATIENT}/${prefix}/`);

    expect(await saidOverWebsocket(world.cluster, url, 1_600)).toBe('hello');
  });
});

describe('a request that the program fails', () => {
  it.each([
    ['is sent once without retry_policy', 'never', '/?status=503', 1],
    [
      'is sent once without retry_policy, also if the program says that it is not available',
      'never',
      `/?header=grpc-status:14`,
      1,
    ],
    ['is sent again as often as num_retries says', 'twice', '/?status=500', 3],
    ['is sent again once where num_retries is left out', 'once', '/?status=503', 2],
    ['is sent once where what happened is not what retry_on names', 'once', '/?status=500', 1],
    ['is sent once where num_retries is 0', 'zero', '/?status=500', 1],
    ['is sent again when a try takes longer than per_try_timeout', 'try', '/?delay=600', 2],
  ])('%s', async (_, name, path, times) => {
    const host = `${name}.${AGAIN}`;
    const before = (await countsOf('echo'))[host] ?? 0;

    await world.cluster.send({ host, path });

    await eventually(async () => expect(((await countsOf('echo'))[host] ?? 0) - before).toBe(times), { within: 2_000 });
  });
});
