import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSettings } from '../shared/settings-file.ts';
import type { ExistingObject, Snapshot } from '../shared/snapshot.ts';
import { waymark } from '../test/support/command-line.ts';
import { deploymentFile, fileOf, serviceLines } from '../test/support/command-line-manifests.ts';
import { explanationOf } from './explanation.ts';

const folder = mkdtempSync(join(tmpdir(), 'waymark-explain-request-'));
const settings = join(folder, 'settings.yaml');
writeFileSync(settings, 'ingressHost: models.example.com\n');
afterAll(() => rmSync(folder, { recursive: true }));

const SHOP = 'shop.example.com';

function mappings(fullName: string, ...all: readonly (readonly string[])[]): string {
  const texts = all.map(([name = '', prefix = '', ...more]) => [
    '---',
    'apiVersion: getambassador.io/v2',
    'kind: Mapping',
    `name: ${name}`,
    `prefix: ${prefix}`,
    `host: ${SHOP}`,
    ...more,
  ]);
  return deploymentFile(fullName, texts.flat().slice(1));
}

const service = deploymentFile('shop/web-a-1', serviceLines('a', 'v1', `hosts: [${SHOP}]`));
const buy = mappings('shop/till', ['buy', '/buy/', 'method: POST', 'rewrite: /v2/', 'host_rewrite: till.example.com']);

async function explained(request: string, files: readonly string[], ...more: readonly string[]) {
  const args = ['explain', SHOP, '--config', settings, '-f', '-', '--request', request, ...more];
  return waymark(args, fileOf(...files));
}

interface Row {
  readonly title: string;
  readonly request: string;
  readonly files: readonly string[];
  readonly says: readonly string[];
  readonly saysNot?: string;
}

const ROWS: readonly Row[] = [
  {
    title: 'the document that takes it, where it goes, and what would have taken it otherwise',
    request: 'POST /buy/shoes?size=9',
    files: [service, buy],
    says: [
      'POST /buy/shoes?size=9 is taken by\n  Mapping buy of Deployment shop/till, -:27:7\n',
      'which takes POST /buy/*, and sends it on\n  to shop/till:80 as till.example.com\n  as /v2/shoes?size=9\n  for 3s at most\n',
      '\nnearly taken by\n  InferenceService of Deployment shop/web-a-1, -:8:7\n',
      '    which takes everything: it would take it as well, but is asked later\n',
    ],
  },
  {
    title: 'what of a route does not fit',
    request: '/buy/',
    files: [service, buy],
    says: [
      'GET /buy/ is taken by\n  InferenceService of Deployment shop/web-a-1',
      "    which takes POST /buy/*: the method is GET, not 'POST'\n",
    ],
  },
  {
    title: 'how the gateway reads a path',
    request: 'POST /x/../buy/%41',
    files: [buy],
    says: ['POST /x/../buy/%41 is read as /buy/A, and is taken by\n', '  as /v2/A\n'],
  },
  {
    title: 'that no route takes it',
    request: 'POST /buy',
    files: [buy],
    says: [
      `POST /buy is taken by no route of ${SHOP}: the gateway answers 404\n`,
      "    which takes POST /buy/*: the path '/buy' does not begin with '/buy/'\n",
    ],
  },
  {
    title: 'that the gateway refuses it',
    request: '/buy/%00',
    files: [buy],
    says: ['GET /buy/%00 is refused: the gateway answers 400\n'],
  },
  {
    title: 'all Mappings that share it, with their shares, and who gets copies',
    request: '/a/',
    files: [
      mappings('shop/one', ['some', '/a/', 'weight: 10']),
      mappings('shop/two', ['rest', '/a/'], ['copy', '/a/', 'shadow: true', 'weight: 5']),
    ],
    says: [
      '  Mapping some of Deployment shop/one, -:8:7: 10% of the requests\n',
      '  Mapping rest of Deployment shop/two, -:27:7: 90% of the requests\n',
      '  Mapping copy of Deployment shop/two, -:33:7: 5% of the copies\n',
      '  to shop/one:80 10%, shop/two:80 90%; copies to shop/two:80 5%\n',
    ],
  },
  {
    title: 'the address that it is redirected to',
    request: '/old/a?b',
    files: [mappings('shop/till', ['old', '/old/', 'service: https://new.example.com', 'host_redirect: true'])],
    says: ['which takes /old/*, and answers 301 with the address https://new.example.com/old/a?b\n'],
  },
  {
    title: 'that a browser is answered',
    request: 'OPTIONS /a/ -H origin:https://a.example.com -H access-control-request-method:PUT',
    files: [mappings('shop/till', ['a', '/a/', 'cors: {origins: "https://a.example.com", methods: PUT}'])],
    says: ['which takes /a/*, and answers the question of a browser whether it may ask\n'],
  },
  {
    title: 'what only the gateway knows',
    request: '/a/',
    files: [mappings('shop/till', ['a', '/a/', 'headers: {x-forwarded-proto: https, x-request-id: true}'])],
    says: [
      "  which takes /a/* with x-forwarded-proto: https, x-request-id: header x-forwarded-proto is what the gateway writes, not 'https'\n",
      'note: the gateway writes header x-forwarded-proto itself: give the value it will have with -H\n',
    ],
  },
  {
    title: 'that a document may be missing here for its faults',
    request: '/a/',
    files: [mappings('shop/one', ['a', '/a/']), mappings('shop/two', ['b', '/a/'])],
    says: [
      'GET /a/ is taken by\n  Mapping a of Deployment shop/one, -:8:7\n',
      'note: there are findings: `waymark explain shop.example.com` without a request has them\n',
    ],
  },
  {
    title: 'what is known of it when that is said',
    request: '/a/ -H x-forwarded-proto:https',
    files: [mappings('shop/till', ['a', '/a/', 'headers: {x-forwarded-proto: https, x-request-id: true}'])],
    says: ['GET /a/ is taken by\n  Mapping a of Deployment shop/till'],
    saysNot: 'note:',
  },
  {
    title: 'what a route asks of case, patterns and the query',
    request: '/A/b?v=2',
    files: [
      mappings(
        'shop/till',
        ['a', '/a/', 'case_sensitive: false', 'query_parameters: {v: "1", w: true}'],
        ['b', '/a/.*', 'prefix_regex: true', 'method: P.*', 'method_regex: true', 'regex_headers: {x-a: b+}'],
      ),
    ],
    says: [
      "    which takes /a/* in any case with ?v=1, ?w: parameter v of the query is '2', not '1'\n",
      '    which takes (pattern P.*) (pattern /a/.*) with x-a: (pattern b+): the path',
    ],
  },
];

