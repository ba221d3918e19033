import { describe, expect, it } from '@jest/globals';
import type { ExistingObject } from '../shared/snapshot.ts';
import { createRouteTargets, targetsOf } from './route-targets.ts';

function route(http: unknown, host = 'shop.example.com'): ExistingObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: host, namespace: 'shop' },
    spec: { hosts: [host], http },
  };
}

const to = (...names: readonly string[]) => ({
  route: names.map(name => ({ destination: { host: `${name}.svc.cluster.local`, port: { number: 80 } } })),
});

describe('where a VirtualService sends requests', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['to all destinations of all entries, each once', [to('a.shop', 'b.shop'), to('a.shop')], ['shop/a', 'shop/b']],
    [
      'to its mirrors, in both forms',
      [
        {
          mirror: { host: 'm.shop.svc.cluster.local' },
          mirrors: [{ destination: { host: 'n.other.svc.cluster.local' } }],
        },
      ],
      ['shop/m', 'other/n'],
    ],
    ['to no name outside the cluster', [{ route: [{ destination: { host: 'api.example.com' } }] }], []],
    ['to no name of another form', [to('x.y.shop')], []],
    ['nowhere where there is nothing that it understands', [null, 7, { route: 'x' }, { route: [null] }], []],
    ['nowhere without entries', undefined, []],
  ])('%s', (_, http, expected) => {
    expect(targetsOf(route(http), 'cluster.local')).toEqual(expected);
  });
});

describe('the index of live routes', () => {
  it('knows the hosts that send to a Service, and says which Services a change is about', () => {
    const targets = createRouteTargets('cluster.local');

    expect(targets.changed('shop/x', route([to('a.shop', 'b.shop')], 'x.example.com'))).toEqual(['shop/a', 'shop/b']);
    expect(targets.changed('shop/y', route([to('b.shop')], 'y.example.com'))).toEqual(['shop/b']);
    expect(targets.hostsOf('shop/b')).toEqual([
      { key: 'shop/x', host: 'x.example.com' },
      { key: 'shop/y', host: 'y.example.com' },
    ]);

    expect(targets.changed('shop/x', route([to('b.shop', 'c.shop')], 'x.example.com'))).toEqual(['shop/a', 'shop/c']);
    expect(targets.hostsOf('shop/a')).toEqual([]);
    expect(targets.changed('shop/x', route([to('b.shop', 'c.shop')], 'x.example.com'))).toEqual([]);
    expect(targets.changed('shop/x', undefined)).toEqual(['shop/b', 'shop/c']);
    expect(targets.hostsOf('shop/b')).toEqual([{ key: 'shop/y', host: 'y.example.com' }]);
  });
});
