import { describe, expect, it } from '@jest/globals';
import { container, deployment } from '../test/support/deployments.ts';
import { brief, context, mapping, namespace, readText, resnet, service } from '../test/support/readings.ts';
import { NO_EDITS } from './intent.ts';
import type { Intent } from './intent.ts';
import { read } from './read.ts';
import { underPrefix } from './request-match.ts';

function intentOf(text: string, given = context()): Intent {
  const { intent, findings } = readText(text, given);
  if (intent === undefined) throw new Error(findings.map(brief).join('\n'));
  return intent;
}

describe('an InferenceService', () => {
  it('is read whole', () => {
    const { intent, findings } = readText(
      service(
        'modelPath: /mnt/models/resnet50',
        'area: shanghai',
        'container: main',
        'ports: [8501]',
        'hosts: [resnet.example.com]',
        'replicas: {min: 2, max: 10}',
        'metrics: cpu:50%,mem:2Gi',
        'timeout: 1m',
      ),
    );

    expect(findings).toEqual([]);
    expect(intent).toMatchObject({
      key: 'waymark.dev/config',
      environment: 'prod',
      area: 'shanghai',
      domain: 'service.example.com',
      mappings: [],
      ports: [{ name: 'rest', port: 8501, appProtocol: 'http' }],
      service: {
        type: 'tfserving',
        model: 'resnet50',
        version: 'v2024.05.01',
        modelPath: '/mnt/models/resnet50',
        container: 'main',
        hosts: [{ value: 'resnet.example.com' }],
        autoscaling: {
          min: 2,
          max: 10,
          metrics: [
            { resource: 'cpu', target: { averageUtilization: 50 } },
            { resource: 'memory', target: { averageValue: '2Gi' } },
          ],
        },
        timeout: 60_000,
      },
    });
  });

  it('has defaults from the platform and the Deployment', () => {
    const { service: read, ports, area } = intentOf(service(), context({ area: 'guangzhou', timeout: 5000 }));

    expect(area).toBe('guangzhou');
    expect(read).toMatchObject({ modelPath: '', container: 'main', hosts: [], timeout: 5000 });
    expect(read?.autoscaling).toBeUndefined();
    expect(ports.map(({ port }) => port)).toEqual([8501, 8500]);
  });

  it('has the settings of its namespace', () => {
    const shop = namespace('shop', { 'waymark.dev/environment': 'test', 'waymark.dev/domain': 'shop.example.com' });
    const intent = intentOf(service('hosts: [resnet.example.com]'), context({}, shop));

    expect(intent).toMatchObject({ environment: 'test', domain: 'shop.example.com' });
    expect(intent.service?.hosts.map(({ value }) => value)).toEqual(['test.resnet.example.com']);
  });

  it.each([
    ['prod', ['a.example.com', 'test.b.example.com']],
    ['test', ['test.a.example.com', 'test.b.example.com']],
    ['debug', ['debug.a.example.com', 'debug.test.b.example.com']],
  ])('in %s serves the hosts %j, so that a test never takes the host of production', (environment, expected) => {
    const intent = intentOf(service(`environment: ${environment}`, 'hosts: [a.example.com, test.b.example.com]'));

    expect(intent.service?.hosts.map(({ value }) => value)).toEqual(expected);
  });

  it('has one host where two are one with the prefix', () => {
    const intent = intentOf(service('environment: test', 'hosts: [a.example.com, test.a.example.com]'));

    expect(intent.service?.hosts.map(({ value }) => value)).toEqual(['test.a.example.com']);
  });

  it.each([
    ['hosts: a.example.com;b.example.com'],
    ['hosts: "a.example.com, b.example.com"'],
    ['hosts:\n- a.example.com\n- b.example.com'],
  ])('takes %j', line => {
    expect(intentOf(service(line)).service?.hosts.map(({ value }) => value)).toEqual([
      'a.example.com',
      'b.example.com',
    ]);
  });

  it.each([
    ['ports: rest', [8501]],
    ['ports: 8500', [8500]],
    ['ports: 8500,rest', [8500, 8501]],
    ['ports: [grpc, "8501"]', [8500, 8501]],
    ['ports: []', []],
  ])('with %s has the ports %j', (line, expected) => {
    expect(intentOf(service(line)).ports.map(({ port }) => port)).toEqual(expected);
  });

  const bounds = 'replicas: min=1;max:4';

  it.each([
    ['metrics: cpu:50%,mem:50%', ['cpu 50', 'memory 50']],
    ['metrics: cpu=50;mem=%50', ['cpu 50', 'memory 50']],
    ['metrics: {cpu: 50, mem: 0.5Gi}', ['cpu 50', 'memory 512Mi']],
    ['metrics: {cpu: "%50"}', ['cpu 50']],
    ['metrics: cpu:0.5', ['cpu 500m']],
    ['metrics: {}', ['cpu 80']],
    ['', ['cpu 80']],
  ])('with %j is scaled by %j', (line, expected) => {
    const metrics = intentOf(service(bounds, line)).service?.autoscaling?.metrics;

    expect(
      metrics?.map(one => `${'resource' in one ? one.resource : one.metric} ${String(Object.values(one.target)[1])}`),
    ).toEqual(expected);
  });

  it('has an autoscaler exactly when max is greater than min', () => {
    expect(intentOf(service('replicas: {min: 3, max: 3}')).service?.autoscaling).toBeUndefined();
    expect(intentOf(service('replicas: {min: 3, max: 4}')).service?.autoscaling).toMatchObject({ min: 3, max: 4 });
  });
});

