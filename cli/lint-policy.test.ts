import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RESOURCES } from '../kube/resources.ts';
import { startApiServer } from '../test/support/api-server/server.ts';
import type { ApiServer } from '../test/support/api-server/server.ts';
import { waymark } from '../test/support/command-line.ts';
import type { JsonSurvey } from '../test/support/command-line.ts';
import { writeKubeconfig } from '../test/support/kubeconfig-file.ts';
import { deploymentFile, fileOf, serviceLines } from '../test/support/command-line-manifests.ts';

const folder = mkdtempSync(join(tmpdir(), 'waymark-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function survey(args: readonly string[], input = '') {
  const { status, out, err } = await waymark(['lint', '--policy', '--format', 'json', ...args], input);
  if (status === 2) throw new Error(err);
  return { status, err, ...(JSON.parse(out) as JsonSurvey) };
}

/** `namespace policy denied/all: name code…` */
function brief({ namespaces }: Pick<JsonSurvey, 'namespaces'>): readonly string[] {
  return namespaces.map(({ namespace, policy, deployments, denied }) => {
    const names = denied.map(({ name, findings }) => `${name} ${findings.map(({ code }) => code).join(' ')}`);
    return [`${namespace} ${policy} ${denied.length}/${deployments}`, ...names].join(': ');
  });
}

function namespaceFile(name: string, policy: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}, labels: {waymark.dev/policy: "${policy}"}}\n`;
}

const good = (name: string) => deploymentFile(name, serviceLines(name.split('-')[1] ?? '', 'v1'));
const bad = (name: string) => deploymentFile(name, serviceLines(name.split('-')[1] ?? '', 'v1', 'hpa: x'));

describe('a survey of files', () => {
  it('tells by namespace what is in force now and what enforce would deny', async () => {
    const files = fileOf(
      bad('shop/web-b-1'),
      bad('shop/web-a-1'),
      good('shop/web-c-1'),
      good('other/web-a-1'),
      bad('quiet/web-a-1'),
      namespaceFile('shop', 'audit'),
      namespaceFile('other', 'warn'),
      namespaceFile('quiet', 'off'),
    );

    const { status, err, ...got } = await survey(['-f', '-'], files);

    expect({ status, err }).toEqual({ status: 1, err: '' });
    expect(brief(got)).toEqual([
      'other warn 0/1',
      'quiet off 1/1: web-a-1 WM020',
      'shop audit 2/3: web-a-1 WM020: web-b-1 WM020',
    ]);
    expect(got).toMatchObject({ deployments: 5, denied: 3 });
  });

  it('has the place in the file, and the one in the annotation', async () => {
    const { namespaces } = await survey(['-f', '-'], bad('shop/web-a-1'));

    expect(namespaces[0]?.denied[0]?.findings).toMatchObject([{ file: '-', line: 13, site: 'waymark.dev/config 6:1' }]);
  });

  it('counts a Deployment that is new with a wrong name, and not one that is stored', async () => {
    const lines = serviceLines('a', 'v1');
    const files = fileOf(
      deploymentFile('shop/any', lines),
      deploymentFile('shop/old', lines, ['uid: 8ab01e5e-0000-4000-8000-000000000000']),
    );

    const { err, ...got } = await survey(['-f', '-'], files);

    expect(brief(got)).toEqual(['shop enforce 1/2: any WM040']);
    expect(err).toContain('may keep their names');
  });

  it('counts what an older Deployment of the files has taken, and versions that collide', async () => {
    const host = (name: string) =>
      deploymentFile(name, serviceLines(name.split('-')[1] ?? '', 'v1', 'hosts: [a.example.com]'));
    const files = fileOf(
      host('shop/web-a-1'),
      host('other/web-b-1'),
      deploymentFile(
        'shop/web-a-1',
        serviceLines('a', 'v01').map(line => line.replace('v01', 'v1.')),
      ),
    );

    const got = await survey(['-f', '-'], files);

    expect(brief(got)).toEqual(['other enforce 1/1: web-b-1 WM101', 'shop enforce 1/2: web-a-1 WM205']);
  });

  it('says when the policy of a Namespace is none, and that the platform’s holds', async () => {
    const config = join(folder, 'settings.yaml');
    writeFileSync(config, 'policy: warn\n');

    const { namespaces } = await survey(
      ['-f', '-', '--config', config],
      fileOf(namespaceFile('shop', 'enforced'), bad('shop/web-a-1')),
    );

    expect(namespaces).toMatchObject([{ policy: 'warn', warnings: [expect.stringContaining("'enforced'")] }]);
  });

  it('is of enforce also where the platform’s own policy is off', async () => {
    const config = join(folder, 'off.yaml');
    writeFileSync(config, 'policy: "off"\n');

    const got = await survey(['-f', '-', '--config', config], bad('shop/web-a-1'));

    expect(brief(got)).toEqual(['shop off 1/1: web-a-1 WM020']);
  });

  it('leaves alone where nothing is ever acted on, and what is not annotated', async () => {
    const stray = good('shop/web-b-1').replace('waymark.dev/config', 'waymark.dev/confg');

    const { status, ...got } = await survey(['-f', '-'], fileOf(bad('kube-system/web-a-1'), stray));

    expect({ status, got: brief(got) }).toEqual({ status: 0, got: ['kube-system off 0/1'] });
  });

  it('is a block a namespace and a line a finding in text, with a total', async () => {
    const { status, out } = await waymark(
      ['lint', '--policy', '-f', '-'],
      fileOf(bad('shop/web-a-1'), good('shop/web-b-1'), good('other/web-a-1'), namespaceFile('shop', 'audit')),
    );

    expect(status).toBe(1);
    expect(out.split('\n')).toEqual([
      'other: policy enforce; enforce would deny 0 of 1 Deployment',
      '',
      'shop: policy audit; enforce would deny 1 of 2 Deployments',
      '  web-a-1',
      expect.stringMatching(/^ {4}-:13:7: WM020: `hpa` must .*; fix: write `metrics`$/),
      '',
      '3 Deployments in 2 namespaces; enforce would deny 1',
      '',
    ]);
  });
});

describe('a survey of a cluster', () => {
  let server: ApiServer;
  let cluster: readonly string[];
  beforeAll(async () => {
    server = await startApiServer([RESOURCES.deployments, RESOURCES.namespaces]);
    const kubeconfig = join(folder, 'kubeconfig.json');
    await writeKubeconfig(server, kubeconfig);
    cluster = ['--kubeconfig', kubeconfig];
    for (const [name, policy] of [
      ['shop', 'audit'],
      ['other', 'enforce'],
    ] as const) {
      server.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'waymark.dev/policy': policy } } });
    }
  });
  afterAll(() => server.close());
  afterEach(() => {
    server.fault = () => undefined;
    for (const { metadata } of server.collection(RESOURCES.deployments).list()) {
      server.remove(RESOURCES.deployments, metadata.namespace ?? '', metadata.name);
    }
    server.requests.splice(0);
  });

  function store(fullName: string, lines: readonly string[] | undefined): void {
    const [namespace = '', name = ''] = fullName.split('/');
    const labels = { app: name };
    server.put({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, ...(lines && { annotations: { 'waymark.dev/config': lines.join('\n') } }) },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'main', ports: [{ containerPort: 80 }] }] } },
      },
    });
  }

  it('names what would be denied, by the place in the annotation', async () => {
    store('shop/web-a-1', serviceLines('a', 'v1', 'hpa: x'));
    store('other/web-a-1', serviceLines('a', 'v1'));
    store('shop/plain', undefined);

    const { status, ...got } = await survey(cluster);

    expect({ status, got: brief(got) }).toEqual({
      status: 1,
      got: ['other enforce 0/1', 'shop audit 1/1: web-a-1 WM020'],
    });
    expect(got.namespaces[1]?.denied[0]?.findings).toMatchObject([
      { file: '', line: 0, site: 'waymark.dev/config 6:1' },
    ]);
  });

  it('lets a Deployment from before Waymark keep its name, and says so (R-04)', async () => {
    store('shop/any-name', serviceLines('a', 'v1'));

    const { status, err, ...got } = await survey(cluster);

    expect({ status, got: brief(got) }).toEqual({ status: 0, got: ['shop audit 0/1'] });
    expect(err).toBe('Deployments that are stored may keep their names: the rule of names is for new ones\n');
  });

  it('lists in pages and nothing else, and writes nothing', async () => {
    for (let i = 0; i < 1001; i++) store(`shop/web-a-${i}`, serviceLines('a', `v${i}`));

    const got = await survey(cluster);

    expect(got.deployments).toBe(1001);
    expect(server.requests.map(({ method, url }) => `${method} ${url.replace(/&continue=.*/, '&continue')}`)).toEqual([
      'GET /api/v1/namespaces?limit=500',
      'GET /apis/apps/v1/deployments?limit=500',
      'GET /apis/apps/v1/deployments?limit=500&continue',
      'GET /apis/apps/v1/deployments?limit=500&continue',
    ]);
  });

  it('counts nothing twice when the pages ran out and it begins anew', async () => {
    for (let i = 0; i < 501; i++) store(`shop/web-a-${i}`, serviceLines('a', `v${i}`));
    server.fault = ({ url }) => (url.includes('continue=') ? { status: 410, body: { reason: 'Expired' } } : undefined);

    expect((await survey(cluster)).deployments).toBe(501);
  });

  it('looks at the namespaces that are named, and asks for no others', async () => {
    store('shop/web-a-1', serviceLines('a', 'v1', 'hpa: x'));
    store('other/web-a-1', serviceLines('a', 'v1', 'hpa: x'));

    const got = await survey([...cluster, '--namespace', 'shop']);

    expect(brief(got)).toEqual(['shop audit 1/1: web-a-1 WM020']);
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/api/v1/namespaces?fieldSelector=metadata.name%3Dshop&limit=500',
      '/apis/apps/v1/namespaces/shop/deployments?limit=500',
    ]);
  });

  it.each([
    [
      'that lets us not list',
      { status: 403, body: { message: 'deployments is forbidden' } },
      [],
      /cannot be read: .*forbidden/,
    ],
    ['that cuts the connection', 'reset', [], /cannot be read: GET /],
    ['without a namespace that is named', undefined, ['--namespace', 'nowhere'], /it has no 'nowhere'/],
    ['with a namespace that cannot be', undefined, ['--namespace', '../shop'], /must be a DNS label/],
  ] as const)('ends with 2 for a cluster %s', async (_, fault, args, message) => {
    server.fault = () => fault;

    const { status, out, err } = await waymark(['lint', '--policy', ...cluster, ...args]);

    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(message);
  });
});
