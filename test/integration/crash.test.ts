import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { HostStatus } from '../../shared/host.ts';
import type { AuditEntry } from '../cluster/types.ts';
import { CONTROLLER, sentence, writesOf } from './audit.ts';
import { eventually } from './eventually.ts';
import { createNamespace, deployment, documents, inferenceService, mapping } from './manifests.ts';
import type { Manifest } from './manifests.ts';
import { builtObjects, find, list, without } from './objects.ts';
import type { LiveObject } from './objects.ts';
import { someLeader, waymarkPods } from './waymark-pods.ts';
import { SYSTEM, apply, startWorld, stopWorlds } from './world.ts';
import type { World } from './world.ts';

/** Seconds for which a Lease holds, and what a candidate may take to see that it has run out. */
const TAKEOVER = { within: 22_000 };
const BURST = 50;

let world: World;
beforeAll(async () => {
  world = await startWorld({ values: { controller: { replicas: 2 } } });
  for (const name of ['calm', 'storm', 'shop']) await createNamespace(world.cluster, name);
});
afterAll(stopWorlds);

/** Each asks for all that one Deployment can: Service, autoscaler, built-in host, own host, two paths of the shared host. */
function burst(namespace: string): readonly Manifest[] {
  return Array.from({ length: BURST }, (_, index) => {
    const model = `${namespace}-m${index}`;
    const own = [`hosts: [m${index}.${namespace}.example.org]`, 'replicas: {min: 1, max: 3}'];
    const config = documents(
      inferenceService(model, 'v1', ...own),
      mapping('shared', `/path/${model}/`, 'host: models.example.com'),
    );
    return deployment(`${namespace}/serving-${model}-1`, { config });
  });
}

describe('the controller killed in the middle of a burst of applies (C1)', () => {
  it('ends in the same state as when nobody disturbs it', async () => {
    await apply(world, ...burst('calm'));
    const undisturbed = await complete('calm');

    const applied = apply(world, ...burst('storm'));
    await eventually(async () => expect((await list(world.cluster, 'Service', 'storm')).length).toBeGreaterThan(5), {
      within: 20_000,
    });
    const killed = await someLeader(world.cluster);
    await world.kubelet.crash(SYSTEM, killed);
    const built = (await list(world.cluster, 'Service', 'storm')).length;
    await applied;
    const disturbed = await complete('storm');

    // Otherwise nothing was disturbed.
    expect(built).toBeLessThan(BURST);
    expect(disturbed).toEqual(undisturbed);
  });

  it('then writes nothing for a minute but its Lease, also when it is killed again (C2)', async () => {
    const from = Date.now();
    await recorded(from, 20_000);
    await world.kubelet.crash(SYSTEM, await someLeader(world.cluster));
    const entries = await recorded(from, 60_000);

    expect(writesOf(entries).map(sentence)).toEqual([]);
    // Nothing was written by somebody who was there and led.
    expect(
      entries.some(
        ({ user, resource, verb, at }) =>
          user === CONTROLLER && resource === 'leases' && verb !== 'get' && at > from + 45_000,
      ),
    ).toBe(true);
  });

  /** The audit log from a moment on, once it has gone on for so many milliseconds. */
  function recorded(from: number, length: number): Promise<readonly AuditEntry[]> {
    return eventually(
      async () => {
        const entries = await world.cluster.audit(from);
        expect((entries.at(-1)?.at ?? from) - from).toBeGreaterThan(length);
        return entries;
      },
      { within: length + 10_000 },
    );
  }
});

describe('two controllers', () => {
  it('one writes, the other stands by and is ready (C11)', async () => {
    const from = Date.now();
    const leading = await someLeader(world.cluster);

    await applyAndSee('first', { within: 5_000 });

    expect(writersOf(await world.cluster.audit(from))).toEqual([leading]);
    expect(await waymarkPods(world.cluster, 'controller')).toHaveLength(2);
  });

  it('a leader that goes hands over at once (C11)', async () => {
    const leading = await someLeader(world.cluster);

    await world.kubectl(['delete', 'pod', leading, '-n', SYSTEM, '--wait=false']);

    await applyAndSee('second', { within: 6_000 });
  });

  it('a leader that freezes is followed within the duration of the Lease, and writes nothing when it wakes (C11)', async () => {
    const frozen = await someLeader(world.cluster);
    world.kubelet.pause(SYSTEM, frozen);

    await applyAndSee('third', TAKEOVER);
    const from = Date.now();
    world.kubelet.resume(SYSTEM, frozen);
    await applyAndSee('fourth', { within: 5_000 });

    expect(writersOf(await world.cluster.audit(from))).toEqual([await someLeader(world.cluster)]);
    expect(writersOf(await world.cluster.audit(from))).not.toContain(frozen);
  });

  async function applyAndSee(model: string, deadline: { readonly within: number }): Promise<void> {
    const name = `serving-${model}-1`;
    await apply(world, deployment(`shop/${name}`, { config: inferenceService(model, 'v1') }));
    await eventually(async () => expect(await find(world.cluster, 'Service', 'shop', name)).toBeDefined(), deadline);
  }

  /** Names of the Pods that wrote. */
  function writersOf(entries: readonly AuditEntry[]): readonly string[] {
    return [...new Set(writesOf(entries).map(({ pod }) => pod))];
  }
});

/** Everything that was built for the burst of a namespace, once all of it is there, with nothing in it of this run. */
async function complete(namespace: string): Promise<readonly unknown[]> {
  return eventually(
    async () => {
      const built = await builtObjects(world.cluster, namespace);
      const shared = await find(world.cluster, 'VirtualService', SYSTEM, 'models.example.com');
      const routes = ((shared?.spec?.['http'] ?? []) as readonly { readonly name?: string }[]).filter(({ name = '' }) =>
        name.startsWith(`${namespace}/`),
      );
      // What is said of a host is written last, a second after its route was seen.
      const hosts = (await list(world.cluster, 'Host')).filter(({ metadata }) => metadata.name.includes(namespace));
      expect(built).toHaveLength(4 * BURST);
      expect(routes).toHaveLength(2 * BURST);
      expect(hosts.filter(isProgrammed)).toHaveLength(BURST);
      return [...built.map(withoutIdentity), ...routes, ...hosts.map(({ spec }) => spec)].map(one =>
        anonymous(one, namespace),
      );
    },
    { within: 60_000 },
  );
}

function isProgrammed({ status = {} }: LiveObject): boolean {
  const { conditions = [] } = status as Partial<HostStatus>;
  return conditions.some(condition => condition.type === 'Programmed' && condition.status === 'True');
}

/** Only what two runs must have in common. */
function withoutIdentity({ kind, metadata, spec = {} }: LiveObject): unknown {
  const { name, labels, annotations, ownerReferences = [] } = metadata;
  const owners = ownerReferences.map(owner => without(owner, 'uid'));
  return { kind, name, labels, annotations, owners, spec: without(spec, 'clusterIP', 'clusterIPs') };
}

function anonymous(one: unknown, namespace: string): unknown {
  return JSON.parse(JSON.stringify(one).replaceAll(namespace, 'NAMESPACE')) as unknown;
}
