import { describe, expect, it } from '@jest/globals';
import { deployment } from '../../test/support/deployments.ts';
import { clusterAddresses } from '../cluster-addresses.ts';
import { NO_FACTS } from '../cluster-facts.ts';
import type { ClusterFacts } from '../cluster-facts.ts';
import { compile } from '../compile.ts';
import type { Deployment } from '../deployment.ts';
import { externalIdsOf, parseLedger } from '../external-ledger.ts';
import { nameOf } from '../findings/finding.ts';
import { findingLine } from '../findings/format.ts';
import { defaultSettings } from '../settings-file.ts';
import type { ExternalSettings } from '../settings.ts';
import type { Snapshot } from '../snapshot.ts';

/** Seconds of 1 May 2024 at which each was created. */
type Ages = Readonly<Record<string, number>>;
const AGES: Ages = { a: 1, b: 2, c: 3, d: 4 };

/** `a` → Deployment shop/serving-a-1, with an InferenceService of one port and what is given. */
function asking(name: string, external = '', environment = 'prod'): Deployment {
  const prefix = environment === 'prod' ? '' : `${environment}-`;
  const config = [
    'apiVersion: waymark.dev/v1\nkind: InferenceService\ntype: serving',
    `model: ${name}\nversion: v1\nenvironment: ${environment}`,
    external === '' ? '' : `external: ${external}\n`,
  ].join('\n');
  return deployment(`shop/${prefix}serving-${name}-1`, {
    config,
    annotations: { 'waymark.dev/injected': '{"main":[]}' },
    metadata: { uid: `uid-of-${name}`, creationTimestamp: `2024-05-01T00:00:0${AGES[name] ?? 9}Z` },
  });
}

interface World {
  readonly external?: Partial<ExternalSettings>;
  readonly ledger?: Readonly<Record<string, string>>;
  readonly wanted?: readonly number[];
  readonly facts?: Partial<ClusterFacts>;
  readonly focus?: string;
}

function snapshot(deployments: readonly Deployment[], world: World = {}): Snapshot {
  const { external, ledger, wanted = [], facts, focus } = world;
  return {
    settings: { ...defaultSettings, external: { ...defaultSettings.external, ips: ['203.0.113.10'], ...external } },
    now: 0,
    deployments,
    namespaces: new Map(),
    existing: [],
    istio: true,
    facts: {
      ...NO_FACTS,
      externalIds: { ...externalIdsOf(parseLedger(ledger)), wanted: new Set(wanted) },
      ...facts,
    },
    ...(focus !== undefined && { focus: `Deployment/shop/serving-${focus}-1` as const }),
  };
}

/** `a: 1` of every Service for access by address and port, and the names of the findings. */
function given(deployments: readonly Deployment[], world: World = {}): readonly string[] {
  const { externalClaims, findings } = compile(snapshot(deployments, world));
  const claims = externalClaims.map(({ holder, id }) => `${holder.split('-')[1] ?? ''}: ${id}`);
  return [...claims.sort(), ...findings.map(one => `${one.object.name.split('-')[1] ?? ''}: ${nameOf(one)}`)];
}

const [a, b, c] = [asking('a'), asking('b'), asking('c')];
const a7 = asking('a', '{id: 7}');
const b7 = asking('b', '{id: 7}');
const TAKEN = 'b: ExternalIdTaken';

describe('who gets which number', () => {
  it.each<[string, readonly Deployment[], World, readonly string[]]>([
    ['the lowest ones, in the order of age', [c, b, a], {}, ['a: 1', 'b: 2', 'c: 3']],
    ['what is written', [a7, b], {}, ['a: 7', 'b: 1']],
    ['what is written by another one nobody gets by itself', [a, asking('b', '{id: 1}')], {}, ['a: 2', 'b: 1']],
    ['of two that write the same, the older', [b7, a7], {}, ['a: 7', TAKEN]],
    [
      'who holds what is written keeps it from an older one',
      [a7, b7],
      { ledger: { '7': 'shop/serving-b-1' } },
      ['b: 7', 'a: ExternalIdTaken'],
    ],
    [
      'who holds it by itself keeps it from one that writes it',
      [a, b7],
      { ledger: { '7': 'shop/serving-a-1' } },
      ['a: 7', TAKEN],
    ],
    ['what one holds it keeps, whatever is lower', [a], { ledger: { '9': 'shop/serving-a-1' } }, ['a: 9']],
    [
      'of two that one holds, the one that it had first',
      [a],
      { ledger: { '4': 'shop/serving-a-1', '9': 'shop/serving-a-1' } },
      ['a: 4'],
    ],
    ['what others hold is not free', [a], { ledger: { '1': 'shop/x', '2': 'other/y' } }, ['a: 3']],
    ['what one had last it gets back', [a], { ledger: { '9.free': 'shop/serving-a-1' } }, ['a: 9']],
    ['what another one had last is free', [a], { ledger: { '1.free': 'shop/x' } }, ['a: 1']],
    [
      'what one had last is not had back from who writes it',
      [a],
      { ledger: { '9.free': 'shop/serving-a-1' }, wanted: [9] },
      ['a: 1'],
    ],
    ['a number that is written anywhere is not given', [a], { wanted: [1, 2] }, ['a: 3']],
    ['one that writes another number gets that', [a7], { ledger: { '3': 'shop/serving-a-1' } }, ['a: 7']],
    ['only the one in focus gets one by itself', [a, b, c], { focus: 'b' }, ['b: 1']],
    ['also where an older one writes the same', [a7, b7], { focus: 'b' }, [TAKEN]],
    ['and the older one gets what the focus writes too', [a7, b7], { focus: 'a' }, ['a: 7']],
  ])('%s', (_, deployments, world, expected) => {
    expect(given(deployments, world)).toEqual(expected);
    expect(given(deployments.toReversed(), world)).toEqual(expected);
  });

  it('R-06: a loser has everything else, and is told who has the number and where that is written', () => {
    const { objects, findings } = compile(snapshot([a7, b7]));

    expect(objects.map(({ object }) => object.metadata.name)).toEqual([
      'serving-a-1',
      'serving-a-1-external',
      'serving-b-1',
    ]);
    expect(findings.map(findingLine)).toEqual([
      'WM107 waymark.dev/config 7:16: `external.id` must be a number that no other Deployment has, but 7 is held by ' +
        'Deployment shop/serving-a-1 (held here: Deployment shop/serving-a-1 waymark.dev/config 7:16); ' +
        'fix: write another number, or leave it out: a free one is taken',
    ]);
  });
});

