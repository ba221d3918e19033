import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uninstallWaymark } from '../cluster/install.ts';
import { eventually } from './eventually.ts';
import { annotated, createNamespace, deployment, inferenceService, mapping } from './manifests.ts';
import type { Manifest } from './manifests.ts';
import { find } from './objects.ts';
import { apply, startWorld, stopWorlds } from './world.ts';
import type { World } from './world.ts';

/** Who may name a host, as the API server's answer to `kubectl apply` tells. */

const HOSTS = '/apis/waymark.dev/v1/hosts';
const SOON = { within: 10_000 };

let world: World;
beforeAll(async () => {
  world = await startWorld();
  for (const name of ['team-a', 'team-b', 'team-c']) await createNamespace(world.cluster, name);
});
afterAll(stopWorlds);

/** As an administrator does. Nothing takes away a Host that is reserved. */
async function giveHost(name: string, namespace: string): Promise<void> {
  await apply(world, {
    apiVersion: 'waymark.dev/v1',
    kind: 'Host',
    metadata: { name },
    spec: { namespace, reserved: true },
  });
}

function service(namespace: string, model: string, ...lines: readonly string[]): Manifest {
  return deployment(`${namespace}/serving-${model}-1`, { config: inferenceService(model, 'v1', ...lines) });
}

interface Answer {
  readonly code: number;
  readonly stderr: string;
}

async function tryApply(manifest: Manifest, ...options: readonly string[]): Promise<Answer> {
  return world.cluster.kubectl(['apply', '-f', '-', ...options], { input: JSON.stringify(manifest) });
}

const dryRun = (manifest: Manifest) => tryApply(manifest, '--dry-run=server');

/** The webhook learns of Hosts and Namespaces by watching. */
async function untilRefused(manifest: Manifest): Promise<string> {
  return eventually(async () => {
    const { code, stderr } = await dryRun(manifest);
    expect(code).not.toBe(0);
    return stderr;
  }, SOON);
}

async function untilLetThrough(manifest: Manifest): Promise<void> {
  await eventually(async () => expect((await dryRun(manifest)).stderr).toBe(''), SOON);
}

describe('a host of another namespace', () => {
  it('S-11: is refused at apply, naming the owner, the Host and the line', async () => {
    await giveHost('owned.example.com', 'team-a');
    const wanted = service('team-b', 'wants', 'hosts: [owned.example.com]');

    const stderr = await untilRefused(wanted);

    expect(stderr).toContain(
      "WM101 waymark.dev/config 6:9: `hosts[0]` must be a host that no other namespace has, but 'owned.example.com' belongs to namespace 'team-a'",
    );
    expect(stderr).toContain('held here: Host owned.example.com spec.namespace');
    expect((await tryApply(wanted)).code).not.toBe(0);
    expect(await find(world.cluster, 'Deployment', 'team-b', 'serving-wants-1')).toBeUndefined();
  });

  it('S-11: is refused of a Mapping too', async () => {
    await giveHost('mapped.example.com', 'team-a');

    const stderr = await untilRefused(
      deployment('team-b/plain', { config: mapping('one', '/one/', 'host: mapped.example.com') }),
    );

    expect(stderr).toContain('WM101');
  });

  it('is let through for the owner himself', async () => {
    await giveHost('mine.example.com', 'team-a');
    await untilRefused(service('team-b', 'mine', 'hosts: [mine.example.com]'));

    expect(await dryRun(service('team-a', 'mine', 'hosts: [mine.example.com]'))).toMatchObject({ code: 0, stderr: '' });
  });

  it('R-04: that a Deployment had before stands in the way of no edit of something else', async () => {
    const [before, after] = [
      service('team-b', 'old', 'hosts: [lost.example.com]'),
      service('team-b', 'old', 'hosts: [lost.example.com]', 'timeout: 9s'),
    ];
    await apply(world, before);
    await giveHost('lost.example.com', 'team-a');
    await untilRefused(service('team-b', 'new', 'hosts: [lost.example.com]'));

    const edited = await tryApply(after);
    const more = await tryApply(
      annotated(after, inferenceService('old', 'v1', 'hosts: [lost.example.com, owned.example.com]')),
    );

    expect(edited).toMatchObject({ code: 0, stderr: '' });
    expect(more.stderr).toContain("'owned.example.com' belongs to namespace 'team-a'");
    expect(more.stderr).not.toContain("'lost.example.com' belongs");
  });

  it('S-12: may be named by the one that its owner hands it over to, and by no other', async () => {
    await giveHost('handed.example.com', 'team-a');
    const [heir, other] = [
      service('team-b', 'heir', 'hosts: [handed.example.com]'),
      service('team-c', 'heir', 'hosts: [handed.example.com]'),
    ];
    await untilRefused(heir);

    const key = 'waymark.dev/hand-over';
    await world.kubectl(['annotate', 'namespace', 'team-a', `${key}=handed.example.com=team-b`]);
    await untilLetThrough(heir);
    const stranger = await dryRun(other);
    await world.kubectl(['annotate', 'namespace', 'team-a', `${key}-`]);
    await untilRefused(heir);

    expect(stranger.stderr).toContain('WM101');
  });

  it('is free again when its Host is gone', async () => {
    await giveHost('freed.example.com', 'team-a');
    const wanted = service('team-b', 'freed', 'hosts: [freed.example.com]');
    await untilRefused(wanted);

    await world.kubectl(['delete', 'host.waymark.dev', 'freed.example.com']);

    await untilLetThrough(wanted);
  });
});

describe('an uninstall', () => {
  it('takes nobody’s host away, and the next install finds them all', async () => {
    await giveHost('kept.example.com', 'team-a');

    await uninstallWaymark(world.cluster);
    const between = await world.cluster.api('GET', `${HOSTS}/kept.example.com`);
    await world.install();

    expect(between).toMatchObject({ status: 200, body: { spec: { namespace: 'team-a' } } });
    await untilRefused(service('team-b', 'kept', 'hosts: [kept.example.com]'));
  });
});
