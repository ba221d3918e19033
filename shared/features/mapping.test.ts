import { describe, expect, it } from '@jest/globals';
import { deployment } from '../../test/support/deployments.ts';
import { brief, context, eachText, mapping, readText, resnet, service } from '../../test/support/readings.ts';
import { read } from '../read.ts';

describe('a Mapping', () => {
  eachText({
    'fields that are missing': [
      'apiVersion: getambassador.io/v2\nkind: Mapping\n',
      ['FieldMissing 1:1 name', 'FieldMissing 1:1 prefix'],
    ],
    'an unknown field': [mapping('prefx: /'), ['FieldUnknown 5:1 prefx']],
    'a field of a later version': [
      mapping('hostname: a.example.com').replace('getambassador.io/v3alpha1', 'ambassador/v1'),
      ['FieldOfOtherVersion 5:1 hostname'],
    ],
    'switches that are off say nothing': [
      mapping('prefix_regex: false', 'shadow: false', 'case_sensitive: true', 'use_websocket: true'),
      [],
    ],
    'a field that is refused for good': [
      mapping('bypass_auth: true', 'labels: {a: [b]}'),
      ['FieldRefused 5:1 bypass_auth', 'FieldRefused 6:1 labels'],
    ],
    'the same field where it changes nothing': [
      mapping('bypass_auth: false', 'priority: default', 'allow_upgrade: [websocket]'),
      [],
    ],
    'a field without effect is a warning': [
      mapping('stats_name: x', 'resolver: kubernetes-endpoint'),
      ['FieldIgnored 5:1 stats_name', 'FieldIgnored 6:1 resolver'],
    ],
    'a resolver of Consul': [mapping('resolver: consul'), ['FieldRefused 5:1 resolver']],
    'a name twice': [`${mapping()}---\n${mapping()}`, ['MappingRepeated 9:7 name']],
    'a name with a slash': [mapping().replace('name: one', 'name: a/b'), ['ValueWrong 3:7 name']],
    'a prefix without slash': [mapping().replace('/one/', 'one/'), ['ValueWrong 4:9 prefix']],
    'a prefix with a query': [mapping().replace('/one/', '/one?x'), ['ValueWrong 4:9 prefix']],
    'a prefix that no request can have': [mapping().replace('/one/', '/a/%2e./one/'), ['ValueWrong 4:9 prefix']],
    'a prefix with a variable (S-01)': [mapping().replace('/one/', '/$HOME/'), ['ValueWrong 4:9 prefix']],
    'a rewrite with a blank': [mapping("rewrite: '/a b'"), ['ValueWrong 5:10 rewrite']],
    'a method in small letters': [mapping('method: post'), ['ValueWrong 5:9 method']],
    'several methods': [mapping('method: [GET, POST]'), ['TypeWrong 5:9 method']],
    'pseudo-headers': [
      mapping('headers:', '  ":authority": a', '  ":method": GET', '  host: b'),
      ['PseudoHeader 6:3 headers.:authority', 'PseudoHeader 7:3 headers.:method', 'PseudoHeader 8:3 headers.host'],
    ],
    'a header twice in different letters': [
      mapping("headers: {X-A: '1', x-a: '2'}"),
      ['ItemRepeated 5:21 headers.x-a'],
    ],
    'a header value that is a number': [mapping('headers: {x-a: 1.0}'), ['TypeWrong 5:16 headers.x-a']],
    'a header value that older readers take for a boolean': [
      mapping('headers: {x-a: yes}'),
      ['TypeWrong 5:16 headers.x-a'],
    ],
    'a header that is merely there, in v3alpha1': [mapping('headers: {x-a: true}'), ['TypeWrong 5:16 headers.x-a']],
    'a header that is a prototype (S-01)': [mapping('headers: {__proto__: a}'), ['ValueWrong 5:11 headers.__proto__']],
    'a host with a port': [mapping('host: a.example.com:80'), ['HostInvalid 5:7 host']],
    'any host is a warning': [mapping("hostname: '*'"), ['HostOfAll 5:11 hostname']],
    'a wildcard': [mapping("hostname: '*.example.com'"), ['HostWildcard 5:11 hostname']],
    'two hosts': [mapping('host: a.example.com', 'hostname: b.example.com'), ['ValueWrong 6:11 hostname']],
    'a built-in host of another': [mapping('host: a.shop.service.example.com'), ['HostReserved 5:7 host']],
    'another namespace': [mapping('namespace: other'), ['NamespaceForeign 5:12 namespace']],
    'a service outside the cluster': [mapping('service: httpbin.org:80'), ['ServiceExternal 5:10 service']],
    'a service with TLS': [mapping('service: https://web'), []],
    'a service with a path': [mapping('service: web/x'), ['ServiceTextWrong 5:10 service']],
    'a service of a namespace that is not known to let us': [
      mapping('service: web.other.svc'),
      ['TargetNotPermitted 5:10 service'],
    ],
    "its own Service's port that there is not": [
      mapping('service: tfserving-resnet50-20240501'),
      ['PortUnknown 5:10 service'],
    ],
    'a timeout in text': [mapping('timeout_ms: 3s'), ['TypeWrong 5:13 timeout_ms']],
    'a timeout that YAML 1.1 reads as octal': [mapping('timeout_ms: 0100'), ['TypeWrong 5:13 timeout_ms']],
    'a negative timeout': [mapping('timeout_ms: -1'), ['ValueWrong 5:13 timeout_ms']],
  });

  it('on no host at all', () => {
    const bare = context({ domain: '', ingressHost: '' });

    expect(readText(mapping(), bare).findings.map(brief)).toEqual(['RouteNowhere 1:1 hostname']);
    expect(readText(`${service()}---\n${mapping()}`, bare).findings.map(brief)).toEqual(['RouteNowhere 8:1 hostname']);
    expect(readText(`${service('hosts: [a.example.com]')}---\n${mapping()}`, bare).findings).toEqual([]);
    expect(readText(`kind: InferenceService\na: [\n---\n${mapping()}`, bare).findings.map(brief)).toEqual([
      'SyntaxWrong 3:1',
    ]);
  });

  it('to a Deployment without a port', () => {
    const { findings } = read(resnet(mapping(), { containers: [{ name: 'main' }] }), context());

    expect(findings.map(brief)).toEqual(['PortMissing 1:1 service']);
  });

  it('on a Deployment whose name no Service can have', () => {
    const dotted = deployment('shop/web.v1', { config: mapping() });

    expect(read(dotted, context()).findings.map(brief)).toEqual(['ServiceNameIllegal metadata.name']);
  });
});
