import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { fileOf } from '../../test/support/command-line-manifests.ts';
import { waymark } from '../../test/support/command-line.ts';
import { annotated, deployment, mappingObject, service } from '../../test/support/ambassador-manifests.ts';

const folder = mkdtempSync(join(tmpdir(), 'waymark-migrate-'));
const config = join(folder, 'settings.yaml');
writeFileSync(config, 'ingressHost: models.example.com\n');
afterAll(() => rmSync(folder, { recursive: true }));

interface JsonEntry {
  readonly outcome: string;
  readonly kind: string;
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix?: string;
  readonly deployment?: string;
}

interface Deployment {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly annotations: Record<string, string>;
  };
}

interface Result {
  readonly status: number;
  readonly documents: readonly JsonEntry[];
  readonly findings: readonly { readonly code: string; readonly line: number; readonly column: number }[];
  /** By `namespace/name`. */
  readonly texts: Readonly<Record<string, string>>;
  readonly out: string;
}

/** Migrates the standard input. */
async function migrated(input: string, ...more: readonly string[]): Promise<Result> {
  const args = ['migrate', 'ambassador', '-f', '-', '--config', config, '--format', 'json', ...more];
  const { status, out, err } = await waymark(args, input);
  if (status === 2) throw new Error(err);
  const objects = parseAllDocuments(out).map(document => document.toJS() as Deployment);
  const texts = objects.map(({ metadata: { namespace, name, annotations } }): [string, string] => [
    `${namespace}/${name}`,
    annotations['getambassador.io/config'] ?? annotations['waymark.dev/config'] ?? '',
  ]);
  return {
    status,
    ...(JSON.parse(err) as Pick<Result, 'documents' | 'findings'>),
    texts: Object.fromEntries(texts),
    out,
  };
}

const outcomes = ({ documents }: Result) => documents.map(({ outcome, name }) => `${outcome} ${name}`);
const mapping = (name: string, ...lines: readonly string[]) => [
  'apiVersion: getambassador.io/v2',
  'kind: Mapping',
  `name: ${name}`,
  'prefix: /shop/',
  ...lines,
];

