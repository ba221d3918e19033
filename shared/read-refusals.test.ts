import { describe, expect, it } from '@jest/globals';
import { deployment } from '../test/support/deployments.ts';
import {
  brief,
  context,
  mapping,
  MAPPING_HEAD,
  namespace,
  readText,
  resnet,
  service,
  SERVICE_HEAD,
} from '../test/support/readings.ts';
import { read } from './read.ts';

type Rows = Record<string, [text: string, findings: string[]]>;

function each(rows: Rows, given = context()): void {
  it.each(Object.entries(rows))('%s', (_, [text, findings]) => {
    const reading = readText(text, given);

    expect(reading.findings.map(brief)).toEqual(findings);
  });
}

describe('the text of an annotation', () => {
  each({
    'nothing at all': ['', ['NoDocument 1:1']],
    'comments only': ['# nothing\n---\n', ['NoDocument 1:1']],
    'a lone word': ['Mapping', ['NotAMap 1:1']],
    'a list': ['- kind: Mapping', ['NotAMap 1:1']],
    'a bracket that is not closed, and the other document still read': [
      `a: [\n---\n${service('hpa: x')}`,
      ['SyntaxWrong 2:1', 'FieldUnknown 8:1 hpa'],
    ],
    'a tab as indentation': [service('replicas:', '\tmin: 1'), ['SyntaxWrong 7:1']],
    'a second document without a line of its own': [`${service()}--- {kind: Mapping}\n`, ['SyntaxWrong 7:1']],
    'a key twice, at the second': [service('area: x', 'area: y'), ['DuplicateKey 7:1']],
    'a key twice further in': [mapping("headers: {a: '1', a: '2'}"), ['DuplicateKey 5:19']],
    'an anchor': [service('area: &a x'), ['YamlFeatureRefused 6:7']],
    'an alias': [service('area: &a x', 'modelPath: *a'), ['YamlFeatureRefused 6:7', 'YamlFeatureRefused 7:12']],
    'an alias of nothing': [service('area: *a'), ['YamlFeatureRefused 6:7']],
    'a merge key': [service('<<: {area: x}'), ['YamlFeatureRefused 6:1']],
    'a tag': [service('area: !!str x'), ['YamlFeatureRefused 6:7']],
    'a tag of nobody': [service('area: !x z'), ['YamlFeatureRefused 6:7']],
    'a directive': ['%YAML 1.1\n---\n', ['YamlFeatureRefused 1:1']],
    'a key that is a number': [service('1: x'), ['KeyNotAString 6:1']],
    'a key that is a list': [service('? [a]\n: x'), ['KeyNotAString 6:3']],
    'a key that is empty': [service(': x'), ['KeyNotAString 6:1']],
    'a prototype (S-01)': [
      service('__proto__: {x: y}', 'constructor: z'),
      ['FieldUnknown 6:1 __proto__', 'FieldUnknown 7:1 constructor'],
    ],
    'a control character (S-01)': [service('area: a\u0007b'), ['CharacterRefused 6:8']],
    'a lone carriage return (S-01)': [service('area: a\rb'), ['CharacterRefused 6:8']],
    'a mark of direction, in a comment too (S-01)': [service('# \u202Egnihton'), ['CharacterRefused 6:3']],
    'half a surrogate pair (S-01)': [service('area: a\uD800'), ['CharacterRefused 6:8']],
    'a line end inside a value (S-01)': [service('area: "a\\nb"'), ['CharacterRefused 6:7']],
    'a block scalar, which ends with a line end (S-01)': [service('area: |', '  x'), ['CharacterRefused 7:4']],
    'NUL behind an escape (S-01)': [service('area: "\\0"'), ['CharacterRefused 6:7']],
    'a character without width in a value (S-01)': [service('area: sh\u200Banghai'), ['CharacterRefused 6:9']],
    'nine levels': [service('hosts: [[[[[[[[a]]]]]]]]'), ['TooDeep 6:15']],
    'a value of more than 1024 characters (S-02)': [service(`modelPath: /${'m'.repeat(1024)}`), ['TooLong 6:12']],
    'a list of more than 64 (S-02)': [service(`ports: [${'1,'.repeat(65)}]`), ['TooLong 6:8']],
    'a second InferenceService': [`${service()}---\n${service()}`, ['SeveralInferenceServices 8:1']],
    'the form of the custom resource': [
      'apiVersion: getambassador.io/v2\nkind: Mapping\nmetadata: {name: one}\nspec: {prefix: /}',
      ['NestedForm 3:1 metadata'],
    ],
    'no kind': ['apiVersion: waymark.dev/v1\nprefix: /', ['KindUnknown 1:1 kind']],
    'a kind of Ambassador': ['apiVersion: getambassador.io/v2\nkind: TCPMapping', ['KindUnknown 2:7 kind']],
    'a kind in small letters': ['apiVersion: waymark.dev/v1\nkind: mapping', ['KindUnknown 2:7 kind']],
    'no apiVersion': ['kind: Mapping\nname: a\nprefix: /', ['ApiVersionUnknown 1:1 apiVersion']],
    'an apiVersion of the other kind': [
      `${SERVICE_HEAD.replace('waymark.dev/v1', 'getambassador.io/v2')}version: v20240501`,
      ['ApiVersionUnknown 1:13 apiVersion'],
    ],
    'an apiVersion that there never was': [
      MAPPING_HEAD.replace('v3alpha1', 'v3') + 'prefix: /',
      ['ApiVersionUnknown 1:13 apiVersion'],
    ],
  });
});

