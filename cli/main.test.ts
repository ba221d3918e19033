import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { main } from './main.ts';
import { waymark } from '../test/support/command-line.ts';
import type { Outcome } from '../test/support/command-line.ts';
import { deploymentFile } from '../test/support/command-line-manifests.ts';

const ROOT = join(import.meta.dirname, '..');
const EXAMPLES = join(ROOT, 'examples');
const SETTINGS = join(EXAMPLES, 'platform', 'settings.yaml');
const BROKEN = join(ROOT, 'examples-broken', 'three-mistakes.yaml');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waymark-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function named(text: string): readonly string[] {
  return parseAllDocuments(text).map(document => {
    const { kind, metadata } = document.toJS() as { kind: string; metadata: { namespace: string; name: string } };
    return `${kind} ${metadata.namespace}/${metadata.name}`;
  });
}

function deployment(name: string, lines: readonly string[], namespace = 'shop'): string {
  return deploymentFile(`${namespace}/${name}`, lines);
}

const service = ['apiVersion: waymark.dev/v1', 'kind: InferenceService', 'type: web', 'model: shop', 'version: v1'];
const GOOD = deployment('web-shop-1', [...service, 'hosts: [shop.example.com]']);
const BAD = deployment('web-shop-1', [...service, 'hpa: cpu:50%']);

describe('render', () => {
  it('shows the examples without settings', async () => {
    const { status, out, err } = await waymark(['render', '-f', EXAMPLES]);

    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(named(out)).toEqual([
      'Deployment kubeflow/test',
      'Deployment service/tfserving-resnet50-20240501',
      'HorizontalPodAutoscaler service/tfserving-resnet50-20240501',
      'Service kubeflow/test',
      'Service service/tfserving-resnet50-20240501',
      'VirtualService kubeflow/models.example.com',
      'VirtualService service/resnet.example.com',
    ]);
  });

  it('shows the examples with the platform’s settings: built-in hosts and the shared host appear', async () => {
    const { status, out, err } = await waymark(['render', '-f', EXAMPLES, '--config', SETTINGS]);

    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(named(out).filter(name => name.startsWith('VirtualService'))).toEqual([
      'VirtualService service/resnet.example.com',
      'VirtualService service/tfserving-resnet50-20240501',
      'VirtualService waymark-system/models.example.com',
    ]);
  });

  it('prints one List as JSON, with the same objects', async () => {
    const yaml = await waymark(['render', '-f', EXAMPLES]);

    const json = await waymark(['render', '-f', EXAMPLES, '-o', 'json']);

    const list = JSON.parse(json.out) as { kind: string; items: unknown[] };
    expect(list.kind).toBe('List');
    expect(list.items).toEqual(parseAllDocuments(yaml.out).map(document => document.toJS() as unknown));
  });

  it('prints the same bytes again when it is given its own output', async () => {
    const once = await waymark(['render', '-f', EXAMPLES]);

    const twice = await waymark(['render', '-f', '-'], deploymentsOf(once.out));

    expect(twice.out).toBe(once.out);
  });

  it('leaves a Deployment with an error out, says why, and renders the others', async () => {
    const other = deployment('web-other-1', [...service.slice(0, 3), 'model: other', 'version: v1']);

    const { status, out, err } = await waymark(['render', '-f', '-'], `${BAD}---\n${other}`);

    expect(status).toBe(1);
    expect(named(out)).toEqual(['Deployment shop/web-other-1', 'Service shop/web-other-1']);
    expect(err).toMatch(/^-:13:7: error WM\d{3}: /);
  });

  it.each(['warn', 'audit'])(
    'admits a Deployment with an error under the policy %s, and says what is wrong',
    async policy => {
      const config = written('policy.yaml', `policy: ${policy}\n`);

      const { status, out, err } = await waymark(['render', '-f', '-', '--config', config], BAD);

      expect(status).toBe(0);
      expect(named(out)).toContain('Deployment shop/web-shop-1');
      expect(err).toContain('hpa');
    },
  );

  it('takes the settings of a Namespace from the files', async () => {
    const namespace = `apiVersion: v1
kind: Namespace
metadata: {name: shop, annotations: {waymark.dev/area: shanghai}}
---
`;

    const { out } = await waymark(['render', '-f', '-'], namespace + GOOD);

    expect(out).toMatch(/name: KUBEFLOW_AREA\n\s+value: shanghai/);
  });

  it('takes a Service in the files for one that exists and is not ours', async () => {
    const foreign = `---\napiVersion: v1\nkind: Service\nmetadata: {name: web-shop-1, namespace: shop}\nspec: {ports: [{port: 80}]}\n`;

    const { out, err } = await waymark(['render', '-f', '-'], GOOD + foreign);

    expect(named(out)).not.toContain('Service shop/web-shop-1');
    expect(err).toContain('Service');
  });

  it('puts objects without a namespace where --namespace says', async () => {
    const { out } = await waymark(
      ['render', '-f', '-', '--namespace', 'other'],
      GOOD.replace('  namespace: shop\n', ''),
    );

    expect(named(out)).toContain('Deployment other/web-shop-1');
  });

  it('says when there is nothing to render', async () => {
    const { status, out, err } = await waymark(['render', '-f', '-'], 'apiVersion: v1\nkind: Secret\n');

    expect({ status, out }).toEqual({ status: 0, out: '' });
    expect(err).toBe('no annotated Deployment was found\n');
  });
});

