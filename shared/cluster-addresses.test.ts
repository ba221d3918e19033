import { describe, expect, it } from '@jest/globals';
import { clusterAddresses, whoHasAddress } from './cluster-addresses.ts';

const cluster = clusterAddresses({
  nodes: [
    { name: 'worker-2', addresses: ['192.0.2.12'], podCIDRs: ['10.244.2.0/24', 'fd00:10:244:2::/64'] },
    {
      name: 'worker-1',
      addresses: ['192.0.2.11', '2001:0db8::11', 'worker-1.example.com'],
      podCIDRs: ['10.244.1.9/24', 'nonsense'],
    },
  ],
  serviceCIDRs: ['10.96.0.0/12'],
  apiServer: ['192.0.2.1', '::ffff:192.0.2.2'],
});

describe('who has an address', () => {
  it.each([
    ['a Node, by its address', '192.0.2.12', 'Node worker-2'],
    ['a Node, whatever spelling its address came in', '2001:db8::11', 'Node worker-1'],
    ['the API server', '192.0.2.1', 'the API server'],
    ['the API server, by IPv4 inside IPv6', '192.0.2.2', 'the API server'],
    ['a Pod, by the block of its Node', '10.244.2.77', 'the Pods of Node worker-2'],
    ['a Pod, also where the block is not written from its first address', '10.244.1.1', 'the Pods of Node worker-1'],
    ['a Pod by IPv6', 'fd00:10:244:2::5', 'the Pods of Node worker-2'],
    ['a Service', '10.111.255.254', 'the Services'],
    ['nobody, beside the block of the Services', '10.112.0.1', undefined],
    ['nobody, outside', '203.0.113.10', undefined],
  ])('%s', (_, address, who) => {
    expect(whoHasAddress(cluster, address)).toBe(who);
  });

  it('is nobody where nothing is known', () => {
    const nothing = clusterAddresses({ nodes: [], serviceCIDRs: [], apiServer: [] });

    expect(whoHasAddress(nothing, '192.0.2.11')).toBeUndefined();
  });
});
