import { describe, expect, it } from '@jest/globals';
import type { ConnectionPolicy } from '../intent.ts';
import type { UpstreamPlan } from '../plan/upstreams.ts';
import { defaultSettings } from '../settings-file.ts';
import { renderConnections, renderDestinationRule } from './destination-rule.ts';
import { renderServiceEntry } from './service-entry.ts';

const HOST = 'api.example.com';
const AT = { start: 0, end: 0 };

function upstream(parts: Partial<UpstreamPlan>): UpstreamPlan {
  return { host: HOST, namespace: 'waymark-system', isOutside: true, ports: [{ number: 443 }], askers: [], ...parts };
}

describe('connections are written as', () => {
  it.each<[string, Omit<ConnectionPolicy, 'at'>, unknown]>([
    [
      'the time to connect, in seconds',
      { connectTimeout: 1500 },
      { connectionPool: { tcp: { connectTimeout: '1.5s' } } },
    ],
    ['the time without requests', { idleTimeout: 60_000 }, { connectionPool: { http: { idleTimeout: '60s' } } }],
    [
      'how long one lasts',
      { maxConnectionDuration: 1 },
      { connectionPool: { tcp: { maxConnectionDuration: '0.001s' } } },
    ],
    [
      'all four numbers of a circuit breaker',
      { circuitBreaker: { maxConnections: 1, maxPendingRequests: 2, maxRequests: 3, maxRetries: 4 } },
      {
        connectionPool: {
          tcp: { maxConnections: 1 },
          http: { http1MaxPendingRequests: 2, http2MaxRequests: 3, maxRetries: 4 },
        },
      },
    ],
    [
      'keepalive',
      { keepalive: { probes: 9, time: 7_200_000, interval: 75_000 } },
      { connectionPool: { tcp: { tcpKeepalive: { probes: 9, time: '7200s', interval: '75s' } } } },
    ],
    ['HTTP/2', { http2: true }, { connectionPool: { http: { h2UpgradePolicy: 'UPGRADE' } } }],
    ['one after the other', { loadBalancer: { policy: 'round_robin' } }, { loadBalancer: { simple: 'ROUND_ROBIN' } }],
    ['the least busy', { loadBalancer: { policy: 'least_request' } }, { loadBalancer: { simple: 'LEAST_REQUEST' } }],
    [
      'a ring by a header',
      { loadBalancer: { policy: 'ring_hash', by: { kind: 'header', name: 'x-user' } } },
      { loadBalancer: { consistentHash: { httpHeaderName: 'x-user', ringHash: {} } } },
    ],
    [
      'a maglev table of a prime size by address',
      { loadBalancer: { policy: 'maglev', by: { kind: 'source-ip' } } },
      { loadBalancer: { consistentHash: { useSourceIp: true, maglev: { tableSize: 65_537 } } } },
    ],
    [
      'a cookie that is made and ends with the browser',
      { loadBalancer: { policy: 'ring_hash', by: { kind: 'cookie', name: 'sticky', path: '/', ttl: 0 } } },
      { loadBalancer: { consistentHash: { httpCookie: { name: 'sticky', path: '/', ttl: '0s' }, ringHash: {} } } },
    ],
    [
      'a cookie that is never made',
      { loadBalancer: { policy: 'ring_hash', by: { kind: 'cookie', name: 'sticky' } } },
      { loadBalancer: { consistentHash: { httpCookie: { name: 'sticky' }, ringHash: {} } } },
    ],
    [
      'a certificate that the system trusts and that names the host',
      { tls: { verifies: true } },
      { tls: { mode: 'SIMPLE', sni: HOST, caCertificates: 'system', subjectAltNames: [HOST, 'api'] } },
    ],
    [
      'any certificate, where that is asked for',
      { tls: { verifies: false } },
      { tls: { mode: 'SIMPLE', sni: HOST, insecureSkipVerify: true } },
    ],
  ])('%s', (_, policy, expected) => {
    expect(renderConnections({ at: AT, ...policy }, HOST, ['api'])).toEqual(expected);
  });
});

describe('a place is', () => {
  it('known to the gateway alone, so that no tenant takes the requests of the mesh', () => {
    const settings = { ...defaultSettings, gateway: 'edge/public' };
    const ports = [{ number: 443, connections: { tls: { mode: 'SIMPLE' } } }];

    const objects = [renderServiceEntry, renderDestinationRule].map(render => render(upstream({ ports }), settings));

    expect(objects.map(object => [object?.kind, object?.metadata.namespace, object?.spec['exportTo']])).toEqual([
      ['ServiceEntry', 'waymark-system', ['edge']],
      ['DestinationRule', 'waymark-system', ['edge']],
    ]);
  });

  it('not made known where it is in the cluster', () => {
    expect(renderServiceEntry(upstream({ isOutside: false }), defaultSettings)).toBeUndefined();
  });

  it('without a rule where nothing is asked of any port', () => {
    expect(renderDestinationRule(upstream({}), defaultSettings)).toBeUndefined();
  });

  it.each([
    ['1.20', 'networking.istio.io/v1beta1'],
    ['1.26', 'networking.istio.io/v1'],
  ])('written for Istio %s as %s', (version, apiVersion) => {
    const settings = { ...defaultSettings, istio: { version } };
    const ports = [{ number: 80, connections: {} }];

    const objects = [renderServiceEntry, renderDestinationRule].map(render => render(upstream({ ports }), settings));

    expect(objects.map(object => object?.apiVersion)).toEqual([apiVersion, apiVersion]);
  });
});
