import { describe, expect, it } from '@jest/globals';
import { CONTROLLER } from '../audit.ts';
import { eventually } from '../eventually.ts';
import { createNamespace } from '../manifests.ts';
import { eventReasons, list, pathOf } from '../objects.ts';
import { whilePasses } from './chronicle.ts';
import { hostOf } from './scene.ts';
import type { Scene } from './scene.ts';
import type { Stage } from './stage.ts';
import { answerers, failures } from './tally.ts';
import { nameOf, versionOf } from './version.ts';

/** Of each of the two namespaces. */
const CLAIMS = 50;
const SOON = { within: 45_000, every: 500 };

/** All at once, each for itself, and in turns: whoever is first is nobody's doing. */
async function race(scene: Scene) {
  const { cluster } = scene.world;
  const rival = `${scene.namespace}-rival`;
  await createNamespace(cluster, rival);
  const since = Date.now();
  const statuses = await Promise.all(
    Array.from({ length: 2 * CLAIMS }, async (_, index) => {
      const namespace = index % 2 === 0 ? scene.namespace : rival;
      const manifest = versionOf(namespace, 1 + Math.floor(index / 2), { host: scene.host, replicas: 0 });
      return (await cluster.api('POST', pathOf('Deployment', namespace), manifest)).status;
    }),
  );
  const owner = await eventually(async () => {
    const host = await hostOf(scene.world, scene.host);
    const own = host?.status?.members.filter(({ namespace }) => namespace === host.spec.namespace) ?? [];
    if (own.length !== CLAIMS) throw new Error(`the host has ${own.length} members of its owner's`);
    return host?.spec.namespace ?? '';
  }, SOON);
  const loser = owner === rival ? scene.namespace : rival;
  const losing = await list(cluster, 'Deployment', loser);
  const reasons = await eventually(async () => {
    const all = await Promise.all(losing.map(({ metadata }) => eventReasons(cluster, loser, metadata.name)));
    if (all.some(({ length }) => length === 0)) throw new Error('somebody has not been told anything');
    return all;
  }, SOON);
  const host = await hostOf(scene.world, scene.host);
  const claims = (await cluster.audit(since)).filter(
    ({ user, resource, subresource, verb }) =>
      user === CONTROLLER && resource === 'hosts' && subresource === '' && verb !== 'get',
  );
  const routes = await Promise.all([owner, loser].map(async namespace => list(cluster, 'VirtualService', namespace)));
  const [ofOwner = [], ofLoser = []] = routes.map(all => all.filter(({ metadata }) => metadata.name === scene.host));
  await cluster.api('DELETE', `/api/v1/namespaces/${rival}`);
  return {
    statuses,
    losing: losing.length,
    namespaces: [scene.namespace, rival],
    owner,
    reasons,
    members: host?.status?.members ?? [],
    claims: claims.filter(({ name }) => name === scene.host || name === ''),
    routes: { ofOwner: ofOwner.length, ofLoser: ofLoser.length },
  };
}

/** The owner says to whom, the other one names the host: neither alone is enough. */
async function handOver(scene: Scene) {
  const { cluster } = scene.world;
  const heir = `${scene.namespace}-heir`;
  const traffic = await scene.begin({ strategy: 'coexist' });
  await createNamespace(cluster, heir);
  const annotation = { metadata: { annotations: { 'waymark.dev/hand-over': `${scene.host}=${heir}` } } };
  await cluster.api('PATCH', `/api/v1/namespaces/${scene.namespace}`, annotation, 'application/merge-patch+json');
  await whilePasses(1_000);
  const offered = await hostOf(scene.world, scene.host);
  const manifest = versionOf(heir, 2, { host: scene.host });
  const { status } = await cluster.api('POST', pathOf('Deployment', heir), manifest);
  await eventually(async () => {
    const host = await hostOf(scene.world, scene.host);
    if (host?.spec.namespace !== heir || host.status?.active?.endsWith(nameOf(2)) !== true) {
      throw new Error(`the host is ${host?.spec.namespace ?? 'nobody'}'s, led by ${host?.status?.active ?? 'nobody'}`);
    }
  }, SOON);
  await whilePasses(2_000);
  const routes = await Promise.all(
    [scene.namespace, heir].map(async namespace =>
      (await list(cluster, 'VirtualService', namespace)).filter(({ metadata }) => metadata.name === scene.host),
    ),
  );
  const answers = await traffic.stop();
  await cluster.api('DELETE', `/api/v1/namespaces/${heir}`);
  return { answers, before: scene.namespace, offered, status, routes: routes.map(({ length }) => length) };
}

/** Who may have a host. */
export function describeOwnership(stage: Stage): void {
  const told = stage.perform({ race, handOver });

  describe('S-11: a host that a hundred Deployments of two namespaces ask for at once', () => {
    it('has one owner, who never changes, and one VirtualService (F-01)', async () => {
      const { namespaces, owner, members, claims, routes } = await told.race();

      expect(namespaces).toContain(owner);
      expect(claims.filter(({ code }) => code < 300).map(({ verb }) => verb)).toEqual(['create']);
      expect(members.filter(({ state }) => state !== 'Conflicted').map(({ namespace }) => namespace)).toEqual(
        Array.from({ length: CLAIMS }, () => owner),
      );
      expect(routes).toEqual({ ofOwner: 1, ofLoser: 0 });
    });

    it('F-06: each loser is refused, or told who has it', async () => {
      const { statuses, losing, reasons } = await told.race();
      const refused = statuses.filter(status => status === 403).length;

      expect(refused + losing).toBe(CLAIMS);
      expect(reasons.filter(all => all.includes('HostTaken'))).toHaveLength(losing);
    });
  });

  describe('S-12: a host that is handed over', () => {
    it('stays where it is until the other side takes it, and then moves without a failed request', async () => {
      const { answers, before, offered, status, routes } = await told.handOver();

      expect(offered?.spec.namespace).toBe(before);
      expect(status).toBe(201);
      expect(failures(answers)).toEqual([]);
      expect(answerers(answers)).toEqual([nameOf(1), nameOf(2)]);
      expect(routes).toEqual([0, 1]);
    });
  });
}
