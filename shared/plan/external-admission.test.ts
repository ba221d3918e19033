import { describe, expect, it } from '@jest/globals';
import { resnet, service, SETTINGS } from '../../test/support/readings.ts';
import { admit } from '../admit.ts';
import { clusterAddresses } from '../cluster-addresses.ts';
import { NO_FACTS } from '../cluster-facts.ts';
import type { ClusterFacts } from '../cluster-facts.ts';
import { externalIdsOf, parseLedger } from '../external-ledger.ts';
import { nameOf } from '../findings/finding.ts';
import { sentence } from '../findings/format.ts';
import type { ExternalStrategy } from '../settings.ts';

const facts: ClusterFacts = {
  ...NO_FACTS,
  version: { major: 1, minor: 36 },
  addresses: clusterAddresses({
    nodes: [{ name: 'worker-1', addresses: ['203.0.113.11'], podCIDRs: [] }],
    serviceCIDRs: [],
    apiServer: [],
  }),
  externalIds: externalIdsOf(
    parseLedger({ '7': 'shop/other', '8': 'shop/tfserving-resnet50-20240501', '9.free': 'shop/gone' }),
  ),
};

interface Given {
  readonly old?: string;
  readonly strategy?: ExternalStrategy;
  readonly ips?: readonly string[];
  readonly facts?: ClusterFacts;
}

/** The findings about an InferenceService with this line. */
function findings(line: string, { old, strategy = 'externalIPs', ips = ['203.0.113.10'], ...given }: Given = {}) {
  const external = { ...SETTINGS.external, strategy, ips, allowedIPs: ['203.0.113.0/24'] };
  const request = {
    object: resnet(service(line)),
    settings: { ...SETTINGS, external },
    namespaces: new Map(),
    facts: given.facts ?? facts,
  };
  if (old === undefined) return admit({ ...request, operation: 'CREATE' }).findings;
  return admit({ ...request, operation: 'UPDATE', oldObject: resnet(service(old)) }).findings;
}

const DEPRECATED = 'ExternalIPsDeprecated';
const TAKEN = 'ExternalIdTaken';

describe('what admission says of access by address and port', () => {
  it.each<[string, string, Given, readonly string[]]>([
    ['R-06: a number that another one holds is refused', 'external: {id: 7}', {}, [DEPRECATED, TAKEN]],
    ['one that this very Deployment holds is not', 'external: {id: 8}', {}, [DEPRECATED]],
    ['nor one that another one had last', 'external: {id: 9}', {}, [DEPRECATED]],
    ['nor one that nobody has', 'external: {id: 10}', {}, [DEPRECATED]],
    [
      'an update that changes the text is refused like a new one',
      'external: {id: 7}',
      { old: '' },
      [DEPRECATED, TAKEN],
    ],
    ['one that changes something else is not', 'external: {id: 7}', { old: 'external: {id: 7}' }, [DEPRECATED]],
    [
      'S-15: the address of a Node is refused',
      'external: {ips: [203.0.113.11]}',
      {},
      [DEPRECATED, 'ExternalAddressOfCluster'],
    ],
    ['one that the platform gives is not the user’s to change', '', { ips: ['203.0.113.11'] }, [DEPRECATED]],
    ['without access nothing is said', 'external: false', {}, []],
    ['nor where there is no address', '', { ips: [] }, []],
    ['of other strategies nothing is deprecated', 'external: {id: 7}', { strategy: 'loadBalancer' }, [TAKEN]],
    ['before 1.36 nothing is', '', { facts: { ...facts, version: { major: 1, minor: 35 } } }, []],
    ['of a version that is not known nothing is said', '', { facts: { ...facts, version: undefined } }, []],
    ['where nothing is known nothing is said', 'external: {id: 7}', { facts: NO_FACTS }, []],
  ])('%s', (_, line, given, expected) => {
    expect(findings(line, given).map(nameOf)).toEqual(expected);
  });

  it.each([
    [36, 'which Kubernetes deprecates since 1.36 and switches off by default in 1.40, and this cluster is 1.36'],
    [39, 'which Kubernetes deprecates since 1.36 and switches off by default in 1.40, and this cluster is 1.39'],
    [40, 'which Kubernetes has switched off by default in 1.40 and removes in 1.43, and this cluster is 1.40'],
    [43, 'which Kubernetes has removed in 1.43, and this cluster is 1.43'],
    [50, 'which Kubernetes has removed in 1.43, and this cluster is 1.50'],
  ])('R-25: 1.%i is told what it means for it', (minor, text) => {
    const said = findings('external: {}', { facts: { ...facts, version: { major: 1, minor } } }).map(sentence);

    expect(said).toEqual([`\`external\` is had by \`externalIPs\`, ${text}`]);
  });
});