describe('the ports of the Service', () => {
  const portsOf = (...containers: ReturnType<typeof container>[]) =>
    read(deployment('shop/web', { config: mapping(), containers }), context()).intent?.ports.map(
      ({ name, port, appProtocol }) => `${name} ${port} ${appProtocol}`,
    );

  it('are named by the containers, `http` and a number where they are not', () => {
    const unnamed = container('main', {
      ports: [{ containerPort: 80 }, { containerPort: 81 }, { name: 'tcp-x', containerPort: 82 }],
    });

    expect(portsOf(unnamed)).toEqual(['http 80 http', 'http-81 81 http', 'tcp-x 82 tcp']);
  });

  it('have names of their own, also where containers share one', () => {
    const one = container('one', { ports: [{ containerPort: 80 }, { name: 'http', containerPort: 81 }] });
    const two = container('two', {
      ports: [
        { name: 'http', containerPort: 82 },
        { name: 'again', containerPort: 80 },
      ],
    });

    expect(portsOf(one, two)).toEqual(['http-80 80 http', 'http 81 http', 'http-82 82 http']);
  });

  it('have names of their own, also where a name is what another would have become', () => {
    const one = container('one', {
      ports: [
        { name: 'http', containerPort: 80 },
        { name: 'http-82', containerPort: 81 },
      ],
    });
    const two = container('two', { ports: [{ name: 'http', containerPort: 82 }] });

    expect(portsOf(one, two)).toEqual(['http 80 http', 'http-82 81 http', 'http-82-82 82 http']);
  });

  it('are TCP ports only', () => {
    const dns = container('dns', {
      ports: [
        { containerPort: 53, protocol: 'UDP' },
        { containerPort: 54, protocol: 'TCP' },
      ],
    });

    expect(portsOf(dns)).toEqual(['http 54 http']);
  });
});

