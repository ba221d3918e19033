import { describe, expect, it } from '@jest/globals';
import { mapping, resnet, service, SETTINGS } from '../../test/support/readings.ts';
import { admit } from '../admit.ts';
import { NO_FACTS } from '../cluster-facts.ts';
import type { ClusterFacts } from '../cluster-facts.ts';
import { nameOf } from '../findings/finding.ts';
import { findingLine } from '../findings/format.ts';
import type { Host } from '../host.ts';
import type { Namespace } from '../snapshot.ts';

/** The Deployment under test is in namespace `shop`. */
const OWNERS: Readonly<Record<string, string>> = {
  'mine.example.com': 'shop',
  'theirs.example.com': 'team-a',
  'test.theirs.example.com': 'team-a',
  'promised.example.com': 'team-a',
  'elsewhere.example.com': 'team-a',
  'apps.example.com': 'team-a',
  'tfserving-resnet50-20240501.shop.service.example.com': 'team-a',
};

const facts: ClusterFacts = {
  ...NO_FACTS,
  traffic: {
    ...NO_FACTS.traffic,
    areHostsServed: true,
    host: (name): Host | undefined => {
      const owner = OWNERS[name];
      return owner === undefined ? undefined : { metadata: { name }, spec: { namespace: owner } };
    },
  },
};

function handingOver(name: string, written: string): [string, Namespace] {
  return [name, { metadata: { name, annotations: { 'waymark.dev/hand-over': written } } }];
}

const namespaces = new Map([
  handingOver('team-a', 'promised.example.com=shop, elsewhere.example.com=team-c'),
  handingOver('team-c', 'theirs.example.com=shop'),
]);

interface Given {
  readonly old?: string | undefined;
  readonly known?: ClusterFacts;
}

function findings(config: string, { old, known = facts }: Given = {}) {
  const request = {
    object: resnet(config),
    settings: SETTINGS,
    namespaces,
    facts: known,
  };
  if (old === undefined) return admit({ ...request, operation: 'CREATE' }).findings;
  return admit({ ...request, operation: 'UPDATE', oldObject: resnet(old) }).findings;
}

const asked = (...hosts: string[]) => service(`hosts: [${hosts.join(', ')}]`);
const TAKEN = 'HostTaken';

describe('S-11: what admission says of hosts that somebody owns', () => {
  it.each<[string, string, readonly string[]]>([
    ['a host of another namespace is refused', asked('theirs.example.com'), [TAKEN]],
    ['in whatever spelling', asked('Theirs.Example.com.'), ['HostFolded', TAKEN]],
    [
      'with the prefix of its environment',
      service('environment: test', 'hosts: [theirs.example.com]'),
      ['NameMismatch', TAKEN],
    ],
    ['so is one that only a Mapping names', mapping('hostname: theirs.example.com'), [TAKEN]],
    [
      'once, however often it is named',
      `${asked('theirs.example.com')}---\n${mapping('hostname: theirs.example.com')}`,
      [TAKEN],
    ],
    ['and each of several', asked('theirs.example.com', 'elsewhere.example.com'), [TAKEN, TAKEN]],
    ['one’s own is not', asked('mine.example.com'), []],
    ['nor one that nobody has', asked('free.example.com'), []],
    ['S-12: nor one that its owner hands over to this namespace', asked('promised.example.com'), []],
    ['S-12: one that he hands over to a third is', asked('elsewhere.example.com'), [TAKEN]],
    ['S-12: and one that somebody hands over whose it is not', asked('theirs.example.com'), [TAKEN]],
    ['the host that all share has no owner', mapping('hostname: apps.example.com'), []],
    ['nor has one’s own built-in host', service(), []],
  ])('%s', (_, config, expected) => {
    expect(findings(config).map(nameOf)).toEqual(expected);
  });

  it.each<[string, string, string, readonly string[]]>([
    [
      'an edit of something else is nobody’s fault',
      asked('theirs.example.com'),
      `${asked('theirs.example.com')}timeout: 9s\n`,
      [],
    ],
    [
      'nor is it where a Mapping named the host before',
      mapping('host: theirs.example.com'),
      asked('theirs.example.com'),
      [],
    ],
    [
      'one more host of others is refused',
      asked('theirs.example.com'),
      asked('theirs.example.com', 'elsewhere.example.com'),
      [TAKEN],
    ],
    ['so is one in place of one’s own', asked('mine.example.com'), asked('theirs.example.com'), [TAKEN]],
  ])('of an update: %s', (_, old, config, expected) => {
    expect(findings(config, { old }).map(nameOf)).toEqual(expected);
  });

  it('nothing where nothing is known', () => {
    expect(findings(asked('theirs.example.com'), { known: NO_FACTS })).toEqual([]);
  });

  it('names the owner, the Host and the way to have it', () => {
    expect(findings(asked('mine.example.com', 'theirs.example.com')).map(findingLine)).toEqual([
      'WM101 waymark.dev/config 6:27: `hosts[1]` must be a host that no other namespace has, ' +
        "but 'theirs.example.com' belongs to namespace 'team-a' (held here: Host theirs.example.com spec.namespace); " +
        "fix: write another host, or ask 'team-a' to write " +
        '`waymark.dev/hand-over: theirs.example.com=shop` on its Namespace',
    ]);
  });
});
