import { describe, expect, it } from '@jest/globals';
import { addressesOfEndpoints, addressesOfNode, blocksOfServices, versionOf } from './cluster-objects.ts';

describe('the version of the API server', () => {
  it.each([
    ['as Kubernetes writes it', { major: '1', minor: '36', gitVersion: 'v1.36.3' }, { major: 1, minor: 36 }],
    ['with the plus of a cloud', { major: '1', minor: '33+' }, { major: 1, minor: 33 }],
    ['of another program', { version: 'v1' }, undefined],
    ['of an empty text', { major: '', minor: '' }, undefined],
    ['of no answer', undefined, undefined],
  ])('%s', (_, answer, version) => {
    expect(versionOf(answer)).toEqual(version);
  });
});

describe('addresses', () => {
  it('of a Node are those of its interfaces, not its names', () => {
    const status = {
      addresses: [
        { type: 'InternalIP', address: '192.0.2.11' },
        { type: 'ExternalIP', address: '198.51.100.11' },
        { type: 'Hostname', address: 'worker-1' },
        { type: 'InternalDNS', address: '192.0.2.99' },
      ],
    };
    const spec = { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24', 'fd00::/64'] };

    expect(addressesOfNode({ metadata: { name: 'worker-1' }, spec, status })).toEqual({
      name: 'worker-1',
      addresses: ['192.0.2.11', '198.51.100.11'],
      podCIDRs: ['10.244.1.0/24', 'fd00::/64'],
    });
    expect(addressesOfNode({ metadata: { name: 'new' } })).toEqual({ name: 'new', addresses: [], podCIDRs: [] });
  });

  it('of Services and of endpoints are all that there are', () => {
    const metadata = { name: 'kubernetes' };
    const endpoints = [{ addresses: ['192.0.2.1'] }, { addresses: ['192.0.2.2'], conditions: { ready: false } }];

    expect(blocksOfServices({ metadata, spec: { cidrs: ['10.96.0.0/12'] } })).toEqual(['10.96.0.0/12']);
    expect(blocksOfServices({ metadata })).toEqual([]);
    expect(addressesOfEndpoints({ metadata, endpoints })).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(addressesOfEndpoints({ metadata, endpoints: null })).toEqual([]);
  });
});
