import { describe, expect, it } from '@jest/globals';
import { brief, context, eachText, mapping, namespace, readText } from '../../test/support/readings.ts';
import type { ConnectionPolicy } from '../intent.ts';
import type { ReadContext } from '../read.ts';

const inOwn = (text: string) => text.replace('getambassador.io/v3alpha1', 'waymark.dev/v1');
const outside = context(
  { externalServices: ['example.org'] },
  namespace('tools', { 'waymark.dev/allow-traffic-from': 'shop' }),
);

function connectionsIn(text: string, given: ReadContext = outside): ConnectionPolicy | undefined {
  const action = readText(text, given).intent?.mappings[0]?.action;
  return action?.does === 'forward' ? action.connections : undefined;
}

describe('how connections to a destination are made', () => {
  it.each<[string, readonly string[], Partial<ConnectionPolicy>]>([
    ['a timeout of connecting', ['connect_timeout_ms: 500'], { connectTimeout: 500 }],
    ['idle ones are closed', ['cluster_idle_timeout_ms: 60000'], { idleTimeout: 60_000 }],
    ['old ones are closed', ['cluster_max_connection_lifetime_ms: 60000'], { maxConnectionDuration: 60_000 }],
    [
      'limits, the others as Ambassador has them',
      ['circuit_breakers: [{max_connections: 10}]'],
      { circuitBreaker: { maxConnections: 10, maxPendingRequests: 1024, maxRequests: 1024, maxRetries: 3 } },
    ],
    ['Pods in turn', ['load_balancer: {policy: round_robin}'], { loadBalancer: { policy: 'round_robin' } }],
    [
      'Pods by a cookie',
      ['load_balancer: {policy: ring_hash, cookie: {name: session, path: /, ttl: 1h}}'],
      { loadBalancer: { policy: 'ring_hash', by: { kind: 'cookie', name: 'session', path: '/', ttl: 3_600_000 } } },
    ],
    [
      'Pods by a header',
      ['load_balancer: {policy: maglev, header: x-user}'],
      { loadBalancer: { policy: 'maglev', by: { kind: 'header', name: 'x-user' } } },
    ],
    [
      'Pods by address',
      ['load_balancer: {policy: maglev, source_ip: true}'],
      { loadBalancer: { policy: 'maglev', by: { kind: 'source-ip' } } },
    ],
    [
      'dead ones are found',
      ['keepalive: {idle_time: 60}'],
      { keepalive: { probes: 9, time: 60_000, interval: 75_000 } },
    ],
    ['HTTP/2', ['service: web', 'grpc: true'], { http2: true }],
    ['TLS that is checked', ['service: https://web'], { tls: { verifies: true } }],
    ['TLS by its field', ['service: web', 'tls: true'], { tls: { verifies: true } }],
    ['TLS that is not checked', ['service: https://web', 'tls_verify: false'], { tls: { verifies: false } }],
  ])('%s', (_, lines, expected) => {
    const { at, ...policy } = connectionsIn(inOwn(mapping(...lines))) ?? {};

    expect(policy).toEqual(expected);
    expect(at).toBeDefined();
  });

  it.each([
    ['nothing is written', []],
    [
      'what is written is off',
      ['cluster_max_connection_lifetime_ms: 0', 'grpc: false', 'circuit_breakers: []', 'tls: false'],
    ],
    ['the own port says itself that it speaks HTTP/2', ['service: tfserving-resnet50-20240501:8500', 'grpc: true']],
  ])('as Istio makes them when %s', (_, lines) => {
    expect(connectionsIn(inOwn(mapping(...lines)))).toBeUndefined();
  });

  it('has the place of the first field that asks', () => {
    const text = inOwn(mapping('connect_timeout_ms: 5', 'service: https://web'));

    expect(connectionsIn(text)?.at.start).toBe(text.indexOf('5\n'));
  });

  eachText({
    'a timeout of nothing': [
      mapping('connect_timeout_ms: 0', 'cluster_idle_timeout_ms: 0'),
      ['ValueWrong 5:21 connect_timeout_ms', 'ValueWrong 6:26 cluster_idle_timeout_ms'],
    ],
    'limits of a high priority': [
      mapping('circuit_breakers: [{priority: high}]'),
      ['FieldRefused 5:31 circuit_breakers[0].priority'],
    ],
    'limits of two priorities': [mapping('circuit_breakers: [{}, {}]'), ['ValueWrong 5:24 circuit_breakers[1]']],
    'limits of nothing': [
      mapping('circuit_breakers: [{max_requests: 0}]'),
      ['ValueWrong 5:35 circuit_breakers[0].max_requests'],
    ],
    'a key that nobody asks for': [
      mapping('load_balancer: {policy: round_robin, header: x-a}'),
      ['FieldsDisagree 5:25 load_balancer.policy'],
    ],
    'no key': [mapping('load_balancer: {policy: maglev}'), ['FieldsDisagree 5:25 load_balancer.policy']],
    'two keys': [
      mapping('load_balancer: {policy: maglev, header: x-a, source_ip: true}'),
      ['FieldsDisagree 5:25 load_balancer.policy'],
    ],
    'a policy that Ambassador has not': [
      mapping('load_balancer: {policy: random}'),
      ['ValueWrong 5:25 load_balancer.policy'],
    ],
    'the name of a TLSContext': [mapping('tls: upstream'), ['FieldRefused 5:6 tls']],
    'TLS by a boolean in v3alpha1': [mapping('tls: true'), ['TypeWrong 5:6 tls']],
    'TLS that is off in v3alpha1': [mapping('tls: false'), []],
    'TLS to a service without it': [inOwn(mapping('service: http://web', 'tls: true')), ['FieldsDisagree 6:6 tls']],
    'a certificate that there is not': [inOwn(mapping('tls_verify: false')), ['FieldsDisagree 5:13 tls_verify']],
    'a field of our own dialect': [
      mapping('service: https://web', 'tls_verify: false'),
      ['FieldOfOtherVersion 6:1 tls_verify'],
    ],
  });

  it.each([
    ['connect_timeout_ms: 5', 'ConnectionsForeign 6:21 connect_timeout_ms'],
    ['grpc: true', 'ConnectionsForeign 6:7 grpc'],
    ['tls: true', 'ConnectionsForeign 6:6 tls'],
  ])('is up to another namespace for its Services: %s', (line, expected) => {
    const { findings } = readText(inOwn(mapping('service: web.tools', line)), outside);

    expect(findings.map(brief)).toEqual([expected]);
  });
});