describe('explain --request says', () => {
  it.each(ROWS.map(row => [row.title, row] as const))(
    '%s',
    async (_, { request, files, says, saysNot = 'undefined' }) => {
      const { status, out, err } = await explained(request, files);

      expect([status, err]).toEqual([0, '']);
      for (const text of says) expect(out).toContain(text);
      expect(out).not.toContain(saysNot);
    },
  );

  it('what is wrong with the request, before anything is read', async () => {
    const { status, err } = await explained('post /buy/', ['nothing: here']);

    expect([status, err]).toEqual([2, "error: --request 'post /buy/': a method is written in capital letters: POST\n"]);
  });

  it('all of it as JSON, beside all that is said of the host', async () => {
    const { out } = await explained('POST /buy/shoes', [service, buy], '-o', 'json');

    const { request, routes, kind } = JSON.parse(out) as Record<string, unknown>;
    expect({ kind, routes: (routes as unknown[]).length }).toEqual({ kind: 'own', routes: 2 });
    const at = (line: number) => ({ file: '-', line, column: 7 });
    expect(request).toEqual({
      method: 'POST',
      target: '/buy/shoes',
      seen: '/buy/shoes',
      taker: {
        rules: [
          { kind: 'Mapping', mapping: 'buy', namespace: 'shop', deployment: 'till', site: 'waymark.dev/config 1:1', ...at(27) }, // prettier-ignore
        ],
        route: {
          name: 'shop/till/buy',
          takes: 'POST /buy/*',
          to: [{ service: 'shop/till:80', percent: 100, host: 'till.example.com' }],
          copies: [],
        },
        then: { does: 'forward', target: '/v2/shoes', timeout: '3s' },
      },
      near: [
        {
          rules: [
            { kind: 'InferenceService', namespace: 'shop', deployment: 'web-a-1', site: 'waymark.dev/config 1:1', ...at(8) }, // prettier-ignore
          ],
          route: {
            name: 'shop/web-a-1/catch-all',
            takes: 'everything',
            to: [{ service: 'shop/web-a-1:80', percent: 100 }],
            copies: [],
          },
          why: 'it would take it as well, but is asked later',
        },
      ],
      notes: [],
    });
  });
});

it('the page of documentation shows what is printed', async () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/how-to/explain-a-request.md'), 'utf8');
  const block = (language: string) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? '';
  const [command = '', ...shown] = block('console').split('\n');
  const [, host = '', request = ''] = /^\$ waymark explain (\S+) -f resnet.yaml --request '(.*)'$/.exec(command) ?? [];

  const { out } = await waymark(['explain', host, '-f', '-', '--request', request], block('yaml'));

  expect(out.replaceAll(', -:', ', resnet.yaml:')).toBe(shown.join('\n'));
});

describe('explain --request of a Deployment that is paused', () => {
  const live: ExistingObject = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: SHOP, namespace: 'shop', labels: { 'app.kubernetes.io/managed-by': 'waymark' } },
    spec: {
      hosts: [SHOP],
      http: [
        {
          name: 'shop/till/old+shop/tide/new',
          match: [{ uri: { prefix: '/old/' }, headers: { 'x-a': {} } }],
          rewrite: { uri: '/' },
          route: [{ destination: { host: 'till.shop.svc.cluster.local', port: { number: 80 } } }],
        },
        { name: 'shop/till/catch-all', route: [{ destination: { host: 'till.shop.svc.cluster.local' } }] },
      ],
    },
  };
  const paused = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'till',
      namespace: 'shop',
      uid: 'u1',
      annotations: {
        'waymark.dev/paused': 'true',
        'waymark.dev/config': `apiVersion: waymark.dev/v1\nkind: Mapping\nname: other\nprefix: /other/\nhost: ${SHOP}\n`,
      },
    },
    spec: { selector: { matchLabels: { app: 'till' } }, template: { spec: { containers: [{ name: 'main' }] } } },
  };
  const snapshot = {
    settings: defaultSettings,
    now: 1,
    deployments: [paused],
    namespaces: new Map(),
    existing: [live],
    istio: true,
  } as unknown as Snapshot;

  it.each([
    ['is asked of what lives', '/old/x', [{ name: 'x-a', value: '' }], '/x', ['old', 'new']],
    ['is asked of all that lives', '/old/x', [], '/old/x', [undefined]],
  ])('%s', (_, target, headers, then, names) => {
    const request = { method: 'GET', target, headers };

    const { taker } = explanationOf(SHOP, snapshot, { request })?.request ?? {};

    expect(taker?.then).toEqual({ does: 'forward', target: then });
    expect(taker?.rules.map(({ mapping }) => mapping)).toEqual(names);
  });
});