describe('a Mapping', () => {
  it('on a Service moves as it is, to the Deployment whose Pods the Service that it names selects', async () => {
    const text = ['# who', ...mapping('shop', 'rewrite: /v1/  # only', 'service: web:8080')];

    const result = await migrated(
      fileOf(annotated('shop/api', text), service('shop/web'), deployment('shop/web-1', 'web')),
    );

    expect(result.texts).toEqual({ 'shop/web-1': `${text.join('\n')}\n` });
    expect(outcomes(result)).toEqual(['moved shop']);
    expect(result.status).toBe(0);
  });

  it('of its own becomes flat, with the order and the comments of its fields', async () => {
    const result = await migrated(
      fileOf(
        mappingObject('shop/shop', ['# the path', 'prefix: /shop/', 'service: web', 'timeout_ms: 500 # short'], 'v2'),
        service('shop/web'),
        deployment('shop/web-1', 'web'),
      ),
    );

    expect(result.texts['shop/web-1']).toBe(
      'apiVersion: getambassador.io/v2\nkind: Mapping\nname: shop\n# the path\nprefix: /shop/\nservice: web\ntimeout_ms: 500 # short\n',
    );
  });

  it('of an early release has the apiVersion of later ones', async () => {
    const early = mappingObject('shop/shop', ['prefix: /', 'service: web']).replace('getamb', 'x.getamb');

    const { texts } = await migrated(fileOf(early, service('shop/web'), deployment('shop/web-1', 'web')));

    expect(texts['shop/web-1']).toMatch(/^apiVersion: getambassador\.io\/v3alpha1\n/);
  });

  it('goes behind what the annotation holds already, under the key that is there', async () => {
    const before = ['apiVersion: waymark.dev/v1', 'kind: Mapping', 'name: old', 'prefix: /old/'];

    const { out, texts } = await migrated(
      fileOf(annotated('shop/web', mapping('shop')), deployment('shop/web', 'web', before)),
    );

    expect(texts['shop/web']).toBe(`${before.join('\n')}\n---\n${mapping('shop').join('\n')}\n`);
    expect(out).toContain('waymark.dev/config');
    expect(out).not.toContain('getambassador.io/config');
  });

  it('keeps the comments of its Deployment', async () => {
    const { out } = await migrated(
      fileOf(annotated('shop/web', mapping('shop')), deployment('shop/web', 'web').replace('spec:', '# why\nspec:')),
    );

    expect(out).toContain('# why\nspec:');
  });

  it.each([
    ['that redirects', ['host_redirect: true', 'service: other.example.com']],
    ['to a host outside the cluster', ['service: httpbin.org:80']],
  ])('%s goes to the Deployment of the Service that it is annotated on', async (_, lines) => {
    const { documents } = await migrated(
      fileOf(annotated('shop/web', mapping('shop', ...lines)), deployment('shop/web-1', 'web')),
    );

    const [{ deployment: home, message } = { deployment: undefined, message: '' }] = documents;
    // Whether it may is the reader's to say.
    expect(home ?? message).toMatch(/^shop\/web-1$|^would be refused/);
  });

  it('that no Deployment is found for goes to the default of its namespace', async () => {
    const input = fileOf(
      mappingObject('shop/shop', ['prefix: /shop/', 'service: web']),
      deployment('shop/web-1', 'web'),
    );

    const without = await migrated(input);
    const result = await migrated(input, '--default-deployment', 'shop/web-1');

    expect(without.documents).toMatchObject([
      { outcome: 'left', message: expect.stringContaining('not in the input') },
    ]);
    expect(without.status).toBe(1);
    expect(result.documents).toMatchObject([{ outcome: 'moved', deployment: 'shop/web-1' }]);
    expect(result.status).toBe(0);
  });

  it.each([
    [
      'whose Service is not in the input',
      [mappingObject('shop/shop', ['prefix: /', 'service: web']), deployment('shop/web', 'web')],
      'Service shop/web, which is not in the input',
    ],
    [
      'whose Service selects no Pods',
      [annotated('shop/web', mapping('shop'), 'spec: {ports: [{port: 80}]}'), deployment('shop/web', 'web')],
      'which selects no Pods',
    ],
    [
      'behind whose Service is no Deployment',
      [annotated('shop/web', mapping('shop'))],
      'behind which is no Deployment',
    ],
    [
      'behind whose Service are several Deployments',
      [annotated('shop/web', mapping('shop')), deployment('shop/one', 'web'), deployment('shop/two', 'web')],
      'several Deployments: one, two',
    ],
    [
      'that sends to a Service of another namespace',
      [
        mappingObject('edge/shop', ['prefix: /', 'service: web.shop']),
        service('shop/web'),
        deployment('shop/web', 'web'),
      ],
      'is in namespace edge, but sends to a Service of shop',
    ],
    [
      'outside the cluster without a Service that it is annotated on',
      [mappingObject('shop/shop', ['prefix: /', 'service: httpbin.org']), deployment('shop/web', 'web')],
      "'httpbin.org' is outside the cluster",
    ],
  ])('%s stays, and the report says why and what to do', async (_, files, said) => {
    const { documents, status, out } = await migrated(fileOf(...files));

    expect(documents).toMatchObject([{ outcome: 'left', kind: 'Mapping', message: expect.stringContaining(said) }]);
    expect(documents[0]?.fix).toContain('--default-deployment');
    expect({ status, out }).toEqual({ status: 1, out: '' });
  });

  it('with a default among several Deployments goes to that one', async () => {
    const { documents } = await migrated(
      fileOf(annotated('shop/web', mapping('shop')), deployment('shop/one', 'web'), deployment('shop/two', 'web')),
      '--default-deployment',
      'shop/two',
    );

    expect(documents).toMatchObject([{ outcome: 'moved', deployment: 'shop/two' }]);
  });

  it('that would be refused stays, with its place in the source, and the others move', async () => {
    const result = await migrated(
      fileOf(
        annotated('shop/web', [
          ...mapping('good').with(3, 'prefix: /b/'),
          '---',
          ...mapping('bad', 'bypass_auth: true'),
        ]),
        deployment('shop/web', 'web'),
      ),
    );

    expect(outcomes(result)).toEqual(expect.arrayContaining(['left bad', 'moved good']));
    expect(result.texts['shop/web']).not.toContain('bypass_auth');
    expect(result.findings).toMatchObject([{ code: 'WM024', line: 17, column: 7 }]);
    expect(result.status).toBe(1);
  });

  it('of its own that would be refused is shown where it is written', async () => {
    const { findings } = await migrated(
      fileOf(
        mappingObject('shop/shop', ['prefix: /', 'service: web:8080', 'bypass_auth: true']),
        service('shop/web'),
        deployment('shop/web', 'web'),
      ),
    );

    expect(findings).toMatchObject([{ code: 'WM024', line: 9, column: 3 }]);
  });

  it('with the name of another one stays unless it is the same', async () => {
    const same = await migrated(
      fileOf(
        annotated('shop/web', mapping('shop')),
        annotated('shop/w2', mapping('shop', 'service: web')),
        deployment('shop/web', 'web'),
      ),
    );
    const twice = await migrated(
      fileOf(annotated('shop/web', mapping('shop')), deployment('shop/web', 'web', mapping('shop'))),
    );

    expect(outcomes(same)).toEqual(expect.arrayContaining(['moved shop', 'left shop']));
    expect(outcomes(twice)).toContain('already shop');
    expect(twice.status).toBe(0);
  });

  it('that has TLS to its Service is told to be stricter than before', async () => {
    const { documents } = await migrated(
      fileOf(annotated('shop/web', mapping('shop', 'service: https://web')), deployment('shop/web-1', 'web')),
    );

    expect(documents[0]).toMatchObject({ outcome: 'moved', message: expect.stringContaining('certificate') });
  });

  it('for another Ambassador stays without a fault, and moves when that one is asked for', async () => {
    const input = fileOf(annotated('shop/web', mapping('shop', 'ambassador_id: inner')), deployment('shop/web', 'web'));

    const other = await migrated(input);
    const inner = await migrated(input, '--ambassador-id', 'inner');

    expect(other.documents).toMatchObject([{ outcome: 'note' }]);
    expect(other.status).toBe(0);
    expect(outcomes(inner)).toContain('moved shop');
    expect(inner.texts['shop/web']).not.toContain('ambassador_id');
  });

  it('in the form of the custom resource on a Service becomes flat', async () => {
    const nested = [
      'apiVersion: getambassador.io/v2',
      'kind: Mapping',
      'metadata: {name: n}',
      'spec:',
      '  prefix: /n/',
    ];

    const { texts } = await migrated(fileOf(annotated('shop/web', nested), deployment('shop/web', 'web')));

    expect(texts['shop/web']).toBe('apiVersion: getambassador.io/v2\nkind: Mapping\nname: "n"\nprefix: /n/\n');
  });

  it('has words of YAML 1.1 for true and false written out, and anchors too', async () => {
    const { texts } = await migrated(
      fileOf(
        mappingObject(
          'shop/shop',
          ['prefix: &p /x/', 'rewrite: *p', 'use_websocket: yes', 'headers: {x: "n"}', 'service: web:8080'],
          'v2',
        ),
        service('shop/web'),
        deployment('shop/web', 'web'),
      ),
    );

    expect(texts['shop/web']).toMatch(/prefix: \/x\/\nrewrite: \/x\/\nuse_websocket: true\nheaders:\n {2}x: "n"\n/);
  });
});

