import fc from 'fast-check';
import type { Deployment } from '../../shared/deployment.ts';
import { defaultSettings } from '../../shared/settings-file.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Snapshot } from '../../shared/snapshot.ts';
import { container, deployment } from './deployments.ts';

export const WORLD_SETTINGS: Settings = {
  ...defaultSettings,
  domain: 'service.example.com',
  ingressHost: 'shared.example.com',
};

const hosts = fc.constantFrom('a.example.com', 'b.example.com', 'shared.example.com');
const prefixes = fc.constantFrom('/', '/a/', '/a/b/', '/ab', '/c', '/a', '/models/', '/models/m/', '/models/m/x');

const mappingText = fc
  .record({
    prefix: prefixes,
    host: fc.option(hosts, { nil: undefined }),
    method: fc.option(fc.constantFrom('GET', 'POST'), { nil: undefined }),
    header: fc.option(fc.constantFrom('x-user: alice', 'X-Version: "2"'), { nil: undefined }),
    rewrite: fc.option(fc.constantFrom('""', '/', '/x/y'), { nil: undefined }),
    timeout: fc.option(fc.constantFrom(0, 1, 300, 4000), { nil: undefined }),
    precedence: fc.constantFrom(undefined, undefined, undefined, -1, 1),
    weight: fc.constantFrom(undefined, undefined, undefined, 0, 10, 30, 70, 100),
    kind: fc.constantFrom('', '', '', '', 'shadow: true', 'prefix_exact: true', 'case_sensitive: false'),
    service: fc.constantFrom(undefined, undefined, undefined, 'one', 'two:9000'),
  })
  .map(({ prefix, host, method, header, rewrite, timeout, precedence, weight, kind, service }) =>
    [
      kind,
      weight !== undefined && `weight: ${weight}`,
      service && `service: ${service}`,
      `prefix: ${prefix}`,
      host && `host: ${host}`,
      method && `method: ${method}`,
      header && `headers: {${header}}`,
      rewrite && `rewrite: ${rewrite}`,
      timeout !== undefined && `timeout_ms: ${timeout}`,
      precedence !== undefined && `precedence: ${precedence}`,
    ]
      .filter(Boolean)
      .join('\n'),
  );

const serviceText = fc
  .record({
    hosts: fc.uniqueArray(fc.constantFrom('a.example.com', 'b.example.com'), { maxLength: 2 }),
    max: fc.constantFrom(0, 1, 5),
    timeout: fc.constantFrom('0s', '90s', '1500ms'),
  })
  .map(({ hosts: own, max, timeout }) =>
    [`hosts: [${own.join(', ')}]`, ...(max > 0 ? [`replicas: {min: 1, max: ${max}}`] : []), `timeout: ${timeout}`].join(
      '\n',
    ),
  );

/** One Deployment as users write them, now and then with a mistake. */
const wishes = fc.record({
  service: fc.option(serviceText, { nil: undefined }),
  model: fc.constantFrom('m', 'm', 'n'),
  pods: fc.constantFrom(0, 1),
  mappings: fc.array(mappingText, { maxLength: 3 }),
  mistake: fc.constantFrom('', '', '', '', '', 'nonsense: 1\n'),
  paused: fc.constantFrom(false, false, false, true),
  ports: fc.constantFrom(0, 1, 1, 1, 2, 2),
  namespace: fc.constantFrom('shop', 'other'),
  day: fc.integer({ min: 1, max: 3 }),
});

type Wish = typeof wishes extends fc.Arbitrary<infer T> ? T : never;

function deploymentOf(wish: Wish, index: number): Deployment {
  const { service, model, pods, mappings, mistake, paused, ports, namespace, day } = wish;
  const documents = mappings.map(
    (text, at) => `apiVersion: getambassador.io/v2\nkind: Mapping\nname: m${at}\n${mistake}${text}\n`,
  );
  const identity = `apiVersion: waymark.dev/v1\nkind: InferenceService\ntype: serving\nmodel: ${model}\nversion: v${index}\n`;
  if (service !== undefined || documents.length === 0) documents.unshift(`${identity}${service ?? ''}\n`);
  const main = container('main', {
    ports: [...Array(ports).keys()].map(port => ({ name: `http-${port}`, containerPort: 8080 + port })),
    resources: { requests: { cpu: '1' } },
  });
  const name = service !== undefined || mappings.length === 0 ? `serving-${model}-${index}` : `web-${index}`;
  const one = deployment(`${namespace}/${name}`, {
    config: documents.join('---\n'),
    containers: [main],
    annotations: paused ? { 'waymark.dev/paused': 'true' } : {},
    metadata: { creationTimestamp: `2024-05-0${day}T00:00:00Z` },
  });
  return { ...one, status: { availableReplicas: pods } };
}

/** Some Deployments of two namespaces that want the same few hosts and paths. */
export const worlds: fc.Arbitrary<Snapshot> = fc.array(wishes, { minLength: 1, maxLength: 6 }).map(all => ({
  settings: WORLD_SETTINGS,
  now: 0,
  deployments: all.map(deploymentOf),
  namespaces: new Map(),
  existing: [],
  istio: true,
}));

/** As they are once they are stored, where it is known which of them have Pods. */
export const liveWorlds: fc.Arbitrary<Snapshot> = worlds.map(world => ({
  ...world,
  now: 1,
  deployments: world.deployments.map(one => ({
    ...one,
    metadata: { ...one.metadata, uid: `uid-of-${one.metadata.name}` },
  })),
}));
