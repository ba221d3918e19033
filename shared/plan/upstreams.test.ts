import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mappingTo, upstreamMember, upstreamSnapshot } from '../../test/support/upstream-stage.ts';
import type { MemberParts, UpstreamWorld } from '../../test/support/upstream-stage.ts';
import type { Sender } from '../cluster-facts.ts';
import { nameOf } from '../findings/finding.ts';
import type { ConnectionPolicy } from '../intent.ts';
import { renderUpstreamGroup } from '../render/group.ts';
import { defaultSettings } from '../settings-file.ts';
import type { ExistingObject } from '../snapshot.ts';
import { ownConflicts } from './upstream-conflicts.ts';
import { planUpstreams } from './upstreams.ts';
import type { PlannedUpstreams } from './upstreams.ts';

const API = 'api.example.com';
const policy = (connectTimeout: number): ConnectionPolicy => ({ at: { start: 0, end: 0 }, connectTimeout });
const TLS: ConnectionPolicy = { at: { start: 3, end: 4 }, tls: { verifies: true } };
const to = (address: string, connections?: ConnectionPolicy) => mappingTo(address, connections ? { connections } : {});

type Deployments = Readonly<Record<string, MemberParts>>;

function planned(deployments: Deployments, world: UpstreamWorld = {}): PlannedUpstreams {
  const members = Object.entries(deployments).map(([path, parts]) => upstreamMember(path, parts));
  return planUpstreams(members, upstreamSnapshot(world));
}

/** `host:port`, and what is asked of its connections. */
function brief({ upstreams }: PlannedUpstreams): readonly string[] {
  return upstreams.flatMap(({ host, ports }) =>
    ports.map(({ number, connections }) => `${host}:${number}${connections ? ` ${JSON.stringify(connections)}` : ''}`),
  );
}

function told({ faults }: PlannedUpstreams): readonly string[] {
  return faults.map(({ group, finding }) => `${group} ${nameOf(finding)} ${finding.object.name}`);
}

/** As a plan of this one Deployment would have been written. */
function living(deployments: Deployments): readonly ExistingObject[] {
  return planned(deployments).upstreams.flatMap(one => renderUpstreamGroup(one, defaultSettings));
}

function sender(path: string, port: number, more: Partial<Sender> = {}): Sender {
  const [namespace = '', deployment = ''] = path.split('/');
  return { namespace, deployment, route: 'm', port, ...more };
}

const TIMEOUT_1 = '{"connectionPool":{"tcp":{"connectTimeout":"1s"}}}';
const TIMEOUT_2 = '{"connectionPool":{"tcp":{"connectTimeout":"2s"}}}';