describe('what holds for all Mappings', () => {
  const module = (...lines: readonly string[]) => `apiVersion: getambassador.io/v2
kind: Module
metadata: {name: ambassador, namespace: edge}
spec:
  config:
${lines.map(line => `    ${line}\n`).join('')}`;

  it('in a Module is written into those that do not say it themselves', async () => {
    const { texts, documents, status } = await migrated(
      fileOf(
        module('cluster_request_timeout_ms: 9000'),
        annotated('shop/web', [...mapping('a'), '---', ...mapping('b', 'timeout_ms: 1').with(3, 'prefix: /b/')]),
        deployment('shop/web', 'web'),
      ),
    );

    expect(texts['shop/web']).toMatch(/name: a\nprefix: \/shop\/\ntimeout_ms: 9000\n---\n/);
    expect(texts['shop/web']).not.toMatch(/name: b[^]*9000/);
    expect(documents.find(({ name }) => name === 'a')?.message).toContain('`timeout_ms` is that of the Module');
    expect(status).toBe(0);
  });

  it('in a Module and cannot be had is named, key by key', async () => {
    const { documents, status } = await migrated(
      module('lua_scripts: x', 'diagnostics: {enabled: true}', 'ip_deny: []'),
    );

    expect(documents.map(({ outcome, line, message }) => [outcome, line, message.split('`')[1]])).toEqual([
      ['left', 6, 'config.lua_scripts'],
      ['note', 7, 'config.diagnostics'],
      ['left', 8, 'config.ip_deny'],
    ]);
    expect(status).toBe(1);
  });

  it('in a Module about where Services are is written into the Mapping', async () => {
    const { documents } = await migrated(
      fileOf(
        module('use_ambassador_namespace_for_service_resolution: true'),
        mappingObject('shop/shop', ['prefix: /', 'service: web:80'], 'v2'),
        service('edge/web'),
        deployment('edge/web', 'web'),
      ),
    );

    expect(documents.at(-1)?.message).toContain('sends to a Service of edge');
  });

  it('in a Host that selects it is its host', async () => {
    const host = `apiVersion: getambassador.io/v3alpha1
kind: Host
metadata: {name: shop, namespace: edge}
spec: {hostname: shop.example.com, mappingSelector: {matchLabels: {team: shop}}}
`;
    const own = mappingObject('shop/shop', ['prefix: /', 'service: web:8080']);

    const { texts } = await migrated(
      fileOf(
        host,
        own.replace('  namespace', '  labels: {team: shop}\n  namespace'),
        service('shop/web'),
        deployment('shop/web', 'web'),
      ),
    );

    expect(texts['shop/web']).toContain('hostname: shop.example.com\n');
  });

  it.each(['AuthService', 'RateLimitService', 'TCPMapping', 'TLSContext', 'Host'])(
    'and is no Mapping is named with the other way to do it: %s',
    async kind => {
      const object = `apiVersion: getambassador.io/v2\nkind: ${kind}\nmetadata: {name: x, namespace: edge}\n`;
      const onService = annotated('edge/x', ['apiVersion: getambassador.io/v2', `kind: ${kind}`, 'name: y']);

      const { documents, status } = await migrated(fileOf(object, onService));

      expect(documents.map(({ outcome, name, line }) => [outcome, name, line])).toEqual([
        ['left', 'x', 1],
        ['left', 'y', 12],
      ]);
      expect(documents.every(({ fix }) => (fix?.length ?? 0) > 10)).toBe(true);
      expect(status).toBe(1);
    },
  );

  it('is nothing where only Ambassador itself was served by it', async () => {
    const object = 'apiVersion: getambassador.io/v3alpha1\nkind: Listener\nmetadata: {name: x, namespace: edge}\n';

    const { documents, status } = await migrated(object);

    expect(documents).toMatchObject([{ outcome: 'note', kind: 'Listener' }]);
    expect(status).toBe(0);
  });
});

