import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { waymark } from './support/command-line.ts';
import { deploymentFile } from './support/command-line-manifests.ts';

const ROOT = join(import.meta.dirname, '..');
const EXAMPLE = join(ROOT, 'examples-ambassador');
const SETTINGS = join(EXAMPLE, 'platform', 'settings.yaml');

const textOf = (page: string) => readFileSync(join(ROOT, 'docs', page), 'utf8');

interface Rendered {
  readonly kind: string;
  readonly spec: unknown;
}

/** What the Mappings of a page become, all of them on one Deployment. */
async function rendered(page: string) {
  const blocks = [...textOf(page).matchAll(/^```yaml\n(apiVersion: (?:getambassador\.io|ambassador)[\s\S]*?)^```/gm)];
  const lines = blocks
    .map(([, block = '']) => block.trimEnd())
    .join('\n---\n')
    .split('\n');
  const { status, out, err } = await waymark(
    ['render', '-f', '-', '--config', SETTINGS],
    deploymentFile('shop/web', lines),
  );
  const objects = parseAllDocuments(out).map(document => document.toJS() as Rendered);
  return { status, err, objects: objects.filter(({ kind }) => kind !== 'Deployment' && kind !== 'Service') };
}

describe('the examples of', () => {
  it.each([
    ['how-to/share-requests.md', ['"weight":10', '"weight":90', '"percentage":{"value":25}']],
    [
      'how-to/redirects.md',
      ['"redirect":{', '"scheme":"https"', '"authority":"www.example.com"', '"redirectCode":308'],
    ],
    [
      'how-to/headers-and-paths.md',
      [
        '"regex":"/item/[0-9]+"',
        '"regex":"GET|HEAD"',
        '"x-channel":{"exact":"beta"}',
        '"preview":{"exact":"true"}',
        '"uriRegexRewrite":',
        '"authority":"api.internal.example.com"',
        '"remove":["x-debug"]',
      ],
    ],
    ['how-to/external-services.md', ['ServiceEntry', '"hosts":["httpbin.org"]', '"authority":"httpbin.org"']],
    [
      'how-to/connections.md',
      ['DestinationRule', '"connectTimeout":', '"http1MaxPendingRequests":50', '"consistentHash":'],
    ],
  ])('%s become what the page says', async (page, expected) => {
    const { status, err, objects } = await rendered(page);

    const text = JSON.stringify(objects);
    expect({ status, missing: expected.filter(part => !text.includes(part)), err }).toMatchObject({
      status: 0,
      missing: [],
    });
  });
});

describe('the guide for users of Ambassador', () => {
  const guide = textOf('migrate-from-ambassador.md');
  const args = ['migrate', 'ambassador', '-f', `${EXAMPLE}/`, '--config', SETTINGS];

  it('shows what `migrate` really says', async () => {
    const [, shown = ''] = /^```console\n\$ .*\n([\s\S]*?)^```/m.exec(guide) ?? [];

    const { err } = await waymark(args);

    expect(err.replaceAll(`${ROOT}/`, '')).toBe(shown);
  });

  it('tells of files that can be applied', async () => {
    const { out } = await waymark(args);

    const { status } = await waymark(['lint', '-f', '-', '--config', SETTINGS], out);

    expect(status).toBe(0);
  });

  it('says of the seed’s requests what becomes of them', async () => {
    const { out } = await waymark(args);
    const explained = async (request: string) =>
      (await waymark(['explain', 'models.example.com', '-f', '-', '--config', SETTINGS, '--request', request], out))
        .out;

    expect(await explained('POST /models/test/')).toMatch(/tfserving-predict[^]*as \/model\/test\/:predict\n/);
    expect(await explained('POST /models/test/x')).toContain('as /model/test/:predictx\n');
    expect(await explained('GET /httpbin/get')).toMatch(/httpbin_mapping[^]*httpbin\.org/);
  });
});