describe('what is asked of a place', () => {
  it.each<[string, Deployments, readonly string[], readonly string[]]>([
    ['a host outside the cluster by its port', { 'shop/a': { mappings: [to(`${API}:80`)] } }, [`${API}:80`], []],
    ['a Service of the cluster is there by itself', { 'shop/a': { mappings: [to('web.shop:80')] } }, [], []],
    [
      'connections to a Service of the own namespace',
      { 'shop/a': { mappings: [to('web.shop:80', policy(1000))] } },
      [`web.shop.svc.cluster.local:80 ${TIMEOUT_1}`],
      [],
    ],
    [
      'connections to the own Service, at its first port',
      { 'shop/a': { mappings: [to('', policy(1000))] } },
      [`a.shop.svc.cluster.local:8080 ${TIMEOUT_1}`],
      [],
    ],
    [
      'never those to a Service of another namespace',
      { 'shop/a': { mappings: [to('web.other:80', policy(1000))] } },
      [],
      [],
    ],
    [
      'all ports that anybody sends to',
      { 'shop/a': { mappings: [to(`${API}:443`)] }, 'other/b': { mappings: [to(`${API}:80`)] } },
      [`${API}:80`, `${API}:443`],
      [],
    ],
    [
      'port by port in another way',
      { 'shop/a': { mappings: [to(`${API}:80`, policy(1000)), to(`${API}:81`, policy(2000))] } },
      [`${API}:80 ${TIMEOUT_1}`, `${API}:81 ${TIMEOUT_2}`],
      [],
    ],
    [
      'the older one keeps its way, and the newer one is told',
      {
        'shop/new': { age: 2, mappings: [to(`${API}:80`, policy(2000))] },
        'shop/old': { age: 1, mappings: [to(`${API}:80`, policy(1000))] },
      },
      [`${API}:80 ${TIMEOUT_1}`],
      [`Upstream/${API} ConnectionsConflict new`],
    ],
    [
      'the same, wherever it is written, is no conflict',
      {
        'shop/a': { mappings: [to(`${API}:80`, policy(1000))] },
        'other/b': { mappings: [to(`${API}:80`, { ...policy(1000), at: { start: 7, end: 9 } })] },
      },
      [`${API}:80 ${TIMEOUT_1}`],
      [],
    ],
    [
      'in one namespace who asks for nothing takes what is asked',
      {
        'shop/a': { age: 1, mappings: [to(`${API}:80`)] },
        'shop/b': { age: 2, mappings: [to(`${API}:80`, policy(1000))] },
      },
      [`${API}:80 ${TIMEOUT_1}`],
      [],
    ],
    [
      'nobody changes the connections of another namespace',
      {
        'shop/a': { age: 1, mappings: [to(`${API}:80`)] },
        'other/b': { age: 2, mappings: [to(`${API}:80`, policy(1000))] },
      },
      [`${API}:80`],
      [`Upstream/${API} ConnectionsConflict b`],
    ],
    [
      'nobody encrypts what a neighbour sends in the clear',
      {
        'shop/a': { age: 1, mappings: [to(`${API}:80`)] },
        'shop/b': { age: 2, mappings: [to(`${API}:80`, TLS)] },
      },
      [`${API}:80`],
      [`Upstream/${API} ConnectionsConflict b`],
    ],
    [
      'of the versions of one line the newest has its way, and nobody is told',
      {
        'shop/v1': { age: 1, version: '1', mappings: [to(`${API}:80`, policy(1000))] },
        'shop/v2': { age: 2, version: '2', mappings: [to(`${API}:80`, policy(2000))] },
      },
      [`${API}:80 ${TIMEOUT_2}`],
      [],
    ],
    [
      'a line has its place since its oldest version',
      {
        'shop/v1': { age: 1, version: '1', mappings: [to(`${API}:80`, policy(1000))] },
        'shop/x': { age: 2, mappings: [to(`${API}:80`, policy(1000))] },
        'shop/v3': { age: 3, version: '3', mappings: [to(`${API}:80`, policy(2000))] },
      },
      [`${API}:80 ${TIMEOUT_2}`],
      [`Upstream/${API} ConnectionsConflict x`],
    ],
  ])('%s', (_, deployments, expected, findings) => {
    const plan = planned(deployments);

    expect(brief(plan)).toEqual(expected);
    expect(told(plan)).toEqual(findings);
  });

  it('says both places of a conflict', () => {
    const { faults } = planned({
      'shop/old': { age: 1, mappings: [to(`${API}:80`, policy(1000))] },
      'other/new': { age: 2, mappings: [to(`${API}:80`, TLS)] },
    });

    expect(
      faults.map(({ finding }) => [finding.object.name, finding.related.map(({ object }) => object.name)]),
    ).toEqual([['new', ['old']]]);
  });
});

describe('what one Deployment asks for itself', () => {
  it.each<[string, readonly ReturnType<typeof to>[], number]>([
    ['in two ways is told of the later ones', [to('', policy(1000)), to('', policy(2000)), to('', policy(3000))], 2],
    ['in one way is none', [to('', policy(1000)), to('', policy(1000)), to('')], 0],
    ['of two ports is none', [to(`${API}:80`, policy(1000)), to(`${API}:81`, policy(2000))], 0],
    ['in the clear and encrypted is told', [to(`${API}:80`), to(`${API}:80`, TLS)], 1],
  ])('%s', (_, mappings, count) => {
    const { intent } = upstreamMember('shop/a', { mappings });

    const findings = intent ? ownConflicts(intent, defaultSettings) : [];

    expect(findings.map(nameOf)).toEqual(Array.from({ length: count }, () => 'ConnectionsConflict'));
  });
});

