import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waymark } from '../support/command-line.ts';
import type { JsonSurvey } from '../support/command-line.ts';
import { createNamespace, deployment, inferenceService, mapping } from './manifests.ts';
import { DOMAIN, INGRESS_HOST, apply, startWorld, stopWorlds } from './world.ts';
import type { World } from './world.ts';

const ACCOUNT = 'surveyor';

/** Name → annotation; `undefined` = none. Stored before there was any Waymark. */
const DEPLOYMENTS: Readonly<Record<string, string | undefined>> = {
  'shop/serving-good-1': inferenceService('good', 'v1'),
  'shop/any-name': inferenceService('good', 'v2'),
  'shop/serving-bad-1': inferenceService('bad', 'v1', 'hpa: cpu:50%', 'replicas: {min: 4, max: 2}'),
  'shop/plain': undefined,
  'other/serving-bad-1': inferenceService('bad', 'v1', 'model: again'),
  'other/routes': mapping('one', '/one/'),
  'quiet/serving-bad-1': 'kind: InferenceService\n',
};

const ANNOTATED = Object.entries(DEPLOYMENTS).flatMap(([name, text]) => (text === undefined ? [] : [name]));

let world: World;
let kubeconfig = '';
let config = '';
beforeAll(async () => {
  world = await startWorld({ waymark: false });
  await createNamespace(world.cluster, 'shop', { labels: { 'waymark.dev/policy': 'audit' } });
  await createNamespace(world.cluster, 'other', { labels: { 'waymark.dev/policy': 'warn' } });
  await createNamespace(world.cluster, 'quiet', { labels: { 'waymark.dev/policy': 'off' } });
  await apply(
    world,
    ...Object.entries(DEPLOYMENTS).map(([name, text]) => deployment(name, text === undefined ? {} : { config: text })),
  );
  kubeconfig = await surveyorsKubeconfig();
  config = join(world.cluster.directory, 'settings.yaml');
  writeFileSync(config, `domain: ${DOMAIN}\ningressHost: ${INGRESS_HOST}\n`);
});
afterAll(stopWorlds);

async function bind(): Promise<void> {
  const binding = [ACCOUNT, `--clusterrole=${ACCOUNT}`, `--serviceaccount=default:${ACCOUNT}`];
  await world.kubectl(['create', 'clusterrolebinding', ...binding]);
}

/** Of an account that may list Deployments and Namespaces, and nothing else. */
async function surveyorsKubeconfig(): Promise<string> {
  const { cluster } = world;
  await world.kubectl(['create', 'serviceaccount', ACCOUNT, '--namespace', 'default']);
  const resources = '--resource=deployments.apps,namespaces';
  await world.kubectl(['create', 'clusterrole', ACCOUNT, '--verb=list', resources]);
  await world.kubectl([
    'create',
    'clusterrolebinding',
    ACCOUNT,
    `--clusterrole=${ACCOUNT}`,
    `--serviceaccount=default:${ACCOUNT}`,
  ]);
  const { stdout } = await world.kubectl(['create', 'token', ACCOUNT, '--namespace', 'default']);
  const { url, caFile } = cluster.apiServer;
  const path = join(cluster.directory, 'surveyor.json');
  const authority = readFileSync(caFile).toString('base64');
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'here', user: ACCOUNT } }],
    clusters: [{ name: 'here', cluster: { server: url, 'certificate-authority-data': authority } }],
    users: [{ name: ACCOUNT, user: { token: stdout.trim() } }],
  };
  writeFileSync(path, JSON.stringify(content));
  return path;
}

async function survey(...args: readonly string[]): Promise<JsonSurvey & { readonly status: number }> {
  const cluster = ['--kubeconfig', kubeconfig, '--config', config];
  const { status, out, err } = await waymark(['lint', '--policy', '--format', 'json', ...cluster, ...args]);
  if (status === 2) throw new Error(err);
  return { status, ...(JSON.parse(out) as JsonSurvey) };
}

function deniedNames({ namespaces }: JsonSurvey): readonly string[] {
  return namespaces.flatMap(({ namespace, denied }) => denied.map(({ name }) => `${namespace}/${name}`));
}

describe('`waymark lint --policy` of a cluster', () => {
  it('tells by namespace what enforce would deny, and needs nothing but list', async () => {
    const since = Date.now();

    const { status, ...got } = await survey();

    expect(status).toBe(1);
    expect(got).toMatchObject({ deployments: 6, denied: 3 });
    expect(got.namespaces.map(({ namespace, policy }) => `${namespace} ${policy}`)).toEqual([
      'other warn',
      'quiet off',
      'shop audit',
    ]);
    const asked = (await world.cluster.audit(since)).filter(({ user }) => user.endsWith(`:${ACCOUNT}`));
    expect([...new Set(asked.map(({ verb, resource }) => `${verb} ${resource}`))].sort()).toEqual([
      'list deployments',
      'list namespaces',
    ]);
  });

  it('is of one namespace when one is named', async () => {
    expect(deniedNames(await survey('--namespace', 'shop'))).toEqual(['shop/serving-bad-1']);
  });

  it('ends with 2 and the reason when the account may not list', async () => {
    await world.kubectl(['delete', 'clusterrolebinding', ACCOUNT]);

    const { status, out, err } = await waymark(['lint', '--policy', '--kubeconfig', kubeconfig]);
    await bind();

    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^error: the cluster cannot be read: .*forbidden/);
  });

  it('foretells what the webhook does once the policy is enforce (R-04)', async () => {
    const foretold = deniedNames(await survey());
    await world.install();
    await world.kubectl(['label', 'namespace', 'shop', 'other', 'quiet', 'waymark.dev/policy=enforce', '--overwrite']);

    const denied: string[] = [];
    for (const fullName of ANNOTATED) {
      const [namespace = '', name = ''] = fullName.split('/');
      const args = ['label', 'deployment', name, '--namespace', namespace, 'touched=yes'];
      const { code, stderr } = await world.cluster.kubectl(args);
      if (code === 0) continue;
      expect(stderr).toContain('is refused by Waymark');
      denied.push(fullName);
    }

    expect(denied.sort()).toEqual([...foretold].sort());
    expect(foretold).toHaveLength(3);
  });
});
