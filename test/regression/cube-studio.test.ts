/** What cube-studio did wrong, by the numbers under which it is known (P1 to P23): each must stay impossible here. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createClient } from '../../kube/client.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { reconcile } from '../../controller/reconcile.ts';
import { admit } from '../../shared/admit.ts';
import { NO_FACTS } from '../../shared/cluster-facts.ts';
import { compile } from '../../shared/compile.ts';
import { MAX_NAME } from '../../shared/features/identity.ts';
import { nameOf } from '../../shared/findings/finding.ts';
import { externalServiceName, serviceName } from '../../shared/render/names.ts';
import { parseSettings } from '../../shared/settings-file.ts';
import { read } from '../../shared/read.ts';
import { startApiServer } from '../support/api-server/server.ts';
import { createAuthority } from '../support/certificates.ts';
import { serviceConfig, useControllerCluster } from '../support/controller-cluster.ts';
import { container } from '../support/deployments.ts';
import { until } from '../support/until.ts';
import { keysIn, namesIn, refusals, service, SETTINGS, specOf, stored, world } from './world.ts';

describe('routes', () => {
  const cluster = useControllerCluster();
  const gateway = (key: string) => cluster().get(RESOURCES.virtualServices, key)?.['spec'];

  it('P1, P22: a change of hosts, ports and metrics is written into the objects that are there, and none is deleted', async () => {
    const name = 'serving-a-1';
    const scaled = 'replicas: {min: 1, max: 3}';
    cluster().deploy(name, serviceConfig(name, scaled, 'timeout: 1s'));
    await cluster().start();
    await until('all is there', () => cluster().built().length === 3);
    await cluster().quiet();
    const before = cluster().built();
    const uids = uidsOf(name);
    cluster().writes();

    cluster().deploy(name, serviceConfig(name, scaled, 'timeout: 2s', 'metrics: cpu:20%'));
    await until('it has followed', () => JSON.stringify(gateway(name)).includes('"2s"'));
    await cluster().quiet();

    expect(cluster().built()).toEqual(before);
    expect(uidsOf(name)).toEqual(uids);
    expect(
      cluster()
        .writes()
        .filter(write => write.startsWith('DELETE')),
    ).toEqual([]);
  });

  function uidsOf(name: string): readonly (string | undefined)[] {
    const kinds = [RESOURCES.services, RESOURCES.horizontalPodAutoscalers, RESOURCES.virtualServices];
    return kinds.map(kind => cluster().get(kind, name)?.metadata.uid);
  }

  it('P3: two services with one host: the older has it, and the newer is told', () => {
    const hosts = ['hosts: [shared.example.com]'];
    const all = compile(stored(service('a', 'v1', hosts), service('b', 'v1', hosts)));

    expect(namesIn(all)).toEqual(['LineConflict']);
    expect(keysIn(all).filter(key => key.endsWith('/shared.example.com'))).toHaveLength(1);
    expect(JSON.stringify(specOf(all, 'VirtualService service/shared.example.com'))).toContain(
      'serving-a-1.service.svc',
    );
  });

  it('P6: what takes the place of something is written before that is deleted', async () => {
    const done: string[] = [];
    const step = (what: string) => () => Promise.resolve(void done.push(what));

    await reconcile('Deployment/service/serving-a-1', {
      observe: () => ({ ...stored(service('a', 'v1')), focus: 'Deployment/service/serving-a-1' }),
      compile,
      claim: () => undefined,
      apply: step('written'),
      prune: step('deleted'),
      own: step('owned'),
      resize: step('resized'),
      describe: step('described'),
      describeFailure: step('described'),
      release: step('released'),
      settle: step('settled'),
      report: step('said'),
    });

    expect(done.filter(what => what === 'written' || what === 'deleted')).toEqual(['written', 'deleted']);
  });

  it('P13: a destination has its own port, not the first one of whoever sends to it', () => {
    const mapping = ['---', 'apiVersion: getambassador.io/v2', 'kind: Mapping', 'name: a', 'prefix: /b/'];
    const one = service('a', 'v1', ['hosts: [a.example.com]', ...mapping, 'service: other:9000']);

    const { http } = specOf(compile(world(one)), 'VirtualService service/a.example.com') as { http: unknown[] };

    expect(http[0]).toMatchObject({
      route: [{ destination: { host: 'other.service.svc.cluster.local', port: { number: 9000 } } }],
    });
  });

  it('P14: every destination is in the namespace of its Deployment, whatever its name', () => {
    const ports = [{ containerPort: 8080 }, { containerPort: 8081 }];
    const one = service('a', 'v1', [], { namespace: 'team', containers: [container('main', { ports })] });
    const all = compile(world(one));

    expect(JSON.stringify(all.objects)).not.toContain('.service.svc.');
    expect(specOf(all, 'VirtualService team/serving-a-1')).toMatchObject({
      http: [{ route: [{ destination: { host: 'serving-a-1.team.svc.cluster.local', port: { number: 8080 } } }] }],
    });
    expect(specOf(all, 'Service team/serving-a-1')).toMatchObject({ ports: [{ port: 8080 }, { port: 8081 }] });
  });

  it.each(["':8081/models'", '/v1/models/a/metadata', '10.1.2.3', 'a.example.com:8080'])(
    'P18: the host %s is refused with its place, and none silently left out',
    host => {
      expect(refusals(service('a', 'v1', [`hosts: [${host}]`]))).toEqual(['HostInvalid']);
    },
  );
});

describe('versions', () => {
  it('P4: a newer version takes nothing away from an older one, least of all from the target of a split', () => {
    const old = service('a', 'v1', ['hosts: [a.example.com]']);
    const alone = compile(stored(old));
    const both = compile(stored(old, service('a', 'v2', ['split: serving-a-1:20%'])));

    expect(both.objects).toEqual(expect.arrayContaining([...alone.objects]));
    expect(both.frozen).toEqual([]);
  });

  it.each([
    ['no status', undefined],
    ['an empty status', {}],
    ['no Pods wanted', { replicas: 0, readyReplicas: 0, availableReplicas: 0 }],
    ['Pods that are not available', { replicas: 1, updatedReplicas: 1 }],
  ])('P5: a newer version with %s does not count as ready', (_, status) => {
    const { deployments, ...rest } = stored(service('a', 'v1'), service('a', 'v2'));
    const states = [{ availableReplicas: 1 }, status];
    const live = deployments.map((one, index) => ({ ...one, ...(states[index] && { status: states[index] }) }));
    const settings = { ...SETTINGS, ingressHost: 'apps.example.com' };

    const all = compile({ ...rest, settings, now: 1, deployments: live });

    expect(specOf(all, 'VirtualService waymark-system/apps.example.com')).toMatchObject({
      http: [{ name: 'service/serving-a-1/model-path' }],
    });
  });

  it('P19: versions with the same digits cannot be mistaken for each other', () => {
    const [old, object] = [service('a', 'v2022.11.1'), service('a', 'v2022.1.11')];
    const { findings, patch } = admit({
      operation: 'UPDATE',
      object,
      oldObject: old,
      settings: SETTINGS,
      namespaces: new Map(),
    });

    expect(object.metadata.name).toBe(old.metadata.name);
    expect(findings.map(nameOf)).toEqual(['VersionCollision']);
    expect(findings[0]?.must).toContain('v2022.11.1');
    expect(patch).toEqual([]);
  });
});

describe('names', () => {
  const label = fc.integer({ min: 1, max: 63 }).map(length => 'm'.repeat(length));
  const stage = fc.constantFrom('prod', 'test', 'debug');

  it('P7: no name that is let in is so long that the external Service would have the name of the main one', () => {
    fc.assert(
      fc.property(label, fc.stringMatching(/^v\d{1,12}$/), stage, (model, version, environment) => {
        const one = service(model, version, [], { environment });
        const { name } = one.metadata;

        if (refusals(one).includes('NameTooLong')) expect(name.length).toBeGreaterThan(MAX_NAME);
        else {
          expect(externalServiceName(name).length).toBeLessThanOrEqual(63);
          expect(externalServiceName(name)).not.toBe(serviceName(name));
        }
      }),
    );
  });

  it('P7: two models that differ behind the 54th letter do not become one: both are refused, and told a shorter one', () => {
    const long = 'a-model-whose-name-goes-on-for-so-long-that-it-would-be-cut';

    expect(refusals(service(`${long}-one`, 'v1'))).toContain('NameTooLong');
    expect(refusals(service(`${long}-two`, 'v1'))).toContain('NameTooLong');
  });
});

describe('access by address and port', () => {
  it('P8: a test has an external Service of its own, with its own Pods, and leaves the one of production alone', () => {
    const prod = service('a', 'v1', ['external: {id: 1}']);
    const test = service('a', 'v1', ['external: {id: 2}'], { environment: 'test' });

    const all = compile(stored(prod, test));

    expect(specOf(all, 'Service service/serving-a-1-external')['selector']).toEqual({ app: 'serving-a-1' });
    expect(specOf(all, 'Service service/test-serving-a-1-external')['selector']).toEqual({ app: 'test-serving-a-1' });
    expect(specOf(compile(stored(prod)), 'Service service/serving-a-1-external')).toEqual(
      specOf(all, 'Service service/serving-a-1-external'),
    );
  });

  it.each([1, 6, 10])('P15: with %d ports there are as many, and none is lost', count => {
    const ports = Array.from({ length: count }, (_, index) => ({ containerPort: 8000 + index }));
    const one = service('a', 'v1', ['external: {id: 7}'], { containers: [container('main', { ports })] });

    const { ports: built } = specOf(compile(world(one)), 'Service service/serving-a-1-external') as {
      ports: unknown[];
    };

    expect(built).toHaveLength(count);
    expect(built.at(-1)).toMatchObject({ port: 20_070 + count - 1, targetPort: 8000 + count - 1 });
  });

  it('P15: with more than ten it is refused by name, and nothing crashes', () => {
    const ports = Array.from({ length: 11 }, (_, index) => ({ containerPort: 8000 + index }));
    const containers = [container('main', { ports })];

    expect(refusals(service('a', 'v1', ['external: {id: 7}'], { containers }))).toEqual(['ExternalPorts']);
  });

  it.each([1000, 4552])('P16: the number %d is as good as any other', id => {
    const all = compile(world(service('a', 'v1', [`external: {id: ${id}}`])));

    expect(specOf(all, 'Service service/serving-a-1-external')).toMatchObject({ ports: [{ port: 20_000 + 10 * id }] });
  });

  it.each(['20000+10*ID', "__import__('os').getpid()", '"20000"'])(
    'P23: nothing that a platform writes is evaluated: basePort %s is refused',
    text => {
      const { findings, settings } = parseSettings(`external:\n  basePort: ${text}\n`);

      expect(findings.map(nameOf)).toEqual(['TypeWrong']);
      expect(settings).toBeUndefined();
    },
  );
});

describe('autoscalers', () => {
  it('P2: `gpu` is written in the form of autoscaling/v2, beside the others', () => {
    const gpus = { limits: { 'nvidia.com/gpu': '1' }, requests: { cpu: '1' } };
    const one = service('a', 'v1', ['replicas: {min: 1, max: 4}', 'metrics: cpu:50%,gpu:50%'], {
      containers: [container('main', { resources: gpus })],
    });

    expect(specOf(compile(world(one)), 'HorizontalPodAutoscaler service/serving-a-1')['metrics']).toEqual([
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      {
        type: 'Pods',
        pods: { metric: { name: 'DCGM_FI_DEV_GPU_UTIL' }, target: { type: 'AverageValue', averageValue: '50' } },
      },
    ]);
  });

  it('P9: a deployment under load does not go back to its least number of Pods', () => {
    const sized = (replicas: number) => {
      const one = service('a', 'v1', ['replicas: {min: 2, max: 10}'], { metadata: { uid: 'u' } });
      return { ...one, spec: { ...one.spec, replicas } };
    };
    const facts = { ...NO_FACTS, isAutoscaled: () => true };
    const request = { object: sized(2), oldObject: sized(7), settings: SETTINGS, namespaces: new Map(), facts };

    expect(admit({ ...request, operation: 'UPDATE' }).admitted.spec.replicas).toBe(7);
  });
});

describe('selectors', () => {
  it('P10: the Service selects by what the Deployment selects by, which cannot change, and by nothing else', () => {
    const one = service('a', 'v1');
    const labels = { app: 'serving-a-1', 'sidecar.istio.io/inject': 'true', gpu: 'true' };
    const relabelled = { ...one, spec: { ...one.spec, template: { ...one.spec.template, metadata: { labels } } } };

    for (const each of [one, relabelled]) {
      expect(specOf(compile(world(each)), 'Service service/serving-a-1')['selector']).toEqual({ app: 'serving-a-1' });
    }
  });

  it('P10: what is admitted has the labels and the selector that were sent', () => {
    const { admitted } = admit({
      operation: 'CREATE',
      object: service('a', 'v1'),
      settings: SETTINGS,
      namespaces: new Map(),
    });

    expect(admitted.spec.selector).toEqual({ matchLabels: { app: 'serving-a-1' } });
    expect(admitted.spec.template.metadata?.labels).toEqual({ app: 'serving-a-1' });
  });
});

describe('shares', () => {
  it('P11: 100% to others is not dropped in silence: nothing is left here', () => {
    const one = service('a', 'v1', ['split: serving-b-1:60%,serving-c-1:40%']);
    const all = compile(world(one, service('b', 'v1'), service('c', 'v1')));
    const [route] = specOf(all, 'VirtualService service/serving-a-1')['http'] as { route: { weight: number }[] }[];

    expect(namesIn(all)).toEqual([]);
    expect(route?.route.map(({ weight }) => weight)).toEqual([60, 40]);
  });

  it.each([
    ['more than 100%', 'split: b-1:60%,c-1:41%', ['PercentSum']],
    ['a dash in a name (P17)', 'mirror: tfserving-resnet50-20240401:20%', []],
  ])('P11: %s is never dropped in silence', (_, line, findings) => {
    expect(refusals(service('a', 'v1', [line]))).toEqual(findings);
  });
});

describe('mirrors', () => {
  it('P12: all of them are read, not the first one alone', () => {
    const mirrors = read(service('a', 'v1', ['mirror: b-1:100%;c-1=20']), world()).intent?.service?.mirror;

    expect(mirrors?.map(({ name, percent }) => [name, percent])).toEqual([
      ['b-1', 100],
      ['c-1', 20],
    ]);
  });
});

describe('who may say what', () => {
  it('P20: whoever sends it, a text with mistakes is refused with all of them', () => {
    const lines = ['hpa: cpu:50%', 'hosts: [a.example.com:80]', 'replicas: {min: 4, max: 2}'];

    expect(refusals(service('a', 'v1', lines))).toEqual(['FieldUnknown', 'HostInvalid', 'ReplicasBounds']);
  });

  it('P21: an API server that cannot prove who it is is not spoken to', async () => {
    const server = await startApiServer(Object.values(RESOURCES));
    const { tls } = await server.credentials.access();
    const access = () => Promise.resolve({ headers: {}, tls: { ...tls, ca: createAuthority('another').cert } });
    const client = createClient({ ...server.credentials, access });

    await expect(client.request({ path: '/api/v1/services' })).rejects.toMatchObject({ status: 0 });
    await client.close();
    const seen = server.requests.length;
    await server.close();

    expect(seen).toBe(0);
  });
});
