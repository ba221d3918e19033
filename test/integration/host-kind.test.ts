import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import type { Host, HostStatus } from '../../shared/host.ts';
import { readHost } from '../../shared/values/host.ts';
import { startCluster } from '../cluster/cluster.ts';
import { SYSTEM_NAMESPACE } from '../cluster/install.ts';
import type { ApiAnswer, Cluster } from '../cluster/types.ts';
import { eventually } from './eventually.ts';

/** The definition and the rights of the chart on a real API server, with nobody who acts on them. */
const CHART = join(import.meta.dirname, '../../charts/waymark');
const HOSTS = '/apis/waymark.dev/v1/hosts';
const MERGE = 'application/merge-patch+json';
const SOON = { within: 10_000 };

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ istio: false });
  const only = ['hosts', 'rbac'].flatMap(file => ['--show-only', `templates/${file}.yaml`]);
  const rendered = await cluster.helm(['template', 'waymark', CHART, '--namespace', SYSTEM_NAMESPACE, ...only]);
  await kubectl(['create', 'namespace', SYSTEM_NAMESPACE]);
  await kubectl(['apply', '-f', '-'], rendered.stdout);
  await kubectl(['wait', '--for=condition=Established', 'crd/hosts.waymark.dev', '--timeout=20s']);
  await eventually(async () => expect((await cluster.api('GET', HOSTS)).status).toBe(200), SOON);
});
afterAll(async () => cluster.stop());