describe('what lives', () => {
  const before = { 'shop/b': { mappings: [to(`${API}:80`, policy(2000))] } };

  it('counts before age, so that nobody’s edit changes another one’s connections', () => {
    const plan = planned(
      { ...before, 'other/a': { age: -1, mappings: [to(`${API}:80`, policy(1000))] } },
      { existing: living(before), senders: [sender('shop/b', 80), sender('other/a', 80)] },
    );

    expect(brief(plan)).toEqual([`${API}:80 ${TIMEOUT_2}`]);
    expect(told(plan)).toEqual([`Upstream/${API} ConnectionsConflict a`]);
  });

  it('counts for nothing where the one who asked for it sends there no more', () => {
    const plan = planned(
      { ...before, 'other/a': { age: -1, mappings: [to(`${API}:80`, policy(1000))] } },
      { existing: living(before), senders: [sender('other/a', 80)] },
    );

    expect(brief(plan)).toEqual([`${API}:80 ${TIMEOUT_1}`]);
  });

  it('is the way of the version that is routed, until another one is', () => {
    const v1: Deployments = { 'shop/v1': { version: '1', mappings: [to(`${API}:80`, policy(1000))] } };
    const both: Deployments = { ...v1, 'shop/v2': { age: 1, version: '2', mappings: [to(`${API}:80`, policy(2000))] } };
    const existing = living(v1);

    expect(brief(planned(both, { existing, senders: [sender('shop/v1', 80)] }))).toEqual([`${API}:80 ${TIMEOUT_1}`]);
    expect(brief(planned(both, { existing, senders: [sender('shop/v2', 80)] }))).toEqual([`${API}:80 ${TIMEOUT_2}`]);
  });

  it.each<[string, Deployments, readonly Sender[], boolean]>([
    ['a route of a Deployment that is gone sends there', {}, [sender('shop/b', 80)], true],
    ['a route sends there whose Mapping is gone', { 'shop/b': {} }, [sender('shop/b', 80)], true],
    [
      'a route sends there whose Mapping names another place',
      { 'shop/b': { mappings: [to('x.shop:80')] } },
      [sender('shop/b', 80)],
      true,
    ],
    ['a route of a frozen Deployment sends there', { 'shop/b': { isFrozen: true } }, [sender('shop/b', 80)], true],
    ['a route has left half a second ago', {}, [sender('shop/b', 80, { until: 99_500 })], true],
    ['a route has left a second ago', {}, [sender('shop/b', 80, { until: 99_000 })], false],
    ['nobody sends there', {}, [], false],
    ['a route sends to another port', {}, [sender('shop/b', 81)], false],
  ])('stays or goes when %s', (_, deployments, senders, stays) => {
    const plan = planned(deployments, { existing: living(before), senders });

    expect(brief(plan)).toEqual(stays ? [`${API}:80 ${TIMEOUT_2}`] : []);
  });

  it('goes by itself a second after the last route has left', () => {
    const senders = [sender('shop/b', 80, { until: 99_500 }), sender('shop/c', 80, { until: 99_200 })];

    const { wakeAt } = planned({}, { existing: living(before), senders });

    expect(wakeAt).toBe(100_500);
  });

  it('of a Service goes with the wish, though others’ requests go on', () => {
    const asked: Deployments = { 'shop/b': { mappings: [to('web.shop:80', policy(1000))] } };
    const same: Deployments = { 'shop/b': { mappings: [to('web.shop:80')] } };
    const split: Deployments = { 'shop/b': { version: '1' } };

    const existing = living(asked);

    expect(existing.map(({ kind }) => kind)).toEqual(['DestinationRule']);
    expect(brief(planned(same, { existing, senders: [sender('shop/b', 80)] }))).toEqual([]);
    expect(brief(planned(split, { existing, senders: [sender('shop/b', 80, { route: 'catch-all' })] }))).toEqual([]);
  });

  it('keeps the port of a frozen Deployment as it is, and tells who wants it otherwise', () => {
    const plan = planned(
      { 'shop/b': { isFrozen: true }, 'other/a': { mappings: [to(`${API}:80`, policy(1000))] } },
      { existing: living(before), senders: [sender('shop/b', 80)] },
    );

    expect(brief(plan)).toEqual([`${API}:80 ${TIMEOUT_2}`]);
    expect(told(plan)).toEqual([`Upstream/${API} ConnectionsConflict a`]);
  });

  it('keeps an old port until its routes are on the new one', () => {
    const plan = planned(
      { 'shop/b': { mappings: [to(`${API}:443`, TLS)] } },
      { existing: living(before), senders: [sender('shop/b', 80)] },
    );

    expect(brief(plan).map(text => text.split(' ')[0])).toEqual([`${API}:80`, `${API}:443`]);
  });
});

