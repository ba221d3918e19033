import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waymark } from '../test/support/command-line.ts';
import { deploymentFile, fileOf, serviceLines } from '../test/support/command-line-manifests.ts';

const folder = mkdtempSync(join(tmpdir(), 'waymark-explain-'));
const settings = join(folder, 'settings.yaml');
writeFileSync(settings, 'domain: service.example.com\ningressHost: models.example.com\n');
afterAll(() => rmSync(folder, { recursive: true }));

const SHOP = 'shop.example.com';

/** `shop/web-a-1` with the host and more lines. */
function version(fullName: string, ...more: readonly string[]): string {
  const [, , model = '', digits = ''] = /(\w+)-(\w+)-(\d+)$/.exec(fullName) ?? [];
  return deploymentFile(fullName, serviceLines(model, `v${digits}`, `hosts: [${SHOP}]`, ...more));
}

function withoutHost(fullName: string): string {
  return version(fullName).replace(/^ +hosts: .*\n/m, '');
}

function hostFile(spec: string): string {
  return `apiVersion: waymark.dev/v1\nkind: Host\nmetadata: {name: ${SHOP}}\nspec: ${spec}\n`;
}

function pinned(file: string): string {
  return file.replace('  annotations:\n', '  annotations:\n    waymark.dev/active: "true"\n');
}

const MAPPING = ['---', 'apiVersion: waymark.dev/v1', 'kind: Mapping', 'name: buy', 'prefix: /buy/', 'method: POST'];

async function explained(host: string, ...files: readonly string[]) {
  return waymark(['explain', host, '--config', settings, '-f', '-'], fileOf(...files));
}

interface Row {
  readonly title: string;
  readonly host?: string;
  readonly files: readonly string[];
  readonly says: readonly string[];
  readonly saysNot?: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    title: 'of a host that one version asks for, that it leads and takes everything',
    files: [version('shop/web-a-1')],
    says: [
      'shop.example.com belongs to namespace shop: nobody has it yet, and a Deployment there was the first to ask for it\nweb-a-1 leads\n',
      '  web-a-1  v1  Active  100%  ready  Leads: it leads\n',
      '  everything  → shop/web-a-1:80  (shop/web-a-1/catch-all)\n',
    ],
    saysNot: ['next:', 'what is wrong', 'conditions', 'since', '1970'],
  },
  {
    title: 'of two versions, that the newer one leads, and what becomes of the older one',
    files: [version('shop/web-a-1'), version('shop/web-a-2')],
    says: [
      'web-a-2 leads: it is the newest\n',
      'next: web-a-1 is scaled to zero when `bake` and `drain` are over\n',
      'line web/a/prod of namespace shop\n  web-a-2  v2  Active    100%  ready',
    ],
  },
  {
    title: 'of a pinned version, that it leads because it is pinned (R-21)',
    files: [pinned(version('shop/web-a-1')), version('shop/web-a-2')],
    says: ['web-a-1 leads: it is pinned\n', 'web-a-2  v2  Draining  0%'],
  },
  {
    title: 'of a split, which shares count and which are lost (F-09)',
    files: [
      withoutHost('shop/web-b-1'),
      version('shop/web-a-1', 'split: {web-b-1: 20, gone: 10}', 'mirror: {web-b-1: 5}'),
    ],
    says: [
      'split: web-b-1 20%\nmirror: web-b-1 5%\n',
      '  web-a-1  v1  Active  80% (wanted 70%)  ready',
      '→ shop/web-a-1:80 80%, shop/web-b-1:80 20%; copies to shop/web-b-1:80 5%',
      "-:32:28: warning WM114 TargetMissing: `split.gone` must be a Service to get its 10% of the split, but 'shop/gone' is not there; fix: ",
    ],
  },
  {
    title: 'of a Deployment of another namespace, that it is refused, and by whom (S-11)',
    files: [version('shop/web-a-1'), version('other/web-a-1')],
    says: [
      "line web/a/prod of namespace other\n  web-a-1  v1  Conflicted  0%  not ready  HostTaken: the host belongs to namespace 'shop'\n",
      'error WM101 HostTaken: ',
    ],
  },
  {
    title: 'of two lines that nothing connects, that the older one has the host',
    files: [version('shop/web-b-1'), version('shop/web-a-1')],
    says: ['web-b-1 leads\n', 'Conflicted  0%  ready  LineConflict: web-b-1, of another line, has the host'],
  },
  {
    title: 'of several lines, each by itself',
    files: [version('shop/web-b-1'), version('shop/web-a-1', 'split: {web-b-1: 50}')],
    says: ['line web/a/prod of namespace shop\n  web-a-1', 'line web/b/prod of namespace shop\n  web-b-1'],
  },
  {
    title: 'of a Host that an administrator made, whose it is',
    files: [hostFile('{namespace: other, reserved: true}'), version('shop/web-a-1')],
    says: [
      'shop.example.com belongs to namespace other: the Host says so, and is reserved\nno version leads\n',
      "HostTaken: the host belongs to namespace 'other'",
      'no route leads anywhere',
    ],
  },
  {
    title: 'of a host without a member, whose it is',
    files: [hostFile('{namespace: shop}'), withoutHost('shop/web-a-1')],
    says: ['belongs to namespace shop: the Host says so\nno version leads\n'],
  },
  {
    title: 'of Mappings, in the order in which they are asked',
    files: [version('shop/web-a-1', ...MAPPING)],
    says: [
      '  POST /buy/*  → shop/web-a-1:80  (shop/web-a-1/buy)\n  everything   → shop/web-a-1:80  (shop/web-a-1/catch-all)\n',
    ],
  },
  {
    title: 'of a built-in host, which Deployment has it by itself',
    host: 'web-a-1.shop.service.example.com',
    files: [version('shop/web-a-1')],
    says: [
      'belongs to namespace shop: it is the built-in host of Deployment web-a-1\n\nroutes',
      'everything  → shop/web-a-1:80',
    ],
    saysNot: ['leads', 'line '],
  },
  {
    title: 'of the host that all share, in what order paths are asked',
    host: 'models.example.com',
    files: [version('shop/web-a-1'), version('shop/web-a-2'), withoutHost('shop/web-b-1')],
    says: [
      'models.example.com: it is the `ingressHost` of the platform',
      '  /models/b/*  → shop/web-b-1:80  (shop/web-b-1/model-path)\n  /models/a/*  → shop/web-a-2:80',
    ],
  },
];

