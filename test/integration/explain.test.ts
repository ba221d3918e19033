import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostMember } from '../../shared/host.ts';
import { waymark } from '../support/command-line.ts';
import type { Outcome } from '../support/command-line.ts';
import { eventually } from './eventually.ts';
import { createNamespace, deployment, inferenceService, mapping } from './manifests.ts';
import { DOMAIN, INGRESS_HOST, apply, startWorld, stopWorlds } from './world.ts';
import type { World } from './world.ts';

const HOST = 'shop.example.com';
const SETTINGS = { domain: DOMAIN, ingressHost: INGRESS_HOST, upgrade: { bake: '2s', drain: '2s' } };

let world: World;
let config = '';
beforeAll(async () => {
  world = await startWorld({ values: { settings: SETTINGS } });
  await createNamespace(world.cluster, 'shop');
  await createNamespace(world.cluster, 'other');
  config = join(world.cluster.directory, 'settings.yaml');
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(SETTINGS));
});
afterAll(stopWorlds);

function version(digits: string, ...lines: readonly string[]) {
  const text = [inferenceService('a', `v${digits}`, `hosts: [${HOST}]`, ...lines), mapping('buy', '/buy/')];
  return deployment(`shop/serving-a-${digits}`, { config: text.join('---\n'), replicas: 1 });
}

async function explain(host: string, ...more: readonly string[]): Promise<Outcome> {
  return waymark(['explain', host, '--kubeconfig', world.cluster.kubeconfig, '--config', config, ...more]);
}

interface Explained {
  readonly members: readonly HostMember[];
  readonly notes: readonly string[];
  readonly areLive: boolean;
}

async function explained(): Promise<Explained> {
  const { status, out, err } = await explain(HOST, '-o', 'json');
  if (status !== 0) throw new Error(err);
  return JSON.parse(out) as Explained;
}

/** When a version is retired, nothing is under way any more. */
async function settled(states: readonly string[]): Promise<Explained> {
  return eventually(
    async () => {
      const said = await explained();
      expect(said.members.map(({ name, state }) => `${name} ${state}`)).toEqual(states);
      expect({ notes: said.notes, areLive: said.areLive }).toEqual({ notes: [], areLive: true });
      return said;
    },
    { within: 60_000 },
  );
}

describe('explain', () => {
  it('says of a cluster what `kubectl describe host` says', async () => {
    await apply(world, version('1'));
    await settled(['serving-a-1 Active']);
    await apply(world, version('2'));
    const { members } = await settled(['serving-a-2 Active', 'serving-a-1 Retired']);

    const { stdout } = await world.kubectl(['describe', 'hosts.waymark.dev', HOST]);

    // kubectl indents as it likes, and sorts the fields of a member: its line is the first of them.
    const described = stdout.replaceAll(/\s+/g, ' ').split(' Line: ');
    for (const { name, line, since, reason, message, state, ready } of members) {
      const member = described.find(text => text.includes(` Name: ${name} `)) ?? '';
      expect(member.startsWith(`${line} `)).toBe(true);
      for (const text of [
        `Message: ${message} Mirror:`,
        `Ready: ${ready} Reason: ${reason} `,
        `Since: ${since} State: ${state}`,
      ]) {
        expect(member).toContain(text);
      }
    }
    expect(stdout).toMatch(/Active: +serving-a-2/);
  });

  it('shows the routes that are live, in their order', async () => {
    const { out } = await explain(HOST);

    expect(out).toMatch(/^shop\.example\.com belongs to namespace shop: the Host says so\nserving-a-2 leads/);
    expect(out).toContain(
      '  /buy/*      → shop/serving-a-2:8080  (shop/serving-a-2/buy)\n  everything  → shop/serving-a-2:8080',
    );
    expect(out).toMatch(/\n {2}Programmed +True /);
  });

  it('says which document of which annotation takes a request', async () => {
    const { out } = await explain(HOST, '--request', 'POST /buy/a/../b?c -H x-user:me');

    expect(out).toContain(
      [
        'POST /buy/a/../b?c is read as /buy/b?c, and is taken by',
        '  Mapping buy of Deployment shop/serving-a-2, waymark.dev/config 8:1',
        'which takes /buy/*, and sends it on',
        '  to shop/serving-a-2:8080',
        '  as /b?c',
        '',
      ].join('\n'),
    );
  });

  it('tells who is refused, and why', async () => {
    await world.kubectl(['label', 'namespace', 'other', 'waymark.dev/policy=warn']);
    await apply(
      world,
      deployment('other/serving-b-1', { config: inferenceService('b', 'v1', `hosts: [${HOST}]`), replicas: 1 }),
    );

    const { out } = await eventually(
      async () => {
        const said = await explain(HOST);
        expect(said.out).toContain('Conflicted');
        return said;
      },
      { within: 20_000 },
    );

    expect(out).toContain("HostTaken: the host belongs to namespace 'shop'");
    expect(out).toMatch(/Deployment other\/serving-b-1 waymark\.dev\/config 6:9: error WM101 HostTaken: /);
  });

  it.each([
    ['a built-in host', `serving-a-2.shop.${DOMAIN}`, 'it is the built-in host of Deployment serving-a-2'],
    ['the host that all share', INGRESS_HOST, '/models/a/*  → shop/serving-a-2:8080'],
  ])('tells of %s', async (_, host, text) => {
    const { status, out } = await explain(host);

    expect(status).toBe(0);
    expect(out).toContain(text);
  });

  it('does not know a host that nobody has', async () => {
    const { status, out, err } = await explain('shpo.example.com');

    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toContain(`did you mean '${HOST}'?`);
  });
});
