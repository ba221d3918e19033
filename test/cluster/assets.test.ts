import { afterEach, describe, expect, it } from '@jest/globals';
import { accessSync, constants, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureAssets } from './assets.ts';

const before = process.env['KUBEBUILDER_ASSETS'];

describe('ensureAssets', () => {
  afterEach(() => {
    if (before === undefined) delete process.env['KUBEBUILDER_ASSETS'];
    else process.env['KUBEBUILDER_ASSETS'] = before;
  });

  it('gives programs that can be run, and definitions of the resources that Waymark writes', async () => {
    const { istioDefinitions, ...programs } = await ensureAssets({ build: false });

    for (const program of Object.values(programs)) accessSync(program, constants.X_OK);
    const definitions = JSON.parse(readFileSync(istioDefinitions, 'utf8')) as { metadata: { name: string } }[];
    expect(definitions.map(({ metadata }) => metadata.name)).toEqual(
      expect.arrayContaining(['virtualservices.networking.istio.io', 'serviceentries.networking.istio.io']),
    );
  });

  it('takes from KUBEBUILDER_ASSETS what is there, and the rest from the cache', async () => {
    delete process.env['KUBEBUILDER_ASSETS'];
    const own = await ensureAssets({ build: false });
    const folder = mkdtempSync(join(tmpdir(), 'given-'));
    for (const program of ['etcd', 'kubectl']) writeFileSync(join(folder, program), '');

    process.env['KUBEBUILDER_ASSETS'] = folder;
    const mixed = await ensureAssets({ build: false });

    expect(mixed).toEqual({ ...own, etcd: join(folder, 'etcd'), kubectl: join(folder, 'kubectl') });
  });
});