describe('a Mapping', () => {
  it("has Ambassador's defaults, written out", () => {
    const { mappings } = intentOf(mapping());

    expect(mappings).toMatchObject([
      {
        name: 'one',
        match: underPrefix('/one/'),
        precedence: 0,
        action: {
          does: 'forward',
          destination: { to: 'own' },
          isShadow: false,
          rewrite: { kind: 'prefix', value: '/' },
          timeout: 3000,
          requestHeaders: NO_EDITS,
          responseHeaders: NO_EDITS,
        },
      },
    ]);
    expect(mappings[0]).not.toHaveProperty('hosts');
    expect(mappings[0]).not.toHaveProperty('action.retries');
  });

  it('is read whole', () => {
    const [one] = intentOf(
      mapping(
        'hostname: one.example.com',
        "rewrite: ''",
        'method: POST',
        "headers: {X-Version: '2', a: b}",
        'service: other:8080',
        'timeout_ms: 0',
        'precedence: -1',
        'namespace: shop',
        'ambassador_id: [edge, default]',
      ),
    ).mappings;

    expect(one).toMatchObject({
      hosts: [{ value: 'one.example.com' }],
      match: {
        method: { kind: 'exact', value: 'POST' },
        headers: [
          { name: 'a', test: { kind: 'exact', value: 'b' } },
          { name: 'x-version', test: { kind: 'exact', value: '2' } },
        ],
      },
      precedence: -1,
      action: {
        rewrite: { kind: 'none' },
        timeout: 0,
        destination: { to: 'service', namespace: 'shop', name: 'other', port: 8080 },
      },
    });
  });

  it.each([
    'ambassador/v0',
    'ambassador/v1',
    'getambassador.io/v1',
    'getambassador.io/v2',
    'getambassador.io/v3alpha1',
    'waymark.dev/v1',
  ])('is read in the dialect %s, under either key', apiVersion => {
    const text = `---\napiVersion: ${apiVersion}\nkind: Mapping\nname: httpbin_mapping\nprefix: /x/\nhost: x.example.com\n`;
    const moved = deployment('shop/web', { annotations: { 'getambassador.io/config': text } });

    expect(intentOf(text).mappings).toMatchObject([{ name: 'httpbin_mapping', hosts: [{ value: 'x.example.com' }] }]);
    expect(read(moved, context()).intent).toMatchObject({ key: 'getambassador.io/config', mappings: [{}] });
  });

  it('serves a test on the host of tests, and the host of all as it is', () => {
    const hosts = intentOf(
      `${service('environment: test')}---\n${mapping('hostname: a.example.com')}---\n${mapping('hostname: apps.example.com').replace('one', 'two')}`,
    ).mappings.map(one => one.hosts?.[0]?.value);

    expect(hosts).toEqual(['test.a.example.com', 'apps.example.com']);
  });

  it("may be on its Deployment's built-in host", () => {
    const host = 'tfserving-resnet50-20240501.shop.service.example.com';

    expect(intentOf(mapping(`hostname: ${host}`)).mappings[0]?.hosts).toMatchObject([{ value: host }]);
  });

  const grants = (from: string) => namespace('other', { 'waymark.dev/allow-traffic-from': from });

  it.each([
    ['tfserving-resnet50-20240501:8500', 'shop tfserving-resnet50-20240501 8500'],
    ['web', 'shop web 80'],
    ['web.shop:81', 'shop web 81'],
    ['web.other:81', 'other web 81'],
    ['http://web.other.svc', 'other web 80'],
    ['web.other.svc.cluster.local:82', 'other web 82'],
  ])('with `service: %s` sends to %s', (text, expected) => {
    const [one] = intentOf(mapping(`service: ${text}`), context({}, grants('front,shop'))).mappings;

    const destination = one?.action.does === 'forward' ? one.action.destination : undefined;
    expect(destination?.to).toBe('service');
    expect(destination?.to === 'service' && `${destination.namespace} ${destination.name} ${destination.port}`).toBe(
      expected,
    );
  });

  it('for another Ambassador is left out with a warning', () => {
    const { intent, findings } = readText(`${mapping('ambassador_id: edge')}---\n${mapping()}`);

    expect(findings.map(brief)).toEqual(['AmbassadorIdSkipped 5:16 ambassador_id']);
    expect(intent?.mappings).toHaveLength(1);
  });

  it('of a target that does not let us is left out, and everything else stays', () => {
    const text = `${service()}---\n${mapping('service: web.other')}---\n${mapping().replace('one', 'two')}`;
    const { intent, findings } = readText(text, context({}, grants('front')));

    expect(findings.map(brief)).toEqual(['TargetNotPermitted 12:10 service']);
    expect(intent?.mappings.map(({ name }) => name)).toEqual(['two']);
  });

  it('of a host that may not be had is left out, and so are those that follow its InferenceService', () => {
    const text = `${service('hosts: [bank.example.org]')}---\n${mapping()}---\n${mapping('hostname: shop.example.com').replace('one', 'two')}`;
    const { intent, findings } = readText(
      text,
      context({}, namespace('shop', { 'waymark.dev/allowed-hosts': 'shop.example.com' })),
    );

    expect(findings.map(brief)).toEqual(['HostNotAllowed 6:9 hosts[0]']);
    expect(intent?.service?.hosts).toEqual([]);
    expect(intent?.mappings.map(({ name }) => name)).toEqual(['two']);
  });
});

describe('a reading', () => {
  it('is the same object for as long as nothing that it was made of is another', () => {
    const one = resnet(service());
    const [name, shop] = namespace('shop', { 'waymark.dev/area': 'x' });
    const given = context({}, [name, shop]);
    const first = read(one, given);

    expect(read(one, { settings: given.settings, namespaces: new Map([[name, shop]]) })).toBe(first);
    expect(read(one, context({ area: 'y' }, [name, shop]))).not.toBe(first);
    expect(
      read(one, { ...given, namespaces: new Map([namespace('shop', { 'waymark.dev/area': 'z' })]) }).intent?.area,
    ).toBe('z');
  });

  it('follows a Namespace that it asked for in vain', () => {
    const one = resnet(mapping('service: web.other'));
    const given = context();

    expect(read(one, given).findings.map(brief)).toEqual(['ServiceExternal 5:10 service']);
    expect(
      read(one, { ...given, namespaces: new Map([namespace('other', { 'waymark.dev/allow-traffic-from': 'shop' })]) })
        .findings,
    ).toEqual([]);
  });

  it('of a Deployment without annotation asks for nothing', () => {
    expect(read(deployment('shop/web'), context())).toEqual({
      object: { kind: 'Deployment', namespace: 'shop', name: 'web' },
      findings: [],
      naming: [],
    });
  });

  it('takes a Deployment that the API server has not checked yet', () => {
    const one = resnet(service());
    const unchecked = { ...one, spec: { ...one.spec, template: { spec: { containers: null as unknown as [] } } } };

    expect(read(unchecked, context()).findings.map(brief)).toEqual(['NoService 1:1']);
  });
});