describe('lint', () => {
  it('names three mistakes at once, with place, line, caret and fix', async () => {
    const { status, out, err } = await waymark(['lint', '-f', BROKEN]);

    expect(status).toBe(1);
    expect(err).toBe('3 errors\n');
    expect(out.match(/^\S+three-mistakes\.yaml:\d+:\d+: error WM\d{3}: /gm)).toHaveLength(3);
    expect(out).toMatch(/:14:7: error .*\n {6}hpa: cpu:50%\n {6}\^\^\^\nfix: /);
    expect(out).toMatch(/\n {6}methd: POST\n {6}\^{5}\nfix: .*method/);
  });

  it('is silent but for one line when there is nothing to say', async () => {
    const { status, out, err } = await waymark(['lint', '-f', EXAMPLES]);

    expect({ status, out, err }).toEqual({ status: 0, out: '', err: 'no findings\n' });
  });

  it('prints JSON with the keys that scripts rely on', async () => {
    const { status, out } = await waymark(['lint', '-f', '-', '--format', 'json'], BAD);

    expect(status).toBe(1);
    expect(JSON.parse(out)).toEqual([
      {
        code: expect.stringMatching(/^WM\d{3}$/),
        severity: 'error',
        file: '-',
        line: 13,
        column: 7,
        endLine: 13,
        endColumn: 10,
        namespace: 'shop',
        name: 'web-shop-1',
        path: 'hpa',
        message: expect.stringContaining('hpa'),
        fix: expect.stringContaining('metrics'),
      },
    ]);
  });

  it('prints an empty array when there is nothing to say', async () => {
    const { out } = await waymark(['lint', '-f', '-', '--format', 'json'], GOOD);

    expect(JSON.parse(out)).toEqual([]);
  });

  it('points at both places of a conflict', async () => {
    const other = deployment('web-other-1', [
      ...service.slice(0, 3),
      'model: other',
      'version: v1',
      'hosts: [shop.example.com]',
    ]);

    const { out } = await waymark(['lint', '-f', '-', '--format', 'json'], `${GOOD}---\n${other}`);

    const conflict = (JSON.parse(out) as { name: string; line: number; related?: { line: number }[] }[])[0];
    expect(conflict).toMatchObject({ name: 'web-other-1', line: 32, related: [{ file: '-', line: 13 }] });
  });

  it('points at an unknown annotation by its key (spec §1)', async () => {
    const { status, out } = await waymark(['lint', '-f', '-'], GOOD.replace('waymark.dev/config', 'waymark.dev/confg'));

    expect(status).toBe(1);
    expect(out).toMatch(/^-:7:5: error /);
    expect(out).toContain('waymark.dev/config');
  });

  it('calls an error an error whatever the policy', async () => {
    const config = written('off.yaml', 'policy: off\n');

    const { status } = await waymark(['lint', '-f', '-', '--config', config], BAD);

    expect(status).toBe(1);
  });
});

describe('of a stored Deployment with an error', () => {
  const stored = BAD.replace('  namespace: shop\n', '  namespace: shop\n  uid: 5d1f3c58-7f0a-4c1e-9a53-0f6f4d1f8a01\n');

  it.each(['lint', 'render'])('%s tells the error itself, and not that there is one', async command => {
    const { status, out, err } = await waymark([command, '-f', '-'], stored);

    expect(status).toBe(1);
    expect((out + err).match(/WM\d{3}/g)).toEqual(['WM020']);
    expect(err).toContain('1 error\n');
  });
});

describe('lint of a Namespace', () => {
  it('points at a policy that is none, and takes every mistake for an error all the same', async () => {
    const namespace =
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {waymark.dev/policy: enforced}}\n---\n';

    const { status, out } = await waymark(['lint', '-f', '-'], namespace + BAD);

    expect(status).toBe(1);
    expect(out).toMatch(/^-:3:53: warning WM032: /);
    expect(out).toMatch(/\n-:17:7: error WM020: /);
  });
});