describe('when a Deployment has access', () => {
  const none = { ips: [] };
  it.each<[string, Deployment, Partial<ExternalSettings>, readonly string[]]>([
    ['in prod as soon as there is an address', a, {}, ['a: 1']],
    ['not without one', a, none, []],
    ['not if it says so', asking('a', 'false'), {}, []],
    ['in test only if it asks', asking('a', '', 'test'), {}, []],
    ['in debug only if it asks', asking('a', '', 'debug'), {}, []],
    ['in test if it asks', asking('a', '{}', 'test'), {}, ['serving: 1']],
    [
      'by its own address where the platform allows it',
      asking('a', '{ips: [203.0.113.9]}'),
      { ips: [], allowedIPs: ['203.0.113.0/24'] },
      ['a: 1'],
    ],
    ['by loadBalancer only if it asks', a, { strategy: 'loadBalancer' }, []],
    [
      'by loadBalancer if it asks, without any address',
      asking('a', '{}'),
      { strategy: 'loadBalancer', ips: [] },
      ['a: 1'],
    ],
    ['by nodePort if the platform gives it to all', a, { strategy: 'nodePort', byDefault: true }, ['a: 1']],
    ['in test not even then', asking('a', '', 'test'), { strategy: 'nodePort', byDefault: true }, []],
    ['not where the platform gives none', a, { strategy: 'none', byDefault: true }, []],
  ])('%s', (_, one, external, expected) => {
    expect(given([one], { external })).toEqual(expected);
  });
});

describe('numbers that are ports', () => {
  const nodePort = { strategy: 'nodePort', byDefault: true } as const;
  it.each<[string, Deployment, World, readonly string[]]>([
    [
      'a number whose node ports there are not is given up for a lower one',
      a,
      { ledger: { '500': 'shop/serving-a-1' } },
      ['a: 1'],
    ],
    ['so is one that it had last', a, { ledger: { '500.free': 'shop/serving-a-1' } }, ['a: 1']],
    [
      'what one holds it keeps also where not all ten ports are in range',
      a,
      { ledger: { '276': 'shop/serving-a-1' } },
      ['a: 276'],
    ],
  ])('%s', (_, one, world, expected) => {
    expect(given([one], { ...world, external: nodePort })).toEqual(expected);
  });

  it('R-06: all in use is said, and one that gets free is given', () => {
    const range = { first: 30_010, last: 30_029 };
    const settings = { ...nodePort, nodePortRange: range };
    const others = { '1': 'shop/x', '2': 'shop/y' };

    expect(given([a], { external: settings, ledger: others })).toEqual(['a: ExternalIdsExhausted']);
    expect(given([a], { external: settings, ledger: { '1': 'shop/x', '2.free': 'shop/y' } })).toEqual(['a: 2']);
    expect(given([a, b, c], { external: settings })).toEqual(['a: 1', 'b: 2', 'c: ExternalIdsExhausted']);
  });
});

describe('addresses of the cluster itself', () => {
  const addresses = clusterAddresses({
    nodes: [{ name: 'worker-1', addresses: ['203.0.113.11'], podCIDRs: ['203.0.113.128/28'] }],
    serviceCIDRs: ['203.0.113.144/28'],
    apiServer: ['203.0.113.1'],
  });
  const external = { ips: [], allowedIPs: ['203.0.113.0/24'] };
  const refused = 'a: ExternalAddressOfCluster';
  const addressesOf = (one: Deployment, settings: Partial<ExternalSettings>) =>
    compile(snapshot([one], { external: settings, facts: { addresses } })).objects.flatMap(
      ({ object }) => object.spec['externalIPs'] ?? [],
    );

  it.each([
    ['a Node', '203.0.113.11'],
    ['a Pod', '203.0.113.130'],
    ['a Service', '203.0.113.150'],
    ['the API server', '203.0.113.1'],
  ])('R-25, S-15: that of %s is refused, and without another one nothing is built', (_, ip) => {
    expect(given([asking('a', `{ips: [${ip}]}`)], { external, facts: { addresses } })).toEqual([refused]);
    expect(addressesOf(asking('a', `{ips: [${ip}]}`), external)).toEqual([]);
  });

  it('beside another one it is left out', () => {
    const both = asking('a', '{ips: [203.0.113.11, 203.0.113.12]}');

    expect(addressesOf(both, external)).toEqual(['203.0.113.12']);
    expect(given([both], { external, facts: { addresses } })).toEqual(['a: 1', refused]);
  });

  it('of the platform is refused as well', () => {
    expect(given([a], { external: { ips: ['203.0.113.11'] }, facts: { addresses } })).toEqual([refused]);
  });

  it('leaves its number to the next one that writes it', () => {
    const older = asking('a', '{id: 7, ips: [203.0.113.11]}');
    const younger = asking('b', '{id: 7, ips: [203.0.113.12]}');

    expect(given([older, younger], { external, facts: { addresses } })).toEqual(['b: 7', refused]);
  });
});
