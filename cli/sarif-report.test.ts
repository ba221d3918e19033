import { describe, expect, it } from '@jest/globals';
import Ajv from 'ajv-draft-04';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Log, Result } from 'sarif';
import { goldenCases, goldenFile } from '../test/support/golden.ts';
import { waymark } from '../test/support/command-line.ts';
import { deploymentFile, fileOf, serviceLines } from '../test/support/command-line-manifests.ts';
import { CATALOGUE } from '../shared/findings/catalogue.ts';
import type { Report } from './report.ts';
import { reportsSarif } from './sarif-report.ts';

const ROOT = join(import.meta.dirname, '..');
const validate = schemaCheck();

/** The official schema, as its makers ship it. */
function schemaCheck(): ValidateFunction {
  const require = createRequire(import.meta.url);
  const main = require.resolve('@microsoft/jest-sarif');
  const schema = readFileSync(join(main, '..', 'schemas', 'sarif-2.1.0-rtm.5.json'), 'utf8');
  // Both packages are CommonJS, with their class or function as `default`.
  const ajv = new Ajv.default({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats.default(ajv);
  return ajv.compile(JSON.parse(schema) as object);
}

function logOf(text: string): Log {
  const log = JSON.parse(text) as Log;
  expect({ valid: validate(log), errors: validate.errors }).toEqual({ valid: true, errors: null });
  return log;
}

async function sarif(input: string): Promise<readonly Result[]> {
  const { out } = await waymark(['lint', '-f', '-', '--format', 'sarif'], input);
  return logOf(out).runs[0]?.results ?? [];
}

function fingerprints(results: readonly Result[]): readonly (string | undefined)[] {
  return results.map(({ partialFingerprints }) => partialFingerprints?.['waymarkFinding/v1']);
}

const WEB = serviceLines('shop', 'v1');
const report: Report = {
  code: 'WM049',
  rule: 'ReplicasBounds',
  severity: 'error',
  object: { kind: 'Deployment', namespace: 'shop', name: 'web' },
  place: { file: 'a b.yaml', start: { line: 2, column: 3 }, end: { line: 4, column: 5 } },
  sourceLine: '',
  path: 'replicas.max',
  message: 'must be greater',
  fix: 'write 2',
  related: [],
};

describe('a log', () => {
  it('fits the official schema for everything that is wrong in all files of this repository', async () => {
    const golden = goldenCases().map(name => goldenFile(name, 'input.yaml'));
    const inputs = [join(ROOT, 'examples'), join(ROOT, 'examples-broken'), ...golden];

    const codes = new Set<string>();
    for (const input of inputs) {
      const { status, out, err } = await waymark(['lint', '-f', input, '--format', 'sarif']);
      expect({ input, readable: status !== 2, err: status === 2 ? err : '' }).toEqual({
        input,
        readable: true,
        err: '',
      });
      for (const { ruleId = '' } of logOf(out).runs[0]?.results ?? []) codes.add(ruleId);
    }

    expect(codes.size).toBeGreaterThan(30);
  });

  it('fits the official schema with nothing wrong', async () => {
    expect(await sarif(deploymentFile('shop/web-shop-1', WEB))).toEqual([]);
  });

  it('fits the official schema whatever the texts are', () => {
    const text = fc.string({ unit: 'binary' });
    const place = fc.option(
      fc.record({
        file: fc.constantFrom('a.yaml', '/tmp/b.yaml', '-', 'ü:%.yaml'),
        from: fc.nat(9),
        length: fc.nat(9),
      }),
      { nil: undefined },
    );

    fc.assert(
      fc.property(text, text, text, place, place, (message, fix, name, at, other) => {
        const placeOf = (one: typeof at) =>
          one && {
            file: one.file,
            start: { line: 1, column: one.from + 1 },
            end: { line: 1, column: one.from + one.length + 1 },
          };
        const object = { kind: 'Deployment', namespace: 'shop', name };
        const related = [{ object, place: placeOf(other), message }];

        logOf(reportsSarif([{ ...report, message, fix, object, place: placeOf(at), related }]));
      }),
      { numRuns: 30 },
    );
  });

  it('has a rule for every row of the catalogue, and every result names its own', () => {
    const driver = logOf(reportsSarif([report])).runs[0]?.tool.driver;
    const [result] = logOf(reportsSarif([report])).runs[0]?.results ?? [];

    expect(driver?.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(driver?.rules?.map(({ id, name }) => [id, name])).toEqual(CATALOGUE.map(({ code, name }) => [code, name]));
    expect(driver?.rules?.[result?.ruleIndex ?? -1]).toMatchObject({
      id: 'WM049',
      name: 'ReplicasBounds',
      defaultConfiguration: { level: 'error' },
      help: { text: expect.stringContaining('Good:'), markdown: expect.stringContaining('```yaml') },
    });
  });

  it('links every rule to its own heading of the reference', () => {
    const page = readFileSync(join(ROOT, 'docs', 'reference', 'findings.md'), 'utf8');
    const anchors = [...page.matchAll(/^## (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );

    const rules = logOf(reportsSarif([])).runs[0]?.tool.driver.rules ?? [];

    expect(rules.map(({ helpUri }) => helpUri?.split('#')[1])).toEqual(expect.arrayContaining(anchors));
  });
});

describe('a result', () => {
  it('has level, region and the file as a relative URI', () => {
    const [result] = logOf(reportsSarif([{ ...report, severity: 'warning' }])).runs[0]?.results ?? [];

    expect(result).toMatchObject({
      ruleId: 'WM049',
      level: 'warning',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'a%20b.yaml', uriBaseId: '%SRCROOT%' },
            region: { startLine: 2, startColumn: 3, endLine: 4, endColumn: 5 },
          },
          logicalLocations: [{ name: 'web', fullyQualifiedName: 'Deployment shop/web' }],
        },
      ],
    });
  });

  it('has the other place of a conflict', async () => {
    const other = deploymentFile('shop/web-other-1', serviceLines('other', 'v1', 'hosts: [a.example.com]'));

    const [result] = await sarif(fileOf(deploymentFile('shop/web-shop-1', [...WEB, 'hosts: [a.example.com]']), other));

    const [related] = result?.relatedLocations ?? [];
    expect(related).toMatchObject({ id: 1, physicalLocation: { region: { startLine: 13 } } });
    expect(related?.message?.text).not.toBe('');
  });

  it('doubles braces, which would be placeholders, and lets no text make a link', () => {
    const hostile = { ...report, message: 'is {0} [a](https://evil.example)', fix: 'write `{min: 1}`' };

    const [result] = logOf(reportsSarif([hostile])).runs[0]?.results ?? [];

    expect(result?.message.text).toBe('is {{0}} [a\\](https://evil.example). Fix: write `{{min: 1}}`.');
  });
});

describe('a fingerprint', () => {
  const bad = deploymentFile('shop/web-shop-1', [...WEB, 'hpa: x', 'methd: y']);

  it('is another one for every finding', async () => {
    const twice = [
      ...WEB,
      '---',
      'apiVersion: getambassador.io/v2',
      'kind: Mapping',
      'name: a',
      'prefix: /',
      'hpa: x',
      '---',
    ];
    const results = await sarif(
      deploymentFile('shop/web-shop-1', [...twice, ...twice.slice(WEB.length + 1, -2), 'hpa: x', 'methd: y']),
    );

    expect(results.length).toBeGreaterThan(2);
    expect(new Set(fingerprints(results)).size).toBe(results.length);
  });

  it.each([
    ['lines in front of it', `# one\n# two\n${bad}`],
    ['lines of the annotation in front of it', bad.replace('      hpa', '      # why\n\n      hpa')],
    ['another indentation', bad.replaceAll(/^ {6}/gm, '         ')],
    ['another file around it', fileOf(deploymentFile('shop/web-a-1', serviceLines('a', 'v1')), bad)],
    ['another value', bad.replace('hpa: x', 'hpa: z')],
  ])('is the same with %s', async (_, changed) => {
    expect(fingerprints(await sarif(changed))).toEqual(fingerprints(await sarif(bad)));
  });

  it('is another one for another Deployment', async () => {
    const other = bad.replaceAll('web-shop-1', 'web-shop-2').replace('version: v1', 'version: v2');

    const both = [...fingerprints(await sarif(bad)), ...fingerprints(await sarif(other))];

    expect(new Set(both).size).toBe(4);
  });
});