describe('an InferenceService', () => {
  each({
    'fields that are missing, at the beginning': [
      'apiVersion: waymark.dev/v1\nkind: InferenceService\n',
      ['FieldMissing 1:1 type', 'FieldMissing 1:1 model', 'FieldMissing 1:1 version'],
    ],
    'an unknown field': [service('hpa: cpu:50%'), ['FieldUnknown 6:1 hpa']],
    'fields that are not built yet': [
      service('split: {a: 20}', 'mirror: a:20%', 'upgrade: {bake: 1m}', 'external: {id: 1}'),
      [
        'NotSupportedYet 6:1 split',
        'NotSupportedYet 7:1 mirror',
        'NotSupportedYet 8:1 upgrade',
        'NotSupportedYet 9:1 external',
      ],
    ],
    'no external access, which is so anyway': [service('external: false'), []],
    'a version that YAML takes for a number': [`${SERVICE_HEAD}version: 20240501`, ['TypeWrong 5:10 version']],
    'a version without a digit': [`${SERVICE_HEAD}version: latest`, ['ValueWrong 5:10 version']],
    'a model with capitals and dots': [
      service().replace('model: resnet50', 'model: Llama-3.1'),
      ['ValueWrong 4:8 model'],
    ],
    'a word that older readers take for a boolean': [service('area: no'), ['TypeWrong 6:7 area']],
    'the same word in quotes': [service("area: 'no'"), []],
    'an empty value': [service('area:'), ['TypeWrong 6:6 area']],
    'an environment that there is not': [service('environment: staging'), ['ValueWrong 6:14 environment']],
    'an environment with a capital': [service('environment: Prod'), ['ValueWrong 6:14 environment']],
    'a container that there is not': [service('container: mian'), ['ContainerUnknown 6:12 container']],
    'a port that no container has, at the item': [service('ports: [rest, rset]'), ['PortUnknown 6:15 ports[1]']],
    'a port that no container has, in a text': [service('ports: rest,rset'), ['PortUnknown 6:13 ports[1]']],
    'a number that no container declares, only warned of': [
      service('ports: [8501, 8051]'),
      ['PortUndeclared 6:15 ports[1]'],
    ],
    'a number twice that no container declares': [
      service('ports: [8051, 8051]'),
      ['PortUndeclared 6:9 ports[0]', 'PortUndeclared 6:15 ports[1]', 'ItemRepeated 6:15 ports[1]'],
    ],
    'no port at all, though the container has some': [service('ports: []'), ['NoService 6:8 ports']],
    'a port twice, once by name': [service('ports: [rest, 8501]'), ['ItemRepeated 6:15 ports[1]']],
    'a port that cannot be': [service('ports: [0, 65536]'), ['ValueWrong 6:9 ports[0]', 'ValueWrong 6:12 ports[1]']],
    'an empty item': [service('ports: 8501,'), ['ItemEmpty 6:13 ports[1]']],
    'a list where a word is due': [service('timeout: [1s]'), ['TypeWrong 6:10 timeout']],
    'a duration without unit': [service('timeout: 300'), ['TypeWrong 6:10 timeout']],
    'a host with a port, at its place in quotes': [
      service('hosts: "a.example.com, b.example.com:80"'),
      ['HostInvalid 6:24 hosts[1]'],
    ],
    'a host with escapes in front, at the start of the text': [
      service('hosts: "\\x61.example.com,b"'),
      ['HostInvalid 6:8 hosts[1]'],
    ],
    'a wildcard': [service("hosts: ['*.example.com']"), ['HostWildcard 6:9 hosts[0]']],
    'a host with capitals is a warning': [service('hosts: [A.example.com.]'), ['HostFolded 6:9 hosts[0]']],
    'a host twice': [
      service('hosts: [a.example.com, A.example.com]'),
      ['HostFolded 6:24 hosts[1]', 'ItemRepeated 6:24 hosts[1]'],
    ],
    'the host of all': [service('hosts: [apps.example.com]'), ['HostReserved 6:9 hosts[0]']],
    'a built-in host of another': [service('hosts: [a.shop.service.example.com]'), ['HostReserved 6:9 hosts[0]']],
    'a name of the cluster': [service('hosts: [web.shop.svc.cluster.local]'), ['HostReserved 6:9 hosts[0]']],
    'more minimum than maximum, at the maximum': [
      service('replicas: {min: 4, max: 2}'),
      ['ReplicasBounds 6:25 replicas.max'],
    ],
    'no replicas at all': [service('replicas: {min: 0, max: 2}'), ['ValueWrong 6:17 replicas.min']],
    'one bound only': [service('replicas: {max: 2}'), ['FieldMissing 6:11 replicas.min']],
    'an unknown bound': [
      service('replicas: min:1,maxx:2'),
      ['FieldMissing 6:11 replicas.max', 'FieldUnknown 6:17 replicas.maxx'],
    ],
    'a bound in quotes': [service('replicas: {min: "1", max: 2}'), ['TypeWrong 6:17 replicas.min']],
    'replicas as a number': [service('replicas: 3'), ['TypeWrong 6:11 replicas']],
    'a percent sign in front is a warning': [
      service('replicas: {min: 1, max: 2}', 'metrics: cpu:50%,mem:%50'),
      ['PercentSpelling 7:22 metrics.mem'],
    ],
    'a metric of the catalogue': [
      service('replicas: {min: 1, max: 2}', 'metrics: gpu:50%'),
      ['NotSupportedYet 7:10 metrics.gpu'],
    ],
    'a metric of no catalogue': [
      service('replicas: {min: 1, max: 2}', 'metrics: {qps: 5}'),
      ['MetricUnknown 7:11 metrics.qps'],
    ],
    'a metric twice': [
      service('replicas: {min: 1, max: 2}', 'metrics: cpu:1%,cpu:2%'),
      ['ItemRepeated 7:17 metrics.cpu'],
    ],
    'targets that are none': [
      service('replicas: {min: 1, max: 2}', 'metrics: cpu:0,mem:101'),
      ['ValueWrong 7:14 metrics.cpu', 'ValueWrong 7:20 metrics.mem'],
    ],
    'an empty metric': [service('replicas: {min: 1, max: 2}', 'metrics: cpu:50%,'), ['ItemEmpty 7:18 metrics[1]']],
    'metrics without a value': [service('replicas: {min: 1, max: 2}', 'metrics: cpu'), ['ValueWrong 7:10 metrics[0]']],
    'metrics that nothing uses are a warning': [service('metrics: cpu:50%'), ['MetricsUnused 6:10 metrics']],
    "cube-studio's place of metrics": [service('metrics: 8501:/metrics'), ['ValueWrong 6:10 metrics']],
  });

  it('of a type that the platform does not allow', () => {
    const { findings } = readText(service(), context({ types: ['torch-server'] }));

    expect(findings.map(brief)).toEqual(['TypeNotAllowed 3:7 type']);
  });

  it('under a suffix that the platform reserves', () => {
    const { findings } = readText(service('hosts: [a.bank.org]'), context({ reservedHosts: ['bank.org'] }));

    expect(findings.map(brief)).toEqual(['HostReserved 6:9 hosts[0]']);
  });

  it('under the domain that another namespace has for its own built-in hosts', () => {
    const other = namespace('team', { 'waymark.dev/domain': 'team.example.net' });
    const { findings } = readText(service('hosts: [web.team.team.example.net]'), context({}, other));

    expect(findings.map(brief)).toEqual(['HostReserved 6:9 hosts[0]']);
  });

  it('of the form that the platform gives built-in hosts, where that does not end in the domain', () => {
    const platform = context({ hostTemplate: '{prefix}{service}-{namespace}.apps.example.org' });
    const { findings } = readText(service('hosts: [web-bank.apps.example.org, web.apps.example.org]'), platform);

    expect(findings.map(brief)).toEqual(['HostReserved 6:9 hosts[0]']);
  });

  it('with a utilization where a container requests nothing is a warning that names it', () => {
    const { findings } = read(
      resnet(service('replicas: 1', 'replicas: {min: 1, max: 2}').replace('replicas: 1\n', ''), {
        containers: [{ name: 'bare', ports: [{ containerPort: 1 }] }],
      }),
      context(),
    );
    const metric = read(
      resnet(service('replicas: {min: 1, max: 2}', 'metrics: cpu:50%,mem:1Gi'), {
        containers: [{ name: 'bare', ports: [{ containerPort: 1 }] }],
      }),
      context(),
    );

    expect(findings).toEqual([]);
    expect(metric.findings.map(brief)).toEqual(['MetricWithoutRequest 7:10 metrics.cpu']);
    expect(metric.findings[0]?.found).toBe("but it is not in 'bare'");
  });

  it('without a port is a warning, with hosts an error', () => {
    const portless = (text: string) =>
      read(resnet(text, { containers: [{ name: 'main' }] }), context()).findings.map(brief);

    expect(portless(service())).toEqual(['NoService 1:1']);
    expect(portless(service('hosts: [a.example.com]'))).toEqual(['PortMissing 6:8 hosts']);
  });

  it('on a port of another protocol', () => {
    const containers = [
      { name: 'dns', ports: [{ name: 'dns', containerPort: 53, protocol: 'UDP' }, { containerPort: 80 }] },
    ];

    expect(read(resnet(service('ports: [dns]'), { containers }), context()).findings.map(brief)).toEqual([
      'PortNotTcp 6:9 ports[0]',
    ]);
  });
});

