import { describe, expect, it } from '@jest/globals';
import {
  brief,
  context,
  eachText,
  namespace,
  readText,
  resnet,
  service,
  SERVICE_HEAD,
} from '../../test/support/readings.ts';
import { read } from '../read.ts';

describe('an InferenceService', () => {
  eachText({
    'fields that are missing, at the beginning': [
      'apiVersion: waymark.dev/v1\nkind: InferenceService\n',
      ['FieldMissing 1:1 type', 'FieldMissing 1:1 model', 'FieldMissing 1:1 version'],
    ],
    'an unknown field': [service('hpa: cpu:50%'), ['FieldUnknown 6:1 hpa']],
    'fields that are about several versions': [service('split: {a: 20}', 'mirror: a:20%', 'upgrade: {bake: 1m}'), []],
    'access from outside where the platform gives none': [
      service('external: {id: 1}'),
      ['ExternalUnavailable 6:11 external'],
    ],
    'access by an empty list of addresses, where nobody has one': [
      service('external: {ips: []}'),
      ['ExternalUnavailable 6:11 external'],
    ],
    'no access from outside, which is so anyway': [service('external: false'), []],
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
    'an item that is no port, of which nobody says that the list is empty': [
      service('ports: [null]'),
      ['TypeWrong 6:9 ports[0]'],
    ],
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
    'a Service, or a name of the own machine (S-10)': [
      service('hosts: [web.shop.svc, web.localhost]'),
      ['HostReserved 6:9 hosts[0]', 'HostReserved 6:23 hosts[1]'],
    ],
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
    'a share of GPUs where no container has one, only warned of': [
      service('replicas: {min: 1, max: 2}', 'metrics: gpu:50%'),
      ['MetricWithoutGpu 7:10 metrics.gpu'],
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

  it.each([
    ['{prefix}{service}-{namespace}.{domain}', 'n'.repeat(63), ['BuiltInHostTooLong metadata.name']],
    ['{prefix}{service}.{namespace}.{domain}', 'n'.repeat(63), []],
  ])('of the form %s, which may be longer than DNS allows, is looked at', (hostTemplate, shop, expected) => {
    const one = { ...resnet(service()), metadata: { ...resnet(service()).metadata, namespace: shop } };

    expect(read(one, context({ hostTemplate })).findings.map(brief)).toEqual(expected);
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