describe('a destination outside the cluster', () => {
  const placeIn = (...lines: string[]) => readText(mapping(...lines), outside).intent?.mappings[0]?.action;

  it.each([
    ['service: api.example.org', { host: 'api.example.org', port: 80 }],
    ['service: example.org:8080', { host: 'example.org', port: 8080 }],
    ['service: https://3.example.org', { host: '3.example.org', port: 443 }],
  ])('%s', (line, expected) => {
    expect(placeIn(line)).toMatchObject({
      destination: { to: 'external', ...expected },
      host: { name: expected.host },
    });
  });

  it('sees the host that is written, if one is', () => {
    expect(placeIn('service: api.example.org', 'host_rewrite: b.example.org')).toMatchObject({
      host: { name: 'b.example.org' },
    });
    expect(placeIn('service: api.example.org', 'auto_host_rewrite: true')).toMatchObject({ host: 'destination' });
    expect(placeIn('service: api.example.org', 'auto_host_rewrite: false')).not.toHaveProperty('host');
  });

  it.each(['notexample.org', 'example.org.evil.com', 'api.example.com', 'web.unknown', 'cluster.local'])(
    'is not %s, which the platform does not allow (S-09)',
    host => {
      expect(readText(mapping(`service: ${host}`), outside).findings.map(brief)).toEqual([
        'ServiceExternal 5:10 service',
      ]);
    },
  );

  it('is never a name inside the cluster, whatever the platform allows', () => {
    const all = context({ externalServices: ['local', 'svc', 'localhost'] });

    for (const host of ['1x.shop.svc.cluster.local', '1x.svc', 'a.localhost']) {
      expect(readText(mapping(`service: ${host}`), all).findings.map(brief)).toEqual(['ServiceExternal 5:10 service']);
    }
  });
});