describe('laws', () => {
  const asks = fc.constantFrom(undefined, policy(1000), policy(2000), TLS);
  const mapping = fc.record({ port: fc.constantFrom(80, 443), asked: asks });
  const worlds = fc.uniqueArray(
    fc.record({
      path: fc.constantFrom('shop/a', 'shop/b', 'shop/c', 'other/a', 'other/b'),
      age: fc.nat({ max: 3 }),
      version: fc.constantFrom(undefined, '1', '2'),
      mappings: fc.array(mapping, { maxLength: 3 }),
    }),
    { selector: ({ path }) => path },
  );
  const membersOf = (
    world: readonly {
      path: string;
      age: number;
      version: string | undefined;
      mappings: readonly { port: number; asked: ConnectionPolicy | undefined }[];
    }[],
  ) =>
    world.map(({ path, age, version, mappings }) =>
      upstreamMember(path, {
        age,
        ...(version !== undefined && { version }),
        mappings: mappings.map(({ port, asked }) => to(`${API}:${port}`, asked)),
      }),
    );

  it('the order of Deployments changes nothing', () => {
    fc.assert(
      fc.property(worlds, fc.nat(), (world, seed) => {
        const members = membersOf(world);
        const turned = members
          .map((_, index) => members[(index + seed) % members.length])
          .filter(one => one !== undefined);

        const [one, two] = [members, turned.toReversed()].map(each => planUpstreams(each, upstreamSnapshot()));

        expect(two && brief(two)).toEqual(one && brief(one));
        expect(two && told(two).toSorted()).toEqual(one && told(one).toSorted());
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('every port that is asked for is there, once', () => {
    fc.assert(
      fc.property(worlds, world => {
        const { upstreams } = planUpstreams(membersOf(world), upstreamSnapshot());

        const wanted = new Set(world.flatMap(({ mappings }) => mappings.map(({ port }) => port)));
        expect(upstreams.flatMap(({ ports }) => ports.map(({ number }) => number))).toEqual(
          [...wanted].sort((a, b) => a - b),
        );
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it('what is written once stays as it is while all who asked send there', () => {
    fc.assert(
      fc.property(worlds, world => {
        const members = membersOf(world);
        const first = planUpstreams(members, upstreamSnapshot());
        const existing = first.upstreams.flatMap(one => renderUpstreamGroup(one, defaultSettings));
        const senders = members.flatMap(({ ref, intent }) =>
          (intent?.mappings ?? []).flatMap(({ action }) =>
            action.does === 'forward' && action.destination.to === 'external'
              ? [sender(`${ref.namespace}/${ref.name}`, action.destination.port)]
              : [],
          ),
        );

        const again = planUpstreams(members, upstreamSnapshot({ existing, senders }));

        expect(brief(again)).toEqual(brief(first));
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});
