import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { RESOURCES } from '../../kube/resources.ts';
import type { KubeObject, Resource } from '../../kube/types.ts';
import { AMBASSADOR_KINDS } from '../../shared/fields/dialects.ts';
import { annotated, deployment, mappingObject } from '../../test/support/ambassador-manifests.ts';
import { startApiServer } from '../../test/support/api-server/server.ts';
import { waymark } from '../../test/support/command-line.ts';
import { fileOf } from '../../test/support/command-line-manifests.ts';
import { writeKubeconfig } from '../../test/support/kubeconfig-file.ts';
import { PLURALS } from './cluster-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'waymark-migrate-cluster-'));
const config = join(folder, 'settings.yaml');
writeFileSync(config, 'ingressHost: models.example.com\n');
afterAll(() => rmSync(folder, { recursive: true }));

const mappings = (version: string): Resource => ({
  apiVersion: `getambassador.io/${version}`,
  kind: 'Mapping',
  plural: 'mappings',
  namespaced: true,
});

/** What the program says of a cluster with these objects, and what it asked for. */
async function inCluster(served: readonly Resource[], text: string, ...more: readonly string[]) {
  const server = await startApiServer([RESOURCES.namespaces, RESOURCES.services, RESOURCES.deployments, ...served]);
  try {
    for (const document of parseAllDocuments(text)) server.put(document.toJS() as KubeObject);
    const kubeconfig = join(folder, 'kubeconfig.json');
    await writeKubeconfig(server, kubeconfig);
    const args = ['migrate', 'ambassador', '--kubeconfig', kubeconfig, '--config', config, ...more];
    return { ...(await waymark(args)), requests: [...server.requests] };
  } finally {
    await server.close();
  }
}

const shop = fileOf(
  mappingObject('shop/own', ['prefix: /own/', 'service: web:8080']),
  annotated('shop/web', ['apiVersion: ambassador/v1', 'kind: Mapping', 'name: on-service', 'prefix: /on/']),
  deployment('shop/web-1', 'web').replace('spec:', '  labels: {team: a}\nspec:'),
);

describe('a cluster', () => {
  it('is read like files, and what Kubernetes keeps in objects is left out', async () => {
    const { status, out, err } = await inCluster([mappings('v3alpha1')], shop);

    expect(err).toContain('Mapping shop/own:1:1: moved: Mapping shop/own → Deployment shop/web-1');
    expect(err).toContain('Service shop/web:8:7: moved: Mapping shop/on-service');
    expect(out).toMatch(/labels:\n {4}team: a\n/);
    expect(out).not.toMatch(/uid|resourceVersion|creationTimestamp|generation/);
    expect(status).toBe(0);
  });

  it('is asked for nothing but lists', async () => {
    const { requests } = await inCluster([mappings('v3alpha1')], shop);

    expect(new Set(requests.map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  it('that serves an older version of Mapping only is asked for that one', async () => {
    const { err } = await inCluster([mappings('v2')], shop.replace('v3alpha1', 'v2'));

    expect(err).toContain('moved: Mapping shop/own');
  });

  it('without the kinds of Ambassador has its annotations read all the same', async () => {
    const { err, status } = await inCluster([], shop.slice(shop.indexOf('---\n')));

    expect(err).toMatch(/\n1 moved\n$/);
    expect(status).toBe(0);
  });

  it('is looked at only as far as --namespace says', async () => {
    const { out, err } = await inCluster([mappings('v3alpha1')], shop, '--namespace', 'other');

    expect({ out, err }).toEqual({ out: '', err: '0 moved\n' });
  });
});

it('knows the plural of every kind of Ambassador', () => {
  expect(Object.keys(PLURALS).toSorted()).toEqual(['Mapping', ...Object.keys(AMBASSADOR_KINDS)].toSorted());
});