describe('a Mapping', () => {
  each({
    'fields that are missing': [
      'apiVersion: getambassador.io/v2\nkind: Mapping\n',
      ['FieldMissing 1:1 name', 'FieldMissing 1:1 prefix'],
    ],
    'an unknown field': [mapping('prefx: /'), ['FieldUnknown 5:1 prefx']],
    'a field of a later version': [
      mapping('hostname: a.example.com').replace('getambassador.io/v3alpha1', 'ambassador/v1'),
      ['FieldOfOtherVersion 5:1 hostname'],
    ],
    'a field that is not built yet': [
      mapping('weight: 20', 'cors: {origins: ["*"]}'),
      ['NotSupportedYet 5:1 weight', 'NotSupportedYet 6:1 cors'],
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
    'a header that is merely there': [mapping('headers: {x-a: true}'), ['NotSupportedYet 5:16 headers.x-a']],
    'a header that is a prototype (S-01)': [mapping('headers: {__proto__: a}'), ['ValueWrong 5:11 headers.__proto__']],
    'a host with a port': [mapping('host: a.example.com:80'), ['HostInvalid 5:7 host']],
    'any host is a warning': [mapping("hostname: '*'"), ['HostOfAll 5:11 hostname']],
    'a wildcard': [mapping("hostname: '*.example.com'"), ['HostWildcard 5:11 hostname']],
    'two hosts': [mapping('host: a.example.com', 'hostname: b.example.com'), ['ValueWrong 6:11 hostname']],
    'a built-in host of another': [mapping('host: a.shop.service.example.com'), ['HostReserved 5:7 host']],
    'another namespace': [mapping('namespace: other'), ['NamespaceForeign 5:12 namespace']],
    'a service outside the cluster': [mapping('service: httpbin.org:80'), ['ServiceExternal 5:10 service']],
    'a service with TLS': [mapping('service: https://web'), ['NotSupportedYet 5:10 service']],
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

describe('the annotations of a Deployment', () => {
  const withKeys = (annotations: Record<string, string>) =>
    read(deployment('shop/web', { annotations }), context()).findings.map(one => `${brief(one)}; ${one.fix}`);

  it.each([
    [
      'a misspelt key',
      { 'waymark.dev/confg': '' },
      "AnnotationUnknown metadata.annotations['waymark.dev/confg']; write `waymark.dev/config`",
    ],
    ['a key of nobody', { 'waymark.dev/x': '' }, "AnnotationUnknown metadata.annotations['waymark.dev/x']; delete it"],
    [
      'a switch that is neither',
      { 'waymark.dev/paused': 'yes' },
      'AnnotationValueWrong metadata.annotations[\'waymark.dev/paused\']; write "true", in quotes',
    ],
    [
      'what is not built yet',
      { 'waymark.dev/active': 'true' },
      "NotSupportedYet metadata.annotations['waymark.dev/active']; delete it, or wait for a version of Waymark that reads it",
    ],
  ])('%s', (_, annotations, expected) => {
    expect(withKeys(annotations)).toEqual([expected]);
  });

  it('that are good', () => {
    expect(
      withKeys({ 'waymark.dev/paused': 'true', 'waymark.dev/injected': '{}', 'example.com/waymark.dev': 'x' }),
    ).toEqual([]);
  });

  it('both', () => {
    const both = { 'waymark.dev/config': mapping(), 'getambassador.io/config': mapping() };
    const { findings, intent } = read(deployment('shop/web', { annotations: both }), context());

    expect(findings.map(brief)).toEqual(["BothAnnotations metadata.annotations['getambassador.io/config']"]);
    expect(intent).toBeUndefined();
  });
});
