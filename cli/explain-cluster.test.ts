import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waymark } from '../test/support/command-line.ts';
import { writeKubeconfig } from '../test/support/kubeconfig-file.ts';
import { serveStage } from '../test/support/stage-in-server.ts';
import { two as beginWithTwo } from '../test/support/takeover-beginnings.ts';
import { SHOP, TakeoverStage } from '../test/support/takeover-stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'waymark-explain-'));
const settings = join(folder, 'settings.yaml');
writeFileSync(settings, 'upgrade: {bake: 10s, drain: 10s}\n');
afterAll(() => rmSync(folder, { recursive: true }));

/** What the program says of a stage's host, and what it asked the API server for. */
async function explained(stage: TakeoverStage, ...more: readonly string[]) {
  const server = await serveStage(stage);
  try {
    const kubeconfig = join(folder, 'kubeconfig.json');
    await writeKubeconfig(server, kubeconfig);
    const args = ['explain', SHOP, '--kubeconfig', kubeconfig, '--config', settings, ...more];
    return { ...(await waymark(args)), requests: [...server.requests] };
  } finally {
    await server.close();
  }
}

/** One that leads, and a newer one of which the Host tells. */
function two(): TakeoverStage {
  const stage = beginWithTwo();
  stage.wait(3000);
  return stage;
}

function ready(): TakeoverStage {
  const stage = two();
  stage.ready('web-a-2');
  return stage;
}

const STORIES: Readonly<Record<string, () => TakeoverStage>> = {
  'a newcomer that is not ready': two,
  'one that bakes': ready,
  'one that has taken over, while the one before it drains': () => {
    const stage = ready();
    stage.wait(15_000);
    return stage;
  },
  'one that is retired': () => {
    const stage = ready();
    stage.wait(60_000);
    return stage;
  },
  'one that was rolled back': () => {
    const stage = ready();
    stage.wait(12_000);
    stage.ready('web-a-2', 1);
    stage.wait(2000);
    return stage;
  },
  'one that is brought back by a pin': () => {
    const stage = ready();
    stage.wait(60_000);
    stage.pin('web-a-1');
    return stage;
  },
  'a split': () => {
    const stage = new TakeoverStage();
    stage.apply('v1', { model: 'b', hosts: [] });
    stage.ready('web-b-1');
    stage.apply('v1', { lines: ['split: {web-b-1: 20}', 'mirror: {web-b-1: 5}'] });
    stage.ready('web-a-1');
    stage.wait(5000);
    return stage;
  },
  'a Deployment of another namespace': () => {
    const stage = ready();
    stage.wait(60_000);
    stage.apply('v1', { namespace: 'other' });
    stage.wait(5000);
    return stage;
  },
};

describe('explain asks a cluster and says what the Host says of', () => {
  it.each(Object.entries(STORIES))('%s', async (_, story) => {
    const stage = story();
    const status = stage.hosts.get(SHOP)?.status;

    const { status: code, out, err } = await explained(stage, '-o', 'json');

    expect({ code, err }).toEqual({ code: 0, err: '' });
    const { members, conditions, active, split, mirror, areLive, notes } = JSON.parse(out) as Record<string, unknown>;
    expect(status?.members.length).toBeGreaterThan(0);
    expect(members).toEqual(
      status?.members.map(member => JSON.parse(JSON.stringify({ ...member, record: undefined })) as unknown),
    );
    expect({ conditions, active, split, mirror }).toEqual({
      conditions: status?.conditions,
      active: status?.active,
      split: status?.split,
      mirror: status?.mirror,
    });
    expect({ areLive, notes }).toEqual({ areLive: true, notes: [] });
  });
});

describe('explain of a cluster', () => {
  it('says what happens next and in how many seconds', async () => {
    const stage = ready();
    stage.wait(4000);

    const { out } = await explained(stage);

    expect(out).toMatch(
      /^shop\.example\.com belongs to namespace shop: the Host says so\nweb-a-1 leads\nnext: web-a-2 takes the traffic at 2026-01-01T00:01:13\.000Z, in [5-7] s\n/,
    );
    expect(out).toContain(
      '\nconditions\n  Accepted    True  2026-01-01T00:00:01.020Z  Claimed: it belongs to namespace ',
    );
  });

  it('says of a request which document of which annotation takes it', async () => {
    const { out } = await explained(two(), '--request', '/any?x=1');

    expect(out).toMatch(
      /^GET \/any\?x=1 is taken by\n {2}InferenceService of Deployment shop\/web-a-[12], waymark\.dev\/config 1:1\nwhich takes everything, and sends it on\n/,
    );
  });

  it('only reads, and each kind once', async () => {
    const { requests } = await explained(two());

    expect(requests.map(({ method }) => method)).toEqual(requests.map(() => 'GET'));
    expect(requests).toHaveLength(6);
    expect(new Set(requests.map(({ userAgent }) => userAgent.split('/')[0]))).toEqual(new Set(['waymark-explain']));
  });

  it('says so when the controller has not told the Host yet', async () => {
    const stage = ready();
    const host = stage.hosts.get(SHOP);
    if (host) stage.hosts.set(SHOP, { metadata: host.metadata, spec: host.spec });

    const { out } = await explained(stage);

    expect(out).toContain('note: the Host does not say this yet');
    expect(out).toContain('  web-a-2  v2  Baking  0%');
  });

  it('says so when the live routes are others than those that are wanted', async () => {
    const stage = ready();
    const route = stage.routes.get(SHOP);
    if (route) stage.routes.set(SHOP, { ...route, spec: { ...(route.spec as object), gateways: ['else/where'] } });

    const { out } = await explained(stage);

    expect(out).toContain('(about to be written: the live ones differ)');
  });

  it('keeps to the Host where it may not see all members', async () => {
    const stage = ready();
    stage.wait(60_000);
    stage.apply('v1', { namespace: 'other' });
    stage.wait(5000);

    const { out, requests } = await explained(stage, '--namespace', 'shop');

    expect(out).toContain('note: this is what the Host says: it has members in namespaces that were not looked at');
    expect(out).toContain('web-a-2 leads');
    expect(out).toContain('line web/a/prod of namespace other');
    expect(requests.filter(({ url }) => /\/apis\/apps\/v1\/deployments|\/api\/v1\/services/.test(url))).toEqual([]);
  });

  it('ends with 2 when the cluster cannot be reached', async () => {
    const kubeconfig = join(folder, 'kubeconfig.json');
    await writeKubeconfig(await closedServer(), kubeconfig);

    const { status, out, err } = await waymark(['explain', SHOP, '--kubeconfig', kubeconfig]);

    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^error: the cluster cannot be read: /);
  });
});

async function closedServer() {
  const server = await serveStage(new TakeoverStage());
  await server.close();
  return server;
}
