import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lintJson, waymark } from '../test/support/command-line.ts';
import { deploymentFile, fileOf, serviceLines } from '../test/support/command-line-manifests.ts';

const NAME = 'shop/web-shop-20240501';
const FIRST = deploymentFile(NAME, serviceLines('shop', 'v2024.05.01'));
const SECOND = deploymentFile(NAME, serviceLines('shop', 'v2024.0501'));
const LENGTH = FIRST.split('\n').length;

describe('two versions that reduce to one name', () => {
  it('are one error, at the later `version`, with the earlier one as the other place', async () => {
    const findings = await lintJson(fileOf(FIRST, SECOND));

    expect(findings).toMatchObject([
      {
        code: 'WM205',
        severity: 'error',
        line: LENGTH + 12,
        column: 16,
        path: 'version',
        message: expect.stringContaining('v2024.05.01'),
        related: [{ file: '-', line: 12, column: 16 }],
      },
    ]);
  });

  it('point at each other from file to file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'waymark-collide-'));
    const files = ['a.yaml', 'b.yaml'].map(name => join(folder, name)) as [string, string];
    writeFileSync(files[0], FIRST);
    writeFileSync(files[1], `# Another file.\n${SECOND}`);

    const { status, out } = await waymark(['lint', '-f', folder]);
    rmSync(folder, { recursive: true });

    expect(status).toBe(1);
    expect(out).toMatch(new RegExp(`^${files[1]}:13:16: error WM205: .*`));
    expect(out).toMatch(new RegExp(`\nsee: ${files[0]}:12:16: .*\n$`));
  });

  it('are rendered as the first, and the second is left out', async () => {
    const { status, out, err } = await waymark(['render', '-f', '-'], fileOf(FIRST, SECOND));

    expect(status).toBe(1);
    expect(out.match(/^kind: .*$/gm)).toEqual(['kind: Deployment', 'kind: Service']);
    expect(out).toContain('v2024.05.01');
    expect(out).not.toContain('v2024.0501');
    expect(err).toContain('error WM205');
  });

  it('are an error of the second under the policy off as well, for lint', async () => {
    const off = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {waymark.dev/policy: "off"}}\n';

    const findings = await lintJson(fileOf(FIRST, SECOND, off));

    expect(findings).toMatchObject([{ code: 'WM205' }]);
  });

  it('may be three', async () => {
    const third = deploymentFile(NAME, serviceLines('shop', 'v20240501'));

    const findings = await lintJson(fileOf(FIRST, SECOND, third));

    expect(findings.map(({ code, related }) => ({ code, line: related?.[0]?.line }))).toEqual([
      { code: 'WM205', line: 12 },
      { code: 'WM205', line: 12 },
    ]);
  });

  it('come with everything else that is wrong with the second', async () => {
    const worse = deploymentFile(NAME, serviceLines('shop', 'v2024.0501'), ['labels: {a: b}']).replace(
      'ports:',
      'env: [{name: KUBEFLOW_ENV, value: x}], ports:',
    );

    const findings = await lintJson(fileOf(FIRST, worse));

    expect(findings.map(({ code }) => code)).toEqual(['WM205', 'WM204']);
  });
});

describe('two identities under one name', () => {
  const identity = (type: string, model: string, version: string) => [
    'apiVersion: waymark.dev/v1',
    'kind: InferenceService',
    `type: ${type}`,
    `model: ${model}`,
    `version: ${version}`,
  ];

  it.each([
    [
      'whose names are one, cut elsewhere',
      'web-shop-20240501-1',
      identity('web', 'shop-20240501', 'v1'),
      identity('web-shop', "'20240501'", 'v1'),
      'WM205',
    ],
    [
      'of which the second has another name',
      'web-shop-1',
      identity('web', 'shop', 'v1'),
      identity('web', 'other', 'v1'),
      'WM040',
    ],
  ])('%s, are an error of the second, with the first as the other place', async (_, name, first, second, code) => {
    const files = [first, second].map(lines => deploymentFile(`shop/${name}`, lines));

    const findings = await lintJson(fileOf(...files));

    expect(findings.map(one => one.code)).toEqual([code]);
    expect(findings[0]?.related).toContainEqual(
      expect.objectContaining({ line: 12, message: '`version` of the other one' }),
    );
  });

  it('one with a mistake elsewhere: both are said', async () => {
    const worse = deploymentFile(NAME, serviceLines('shop', 'v2024.0501', 'hpa: x'));

    expect((await lintJson(fileOf(FIRST, worse))).map(({ code }) => code)).toEqual(['WM205', 'WM020']);
  });
});

describe('one name twice otherwise is unreadable input', () => {
  it.each([
    ['the same version', FIRST],
    [
      'a Mapping alone',
      deploymentFile(NAME, ['apiVersion: getambassador.io/v2', 'kind: Mapping', 'name: a', 'prefix: /a/']),
    ],
  ])('%s', async (_, second) => {
    const { status, out, err } = await waymark(['lint', '-f', '-'], fileOf(FIRST, second));

    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^-:\d+:9: Deployment web-shop-20240501 must be there once, but is also at -:4:9\n$/);
  });
});