describe('an annotation', () => {
  it('of which Ambassador reads nothing moves nothing', async () => {
    const { documents, out } = await migrated(
      fileOf(annotated('shop/web', [...mapping('shop'), '---', 'a: "b']), deployment('shop/web', 'web')),
    );

    expect(documents).toMatchObject([{ outcome: 'left', kind: 'Service', name: 'web', line: 14 }]);
    expect(out).toBe('');
  });

  it('of which Ambassador does not read a document has it named', async () => {
    const { documents, status } = await migrated(
      fileOf(
        annotated('shop/web', [...mapping('shop'), '---', 'kind: Maping', '---', 'only text']),
        deployment('shop/web', 'web'),
      ),
    );

    expect(documents.filter(({ outcome }) => outcome === 'left')).toMatchObject([
      { kind: 'Service', name: 'web', line: 13, message: expect.stringContaining("the kind 'Maping'") },
      { kind: 'Service', name: 'web', line: 15, message: expect.stringContaining('no kind') },
    ]);
    expect(status).toBe(1);
  });

  it('on an Ingress moves, and the rules of the Ingress are named', async () => {
    const ingress = annotated('shop/in', mapping('shop', 'service: web:8080'), 'spec: {ingressClassName: ambassador}')
      .replace('apiVersion: v1', 'apiVersion: networking.k8s.io/v1')
      .replace('kind: Service', 'kind: Ingress');

    const result = await migrated(fileOf(ingress, service('shop/web'), deployment('shop/web', 'web')));

    expect(outcomes(result)).toEqual(expect.arrayContaining(['moved shop', 'left in']));
  });
});

describe('the output', () => {
  const input = fileOf(annotated('shop/web', mapping('shop')), deployment('shop/web', 'web'));

  it('is clean for `lint`, and no Service that is built of it carries an annotation that Ambassador reads', async () => {
    const { out } = await migrated(input);

    const lint = await waymark(['lint', '-f', '-', '--config', config], out);
    const render = await waymark(['render', '-f', '-', '--config', config], out);

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
    const { out } = await waymark(['migrate', 'ambassador', '-f', '-', '--config', config, '--patch'], input);

    expect(out).toContain(
      '---\n# kubectl patch deployment web --namespace shop --type merge --patch-file shop.web.yaml\n',
    );
    expect(parseAllDocuments(out).map(document => document.toJS() as unknown)).toEqual([
      { metadata: { annotations: { 'getambassador.io/config': `${mapping('shop').join('\n')}\n` } } },
    ]);
  });

  it('is one file each in a folder, and what to do with them', async () => {
    const target = join(folder, 'new', 'out');
    const args = ['migrate', 'ambassador', '-f', '-', '--config', config, '--output-dir', target];

    const { out } = await waymark(args, input);

    expect(out).toBe(`kubectl apply -f ${target}/shop.web.yaml\n`);
    expect(readdirSync(target)).toEqual(['shop.web.yaml']);
    expect(readFileSync(join(target, 'shop.web.yaml'), 'utf8')).toBe((await migrated(input)).out);
  });

  it('is followed by a report that can be read', async () => {
    const { err } = await waymark(['migrate', 'ambassador', '-f', '-', '--config', config], input);

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
