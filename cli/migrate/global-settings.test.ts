import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { annotated, deployment, mappingObject, service } from '../../test/support/ambassador-manifests.ts';
import { fileOf } from '../../test/support/command-line-manifests.ts';
import { mappingLines, migrated, outcomes } from '../../test/support/migrated.ts';

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
        annotated('shop/web', [
          ...mappingLines('a'),
          '---',
          ...mappingLines('b', 'timeout_ms: 1').with(3, 'prefix: /b/'),
        ]),
        deployment('shop/web', 'web'),
      ),
    );

    expect(texts['shop/web']).toMatch(/name: a\nprefix: \/shop\/\ntimeout_ms: 9000\n---\n/);
    expect(texts['shop/web']).not.toMatch(/name: b[^]*9000/);
    expect(documents.find(({ name }) => name === 'a')?.message).toContain('`timeout_ms` is that of the Module');
    expect(status).toBe(0);
  });

  it.each(['v3alpha1', 'v2'])('in a Module as lists in a text is a list in a Mapping of %s', async version => {
    const { texts, status } = await migrated(
      fileOf(
        module(
          'cors: {origins: "https://a.example.com, https://b.example.com", methods: "GET, OPTIONS", credentials: true}',
        ),
        mappingObject('shop/shop', ['prefix: /', 'service: web:8080'], version),
        service('shop/web'),
        deployment('shop/web', 'web'),
      ),
    );

    expect(parse(texts['shop/web'] ?? '')).toMatchObject({
      cors: {
        origins: ['https://a.example.com', 'https://b.example.com'],
        methods: ['GET', 'OPTIONS'],
        credentials: true,
      },
    });
    expect(status).toBe(0);
  });

  it('in a Module about answers is not written into a shadow, which has none', async () => {
    const { texts, status } = await migrated(
      fileOf(
        module('cluster_request_timeout_ms: 9000', 'cluster_idle_timeout_ms: 8000'),
        annotated('shop/web', [...mappingLines('a'), '---', ...mappingLines('b', 'shadow: true')]),
        deployment('shop/web', 'web'),
      ),
    );

    const [answering, copying] = parseAllDocuments(texts['shop/web'] ?? '').map(document => document.toJS() as unknown);
    expect(answering).toMatchObject({ name: 'a', timeout_ms: 9000 });
    expect(copying).toMatchObject({ name: 'b', cluster_idle_timeout_ms: 8000 });
    expect(copying).not.toHaveProperty('timeout_ms');
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
      fileOf(annotated('shop/web', [...mappingLines('shop'), '---', 'a: "b']), deployment('shop/web', 'web')),
    );

    expect(documents).toMatchObject([{ outcome: 'left', kind: 'Service', name: 'web', line: 14 }]);
    expect(out).toBe('');
  });

  it('of which Ambassador does not read a document has it named', async () => {
    const { documents, status } = await migrated(
      fileOf(
        annotated('shop/web', [...mappingLines('shop'), '---', 'kind: Maping', '---', 'only text']),
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
    const ingress = annotated(
      'shop/in',
      mappingLines('shop', 'service: web:8080'),
      'spec: {ingressClassName: ambassador}',
    )
      .replace('apiVersion: v1', 'apiVersion: networking.k8s.io/v1')
      .replace('kind: Service', 'kind: Ingress');

    const result = await migrated(fileOf(ingress, service('shop/web'), deployment('shop/web', 'web')));

    expect(outcomes(result)).toEqual(expect.arrayContaining(['moved shop', 'left in']));
  });
});
