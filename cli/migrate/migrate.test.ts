import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { annotated, deployment } from '../../test/support/ambassador-manifests.ts';
import { fileOf } from '../../test/support/command-line-manifests.ts';
import { waymark } from '../../test/support/command-line.ts';
import { mappingLines, migrated, SETTINGS } from '../../test/support/migrated.ts';

const folder = mkdtempSync(join(tmpdir(), 'waymark-migrate-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the output', () => {
  const input = fileOf(annotated('shop/web', mappingLines('shop')), deployment('shop/web', 'web'));

  it('is clean for `lint`, and no Service that is built of it carries an annotation that Ambassador reads', async () => {
    const { out } = await migrated(input);

    const lint = await waymark(['lint', '-f', '-', '--config', SETTINGS], out);
    const render = await waymark(['render', '-f', '-', '--config', SETTINGS], out);

    expect(lint.status).toBe(0);
    const services = parseAllDocuments(render.out)
      .map(document => document.toJS() as { kind: string; metadata: { annotations?: unknown } })
      .filter(({ kind }) => kind === 'Service');
    expect(services.map(({ metadata }) => metadata.annotations)).toEqual([undefined]);
  });

  it('has the annotation in lines of its own also where the file has brackets', async () => {
    const { out } = await migrated(
      input.replace(
        /kind: Deployment\nmetadata:\n {2}name: web\n {2}namespace: shop\n/,
        'kind: Deployment\nmetadata: {name: web, namespace: shop, annotations: null}\n',
      ),
    );

    expect(out).toContain('  namespace: shop\n  annotations:\n    getambassador.io/config: |\n      apiVersion:');
  });

  it('names the old Service that stays in the place of the one that is made', async () => {
    const { documents, status } = await migrated(input.replace('web-1', 'web'));

    expect(documents.filter(({ outcome }) => outcome === 'note')).toMatchObject([
      { kind: 'Deployment', message: expect.stringContaining('Service shop/web stays') },
    ]);
    expect(status).toBe(0);
  });

  it('is a patch for each Deployment, with the command', async () => {
    const { out } = await waymark(['migrate', 'ambassador', '-f', '-', '--config', SETTINGS, '--patch'], input);

    expect(out).toContain(
      '---\n# kubectl patch deployment web --namespace shop --type merge --patch-file shop.web.yaml\n',
    );
    expect(parseAllDocuments(out).map(document => document.toJS() as unknown)).toEqual([
      { metadata: { annotations: { 'getambassador.io/config': `${mappingLines('shop').join('\n')}\n` } } },
    ]);
  });

  it('is one file each in a folder, and what to do with them', async () => {
    const target = join(folder, 'new', 'out');
    const args = ['migrate', 'ambassador', '-f', '-', '--config', SETTINGS, '--output-dir', target];

    const { out } = await waymark(args, input);

    expect(out).toBe(`kubectl apply -f ${target}/shop.web.yaml\n`);
    expect(readdirSync(target)).toEqual(['shop.web.yaml']);
    expect(readFileSync(join(target, 'shop.web.yaml'), 'utf8')).toBe((await migrated(input)).out);
  });

  it('is followed by a report that can be read', async () => {
    const { err } = await waymark(['migrate', 'ambassador', '-f', '-', '--config', SETTINGS], input);

    expect(err).toContain('-:8:7: moved: Mapping shop/shop → Deployment shop/web: ');
    expect(err).toMatch(/\n1 moved\n$/);
  });
});

describe('wrong usage', () => {
  it.each([
    ['another system', ['migrate', 'traefik', '-f', '-'], 'Allowed choices are ambassador'],
    [
      'a default without namespace',
      ['migrate', 'ambassador', '-f', '-', '--default-deployment', 'web'],
      "'namespace/name'",
    ],
    [
      'a default that is not there',
      ['migrate', 'ambassador', '-f', '-', '--default-deployment', 'a/b'],
      'Deployment a/b',
    ],
  ])('%s ends with 2', async (_, args, said) => {
    const { status, err } = await waymark(args);

    expect(err).toContain(said);
    expect(status).toBe(2);
  });
});
