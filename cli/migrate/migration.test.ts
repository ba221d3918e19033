import { describe, expect, it } from '@jest/globals';
import { annotated, deployment, mappingObject, service } from '../../test/support/ambassador-manifests.ts';
import { fileOf } from '../../test/support/command-line-manifests.ts';
import { mappingLines, migrated, outcomes } from '../../test/support/migrated.ts';

describe('a Mapping', () => {
  it('on a Service moves as it is, to the Deployment whose Pods the Service that it names selects', async () => {
    const text = ['# who', ...mappingLines('shop', 'rewrite: /v1/  # only', 'service: web:8080')];

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
      fileOf(annotated('shop/web', mappingLines('shop')), deployment('shop/web', 'web', before)),
    );

    expect(texts['shop/web']).toBe(`${before.join('\n')}\n---\n${mappingLines('shop').join('\n')}\n`);
    expect(out).toContain('waymark.dev/config');
    expect(out).not.toContain('getambassador.io/config');
  });

  it('keeps the comments of its Deployment', async () => {
    const { out } = await migrated(
      fileOf(
        annotated('shop/web', mappingLines('shop')),
        deployment('shop/web', 'web').replace('spec:', '# why\nspec:'),
      ),
    );

    expect(out).toContain('# why\nspec:');
  });

  it.each([
    ['that redirects', ['host_redirect: true', 'service: other.example.com']],
    ['to a host outside the cluster', ['service: httpbin.org:80']],
  ])('%s goes to the Deployment of the Service that it is annotated on', async (_, lines) => {
    const { documents } = await migrated(
      fileOf(annotated('shop/web', mappingLines('shop', ...lines)), deployment('shop/web-1', 'web')),
    );

    expect(documents).toMatchObject([{ outcome: 'moved', deployment: 'shop/web-1' }]);
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
      [annotated('shop/web', mappingLines('shop'), 'spec: {ports: [{port: 80}]}'), deployment('shop/web', 'web')],
      'which selects no Pods',
    ],
    [
      'behind whose Service is no Deployment',
      [annotated('shop/web', mappingLines('shop'))],
      'behind which is no Deployment',
    ],
    [
      'behind whose Service are several Deployments',
      [annotated('shop/web', mappingLines('shop')), deployment('shop/one', 'web'), deployment('shop/two', 'web')],
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
      fileOf(annotated('shop/web', mappingLines('shop')), deployment('shop/one', 'web'), deployment('shop/two', 'web')),
      '--default-deployment',
      'shop/two',
    );

    expect(documents).toMatchObject([{ outcome: 'moved', deployment: 'shop/two' }]);
  });

  it('that would be refused stays, with its place in the source, and the others move', async () => {
    const result = await migrated(
      fileOf(
        annotated('shop/web', [
          ...mappingLines('good').with(3, 'prefix: /b/'),
          '---',
          ...mappingLines('bad', 'bypass_auth: true'),
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
        annotated('shop/web', mappingLines('shop')),
        annotated('shop/w2', mappingLines('shop', 'service: web')),
        deployment('shop/web', 'web'),
      ),
    );
    const twice = await migrated(
      fileOf(annotated('shop/web', mappingLines('shop')), deployment('shop/web', 'web', mappingLines('shop'))),
    );

    expect(outcomes(same)).toEqual(expect.arrayContaining(['moved shop', 'left shop']));
    expect(outcomes(twice)).toContain('already shop');
    expect(twice.status).toBe(0);
  });

  it('that has TLS to its Service is told to be stricter than before', async () => {
    const { documents } = await migrated(
      fileOf(annotated('shop/web', mappingLines('shop', 'service: https://web:8080')), deployment('shop/web-1', 'web')),
    );

    expect(documents[0]).toMatchObject({ outcome: 'moved', message: expect.stringContaining('certificate') });
  });

  it('for another Ambassador stays without a fault, and moves when that one is asked for', async () => {
    const input = fileOf(
      annotated('shop/web', mappingLines('shop', 'ambassador_id: inner')),
      deployment('shop/web', 'web'),
    );

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