describe('explain -f tells', () => {
  it.each(ROWS)('$title', async ({ host = SHOP, files, says, saysNot = [] }) => {
    const { status, out, err } = await explained(host, ...files);

    expect({ status, err }).toEqual({ status: 0, err: '' });
    for (const text of says) expect(out).toContain(text);
    for (const text of saysNot) expect(out).not.toContain(text);
  });
});

describe('the host of explain', () => {
  it.each([SHOP, 'SHOP.example.com.', 'https://shop.example.com:8443/buy/?x=1'])('may be written %s', async host => {
    const { status, out } = await explained(host, version('shop/web-a-1'));

    expect(status).toBe(0);
    expect(out.startsWith(`${SHOP} belongs`)).toBe(true);
  });

  it.each([
    [
      'that is not known, with the nearest that is',
      'shpo.example.com',
      "nobody has the host 'shpo.example.com' or asks for it; did you mean 'shop.example.com'?\n",
    ],
    ['that is like none', 'a.b', "nobody has the host 'a.b' or asks for it\n"],
  ])('%s, ends with 1', async (_, host, message) => {
    const { status, out, err } = await explained(host, version('shop/web-a-1'));

    expect({ status, out, err }).toEqual({ status: 1, out: '', err: message });
  });

  it.each([
    ['that is no name', ['explain', '*.example.com', '-f', '-'], /HOST must be a name such as/],
    ['that is left out', ['explain', '-f', '-'], /missing required argument 'host'/],
    ['that is not the only one', ['explain', 'a.b', 'c.d', '-f', '-'], /too many arguments/],
  ])('%s, ends with 2', async (_, args, message) => {
    const { status, out, err } = await waymark(args, version('shop/web-a-1'));

    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(message);
  });
});

describe('explain -o json', () => {
  it('says the same with names for scripts, and without what no time is known of', async () => {
    const files = fileOf(version('shop/web-a-1'), version('shop/web-a-2', ...MAPPING), version('other/web-a-1'));

    const { status, out } = await waymark(['explain', SHOP, '-f', '-', '-o', 'json'], files);

    expect(status).toBe(0);
    const { members, ...rest } = JSON.parse(out) as { members: readonly { name: string }[] };
    expect(rest).toMatchObject({
      host: SHOP,
      kind: 'own',
      owner: { namespace: 'shop' },
      active: 'web-a-2',
      conditions: [],
      routes: [
        {
          name: 'shop/web-a-2/buy',
          takes: 'POST /buy/*',
          to: [{ service: 'shop/web-a-2:80', percent: 100 }],
          copies: [],
        },
        { takes: 'everything' },
      ],
      findings: [{ code: 'WM101', namespace: 'other', name: 'web-a-1', file: '-' }],
    });
    expect(members).toMatchObject([
      { name: 'web-a-2', state: 'Active', share: { wanted: 100, effective: 100 } },
      { name: 'web-a-1', state: 'Draining', next: { step: 'retire' } },
      { namespace: 'other', state: 'Conflicted', reason: 'HostTaken' },
    ]);
    expect(out).not.toMatch(/"since"|"record"|"at"|1970/);
  });
});