async function kubectl(args: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await cluster.kubectl(args, { input });
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}:\n${stderr}`);
  return stdout;
}

function host(name: string, spec: unknown = { namespace: 'shop' }): object {
  return { apiVersion: 'waymark.dev/v1', kind: 'Host', metadata: { name }, spec };
}

async function create(name: string, spec?: unknown): Promise<Host> {
  const { status, body } = await cluster.api('POST', HOSTS, host(name, spec));
  if (status !== 201) throw new Error(`${name}: ${status} ${messageOf({ status, body })}`);
  return body as Host;
}

/** Asks, and stores nothing. */
async function tryCreate(object: object): Promise<ApiAnswer> {
  return cluster.api('POST', `${HOSTS}?dryRun=All`, object);
}

async function writeStatus(name: string, status: unknown): Promise<ApiAnswer> {
  return cluster.api('PATCH', `${HOSTS}/${name}/status`, { status }, MERGE);
}

function messageOf({ body }: ApiAnswer): string {
  return String((body as { message?: unknown }).message);
}

const NOW = '2026-03-01T12:00:00.123Z';

/** With every field that there is. */
const FULL: HostStatus = {
  observedGeneration: 1,
  conditions: [
    {
      type: 'Accepted',
      status: 'True',
      observedGeneration: 1,
      lastTransitionTime: NOW,
      reason: 'Owned',
      message: 'Namespace shop has it.',
    },
    {
      type: 'Programmed',
      status: 'True',
      lastTransitionTime: NOW,
      reason: 'Written',
      message: 'The routes are written.',
    },
    { type: 'Ready', status: 'True', observedGeneration: 1, lastTransitionTime: NOW, reason: 'Serving', message: '' },
    { type: 'Contended', status: 'Unknown', lastTransitionTime: NOW, reason: 'Quiet', message: '' },
  ],
  active: 'shop-b',
  split: 'shop-a 20%, other/shop-c 5%',
  mirror: 'shop-d 1%',
  members: [
    {
      namespace: 'shop',
      name: 'shop-b',
      uid: 'b',
      line: 'web/shop/prod',
      version: 'v2',
      ready: true,
      share: { wanted: 100, effective: 75 },
      mirror: { wanted: 0, effective: 0 },
      state: 'Active',
      since: NOW,
      reason: 'Newest',
      message: 'It is the newest version that has been ready for 30s.',
      next: { step: 'retire', at: NOW },
      record: {
        ledSince: NOW,
        over: 'a',
        readySince: NOW,
        endpoints: 'x1',
        template: 't2',
        size: 3,
        proven: true,
        failed: 't1',
        passed: false,
        idleSince: NOW,
      },
    },
  ],
  emptySince: NOW,
};

const [CONDITION] = FULL.conditions;
const [MEMBER] = FULL.members;
const label = (length: number) => 'a'.repeat(length);
const longest = `${`${label(63)}.`.repeat(3)}${label(61)}`;

describe('the name of a Host', () => {
  it.each([
    ['three labels', 'shop.example.com', true],
    ['two labels', 'a.b', true],
    ['punycode', 'xn--bcher-kva.example.com', true],
    ['a label of digits in front', '1.example.com', true],
    ['digits in the last label, and not only those', 'shop.example.1com', true],
    ['a label of 63 characters', `${label(63)}.example.com`, true],
    ['253 characters', longest, true],
    ['254 characters', `${longest}a`, false],
    ['a label of 64 characters', `${label(64)}.example.com`, false],
    ['one label', 'shop', false],
    ['capitals', 'Shop.example.com', false],
    ['a dot at the end', 'shop.example.com.', false],
    ['a wildcard', '*.example.com', false],
    ['letters beyond ASCII', 'bücher.example.com', false],
    ['an IPv4 address', '192.0.2.1', false],
    ['a number as the last label', 'shop.example.1', false],
    ['an IPv6 address', '2001:db8::1', false],
    ['a dash in front', '-shop.example.com', false],
    ['a dash at the end of a label', 'shop-.example.com', false],
    ['an underscore', 'shop_a.example.com', false],
    ['an empty label', 'shop..example.com', false],
    ['a path', 'shop.example.com/a', false],
    ['nothing', '', false],
  ])('S-10: of %s is judged as the programs do', async (_, name, isHost) => {
    const { status } = await tryCreate(host(name));
    const reading = readHost(name);

    expect(status).toBe(isHost ? 201 : 422);
    expect('host' in reading && reading.host === name).toBe(isHost);
  });

  it.each([
    ['one label', 'shop', 'metadata.name must be a host such as shop.example.com'],
    ['an address', '192.0.2.1', 'metadata.name must be a DNS name, not an IP address'],
    ['a long label', `${label(64)}.example.com`, 'each of at most 63 lower-case letters, digits and dashes'],
  ])('is refused in words that help: %s', async (_, name, message) => {
    expect(messageOf(await tryCreate(host(name)))).toContain(message);
  });
});

describe('the spec of a Host', () => {
  it.each<[string, unknown, string]>([
    ['that is missing', undefined, 'spec: Required value'],
    ['without a namespace', {}, 'spec.namespace: Required value'],
    ['with an empty one', { namespace: '' }, 'must be the name of a namespace'],
    ['with one in capitals', { namespace: 'Shop' }, 'must be the name of a namespace'],
    ['with a dot in it', { namespace: 'a.b' }, 'must be the name of a namespace'],
    ['with one that is too long', { namespace: label(64) }, 'spec.namespace: Too long'],
    ['with a list of them', { namespace: ['shop'] }, 'spec.namespace: Invalid value: "array"'],
    ['that is reserved by a word', { namespace: 'shop', reserved: 'yes' }, 'spec.reserved: Invalid value: "string"'],
  ])('%s is refused', async (_, spec, message) => {
    const answer = await tryCreate({ ...host('shop.example.com'), spec });

    expect(answer.status).toBe(422);
    expect(messageOf(answer)).toContain(message);
  });

  it('with a field that there is not is refused by kubectl, which names it', async () => {
    const manifest = JSON.stringify(host('typo.example.com', { namespace: 'shop', reservd: true }));
    const { code, stderr } = await cluster.kubectl(['create', '-f', '-'], { input: manifest });

    expect(code).not.toBe(0);
    expect(stderr).toContain('unknown field "spec.reservd"');
  });

  it('is not reserved unless it says so', async () => {
    expect((await create('plain.example.com')).spec).toEqual({ namespace: 'shop', reserved: false });
  });

  it('may name another namespace later: an administrator moves a host so', async () => {
    await create('moved.example.com');

    await kubectl([
      'patch',
      'host.waymark.dev/moved.example.com',
      '--type=merge',
      '-p',
      '{"spec":{"namespace":"lab"}}',
    ]);

    const { body } = await cluster.api('GET', `${HOSTS}/moved.example.com`);
    expect((body as Host).spec.namespace).toBe('lab');
  });
});

describe('the status of a Host', () => {
  it('comes back as it was written, every field of it', async () => {
    await create('full.example.com');

    const { status, body } = await writeStatus('full.example.com', FULL);

    expect(status).toBe(200);
    expect((body as Host).status).toEqual(FULL);
  });

  it('and the spec are written each by itself, and only another spec is another generation', async () => {
    await create('apart.example.com');

    const spec = { namespace: 'lab' };
    const path = `${HOSTS}/apart.example.com`;
    const first = (await cluster.api('PATCH', `${path}/status`, { spec, status: FULL }, MERGE)).body as Host;
    const forged = { spec, status: { ...FULL, active: 'forged' } };
    const second = (await cluster.api('PATCH', path, forged, MERGE)).body as Host;

    expect([first.metadata.generation, first.spec.namespace]).toEqual([1, 'shop']);
    expect([second.metadata.generation, second.spec.namespace, second.status?.active]).toEqual([2, 'lab', 'shop-b']);
  });

  it.each<[string, object, string]>([
    ['a state that there is not', { members: [{ ...MEMBER, state: 'Gone' }] }, 'supported values: "Waiting"'],
    [
      'a share of more than all',
      { members: [{ ...MEMBER, share: { wanted: 101, effective: 0 } }] },
      'less than or equal',
    ],
    ['a share that is no whole percent', { members: [{ ...MEMBER, share: { wanted: 1.5, effective: 0 } }] }, 'integer'],
    ['a member twice', { members: [MEMBER, MEMBER] }, 'Duplicate value'],
    ['a member without a uid', { members: [{ ...MEMBER, uid: undefined }] }, 'uid: Required value'],
    ['a condition that there is not', { conditions: [{ ...CONDITION, type: 'Fine' }] }, 'supported values: "Accepted"'],
    ['a condition twice', { conditions: [CONDITION, CONDITION] }, 'Duplicate value'],
    ['a reason of several words', { conditions: [{ ...CONDITION, reason: 'no route' }] }, 'should match'],
    ['a time in words', { emptySince: 'yesterday' }, 'must be of type date-time'],
  ])('does not hold %s', async (_, wrong, message) => {
    await cluster.api('POST', HOSTS, host('strict.example.com'));
    const answer = await writeStatus('strict.example.com', { ...FULL, ...wrong });

    expect(answer.status).toBe(422);
    expect(messageOf(answer)).toContain(message);
  });

  it('is one that tools wait for: ready by its condition, and only of the spec as it is now', async () => {
    const name = 'waited-for.example.com';
    const wait = async () =>
      (await cluster.kubectl(['wait', '--for=condition=Ready', `host.waymark.dev/${name}`, '--timeout=1s'])).code === 0;
    const ready = (observedGeneration: number) => ({
      ...FULL,
      observedGeneration,
      conditions: [{ ...CONDITION, type: 'Ready', observedGeneration }],
    });
    await create(name);

    const before = await wait();
    await writeStatus(name, ready(1));
    const written = await wait();
    await cluster.api('PATCH', `${HOSTS}/${name}`, { spec: { namespace: 'lab' } }, MERGE);
    const moved = await wait();
    await writeStatus(name, ready(2));

    expect([before, written, moved, await wait()]).toEqual([false, true, false, true]);
  });
});

describe('what kubectl shows of Hosts', () => {
  const table = async (...args: readonly string[]) =>
    (await kubectl(['get', ...args])).split('\n').map(line => line.split(/ {2,}/).map(cell => cell.trim()));

  beforeAll(async () => {
    await create('shown.example.com');
    await writeStatus('shown.example.com', FULL);
  });

  it.each(['hosts', 'host', 'wmhost', 'wmhosts', 'hosts.waymark.dev'])('as `get %s`', async word => {
    const [header, row] = await table(word, 'shown.example.com');

    expect(header).toEqual(['NAME', 'HOST', 'NAMESPACE', 'ACTIVE', 'SPLIT', 'MIRROR', 'READY', 'AGE']);
    expect(row?.slice(0, -1)).toEqual([
      'shown.example.com',
      'shown.example.com',
      'shop',
      'shop-b',
      'shop-a 20%, other/shop-c 5%',
      'shop-d 1%',
      'True',
    ]);
  });

  it('with the reason why it is programmed, or not, in the wide table', async () => {
    const [header, row] = await table('hosts', 'shown.example.com', '-o', 'wide');

    expect(header?.slice(-3)).toEqual(['REASON', 'MESSAGE', 'AGE']);
    expect(row?.slice(-3, -1)).toEqual(['Written', 'The routes are written.']);
  });

  it('with every member, its state, why, and what comes next, in `describe`', async () => {
    const text = await kubectl(['describe', 'host', 'shown.example.com']);

    for (const line of [
      /^ {4}Line: +web\/shop\/prod$/m,
      /^ {4}State: +Active$/m,
      /^ {4}Message: +It is the newest version that has been ready for 30s\.$/m,
      /^ {6}Step: +retire$/m,
      /^ {6}Effective: +75$/m,
    ]) {
      expect(text).toMatch(line);
    }
  });

  it('and what a field is for, in `explain`', async () => {
    expect(await kubectl(['explain', 'hosts.spec.namespace'])).toContain(
      'The one whose Deployments may have the host.',
    );
  });
});

describe('S-07, S-08, C16: what the accounts may do on a real API server', () => {
  const rows: [account: string, may: string, what: string, is: boolean][] = [
    ['controller', 'list', 'hosts.waymark.dev', true],
    ['controller', 'create', 'hosts.waymark.dev', true],
    ['controller', 'patch', 'hosts.waymark.dev', true],
    ['controller', 'delete', 'hosts.waymark.dev', true],
    ['controller', 'deletecollection', 'hosts.waymark.dev', false],
    ['controller', 'patch', 'hosts.waymark.dev/status', true],
    ['controller', 'patch', 'deployments.apps', true],
    ['controller', 'update', 'deployments.apps', false],
    ['controller', 'create', 'deployments.apps', false],
    ['controller', 'delete', 'deployments.apps', false],
    ['controller', 'watch', 'endpointslices.discovery.k8s.io', true],
    ['controller', 'patch', 'endpointslices.discovery.k8s.io', false],
    ['controller', 'watch', 'customresourcedefinitions.apiextensions.k8s.io/hosts.waymark.dev', true],
    ['controller', 'watch', 'customresourcedefinitions.apiextensions.k8s.io/others.example.com', false],
    ['controller', 'patch', 'customresourcedefinitions.apiextensions.k8s.io/hosts.waymark.dev', false],
    ['controller', 'delete', 'customresourcedefinitions.apiextensions.k8s.io/hosts.waymark.dev', false],
    ['webhook', 'watch', 'hosts.waymark.dev', true],
    ['webhook', 'create', 'hosts.waymark.dev', false],
    ['webhook', 'patch', 'hosts.waymark.dev', false],
    ['webhook', 'patch', 'hosts.waymark.dev/status', false],
    ['webhook', 'delete', 'hosts.waymark.dev', false],
  ];

  it.each(rows)('the %s may %s %s: %s', async (account, verb, what, isAllowed) => {
    const [resource = '', part] = what.split('/');
    const target =
      part === undefined
        ? [resource]
        : part === 'status'
          ? [resource, '--subresource=status']
          : [`${resource}/${part}`];
    const as = `--as=system:serviceaccount:${SYSTEM_NAMESPACE}:waymark-${account}`;

    const { stdout } = await cluster.kubectl(['auth', 'can-i', verb, ...target, '--all-namespaces', as]);

    expect(stdout.trim()).toBe(isAllowed ? 'yes' : 'no');
  });
});

describe('the claim of a host', () => {
  it('S-11: of a hundred at once from two namespaces exactly one is granted, and stays', async () => {
    const claims = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 'team-a' : 'team-b'));

    const answers = await Promise.all(
      claims.map(namespace => cluster.api('POST', HOSTS, host('raced.example.com', { namespace }))),
    );

    const [won, ...more] = answers.filter(({ status }) => status === 201);
    const { body } = await cluster.api('GET', `${HOSTS}/raced.example.com`);
    expect(more).toEqual([]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
    expect((body as Host).spec.namespace).toBe((won?.body as Host | undefined)?.spec.namespace);
  });

  it('S-11: is not taken over or given up by whoever knows an older state of it', async () => {
    const { metadata } = await create('locked.example.com');
    const { resourceVersion, uid } = metadata;
    await cluster.api('PATCH', `${HOSTS}/locked.example.com`, { spec: { namespace: 'lab' } }, MERGE);

    const patch = { metadata: { resourceVersion }, spec: { namespace: 'team-b' } };
    const taken = await cluster.api('PATCH', `${HOSTS}/locked.example.com`, patch, MERGE);
    const released = await cluster.api('DELETE', `${HOSTS}/locked.example.com`, {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid, resourceVersion },
    });

    const { body } = await cluster.api('GET', `${HOSTS}/locked.example.com`);
    expect([taken.status, released.status]).toEqual([409, 409]);
    expect((body as Host).spec.namespace).toBe('lab');
  });
});