describe('exit code 2 with one clear line', () => {
  const cases: Record<string, { args: readonly string[]; input?: string; err: RegExp }> = {
    'without a command': { args: [], err: /^Usage: waymark/ },
    'for an unknown command': { args: ['rendr'], err: /unknown command 'rendr'/ },
    'for an unknown option': { args: ['lint', '-f', '-', '--formt', 'json'], err: /unknown option '--formt'/ },
    'without files': { args: ['render'], err: /required option '-f/ },
    'for a format that there is not': {
      args: ['lint', '-f', '-', '--format', 'xml'],
      err: /'xml' is invalid.*text, json, github, sarif/,
    },
    'without files to lint': { args: ['lint'], err: /lint needs -f, --filename <path\.\.\.>, or --policy/ },
    'for a format of a survey': {
      args: ['lint', '--policy', '-f', '-', '--format', 'sarif'],
      err: /--policy prints text or json, but --format is 'sarif'/,
    },
    'for a survey of a cluster that is not there': {
      args: ['lint', '--policy', '--kubeconfig', '/nowhere'],
      err: /^error: the cluster cannot be read: .*\/nowhere.*\n$/,
    },
    'for a file that is not there': {
      args: ['lint', '-f', '/nowhere.yaml'],
      err: /^\/nowhere\.yaml: there is no such/,
    },
    'for bad YAML': { args: ['lint', '-f', '-'], input: 'a: [', err: /^-:1:5: must be YAML: / },
    'for two namespaces': {
      args: ['lint', '-f', '-', '--namespace', 'a', '--namespace', 'b'],
      err: /must be given once/,
    },
    'for a namespace that cannot be': { args: ['lint', '-f', '-', '--namespace', 'A b'], err: /must be a DNS label/ },
    'for a port that is none': { args: ['webhook', '--port', '70000'], err: /must be a port/ },
    'for a validity that is none': { args: ['controller', '--certificate-validity', '90'], err: /'90d'/ },
    'for a kubeconfig that is not there, and no flag of the installation is unknown to the webhook': {
      args: [
        ...['webhook', '--port', '0', '--metrics-port', '0', '--kubeconfig', '/nowhere', '--tls-secret', 'a'],
        ...['--webhook-service', 'b', '--webhook-configuration', 'c', '--lease', 'd', '--certificate-validity', '60s'],
      ],
      err: /^waymark webhook cannot start: .*\/nowhere.*\n$/,
    },
    'for a certificate file that is not there': {
      args: [
        'webhook',
        '--port',
        '0',
        '--metrics-port',
        '0',
        '--tls-cert-file',
        '/nowhere',
        '--tls-key-file',
        '/nowhere',
      ],
      err: /^waymark webhook cannot start: .*\/nowhere.*\n$/,
    },
    'for a certificate without its key': { args: ['webhook', '--tls-cert-file', 'x'], err: /--tls-key-file/ },
  };

  it.each(Object.entries(cases))('%s', async (_, { args, input, err }) => {
    const got = await waymark(args, input);

    expect({ status: got.status, out: got.out }).toEqual({ status: 2, out: '' });
    expect(got.err).toMatch(err);
  });

  it.each([
    ['an unknown key', 'doman: x\n', /^\S+settings\.yaml:1:1: error WM\d{3}: .*\ndoman: x\n\^{5}\nfix: .*domain/],
    ['a wrong type', 'types: 1\n', /^\S+settings\.yaml:1:8: error /],
    ['no YAML', 'a: [\n', /^\S+settings\.yaml:\d+:\d+: error /],
  ])('for settings with %s, with the place and the nearest name', async (_, text, err) => {
    const got = await waymark(['render', '-f', '-', '--config', written('settings.yaml', text)], GOOD);

    expect(got.status).toBe(2);
    expect(got.err).toMatch(err);
  });
});

it('shows what is wrong with settings as plain text, also where colours may be', async () => {
  let err = '';

  await main(['render', '-f', '-', '--config', written('settings.yaml', 'doman: x\n')], {
    out: () => undefined,
    err: text => (err += text),
    input: () => Promise.resolve(new TextEncoder().encode(GOOD)),
    color: { out: true, err: true },
  });

  expect(err).toMatch(/^\S+settings\.yaml:1:1: error WM\d{3}: [^\ufffd]*$/);
});

describe('the program', () => {
  function run(args: readonly string[], input = ''): Outcome {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin', 'waymark.js'), ...args], {
      input,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '' },
    });
    return { status: status ?? -1, out: stdout, err: stderr };
  }

  it('tells its version and its options', () => {
    expect(run(['--version'])).toMatchObject({ status: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(run(['webhook', '--help'])).toMatchObject({ status: 0, out: expect.stringContaining('--metrics-port') });
  });

  it.each([
    ['0 when all is fine', ['render', '-f', '-'], GOOD, 0],
    ['1 when there are errors', ['lint', '-f', '-'], BAD, 1],
    ['2 when the input cannot be read', ['lint', '-f', '-'], 'a: [', 2],
  ])('ends with %s', (_, args, input, status) => {
    expect(run(args, input).status).toBe(status);
  });

  it('prints a large result whole', () => {
    const many = Array.from({ length: 300 }, (_, i) =>
      deployment(`web-shop-${i}`, [...service.slice(0, 4), `version: v${i}`]),
    );

    const { out } = run(['render', '-f', '-'], many.join('---\n'));

    expect(named(out)).toHaveLength(600);
  });
});

function deploymentsOf(text: string): string {
  return text
    .split(/^---\n/m)
    .filter(document => document.includes('\nkind: Deployment\n'))
    .join('---\n');
}
