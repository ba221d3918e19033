import fc from 'fast-check';
import type { Container, Deployment, EnvVar } from '../../shared/deployment.ts';
import { asStored, deployment } from './deployments.ts';
import { APPLIES, EDITS, OTHERS, REPLACES } from './ways-of-updating.ts';
import type { Apply, Edit, Step } from './ways-of-updating.ts';

/** Never a value that Waymark writes, so that it is plain by every way whose a variable is. */
export const ENTRIES: fc.Arbitrary<EnvVar> = fc.oneof(
  fc.record({ name: fc.constantFrom('A', 'B', 'C'), value: fc.constantFrom('mine-1', 'mine-2', '$(KUBEFLOW_ENV)') }),
  fc.record({
    name: fc.constantFrom('KUBEFLOW_ENV', 'KUBEFLOW_MODEL_NAME', 'K8S_POD_IP'),
    value: fc.constant('mine-1'),
  }),
  fc.constant({ name: 'SECRET', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }),
);
/** Just what Waymark would write itself. */
const COINCIDENCES: fc.Arbitrary<EnvVar> = fc.oneof(
  fc.record({ name: fc.constant('KUBEFLOW_ENV'), value: fc.constantFrom('prod', 'test') }),
  fc.record({ name: fc.constant('KUBEFLOW_MODEL_VERSION'), value: fc.constantFrom('v1', 'v2') }),
  fc.constant({ name: 'K8S_POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } }),
);
export const MIXED = fc.oneof(COINCIDENCES, ENTRIES);

function containers(names: readonly string[], entry: fc.Arbitrary<EnvVar>): fc.Arbitrary<Container[]> {
  const one = fc.record(
    {
      name: fc.constantFrom(...names),
      image: fc.constantFrom('i:1', 'i:2'),
      env: fc.uniqueArray(entry, { selector: ({ name }) => name, maxLength: 4 }),
      envFrom: fc.constant([{ configMapRef: { name: 'c' } }]),
      restartPolicy: fc.constant('Always'),
      future: fc.record({ field: fc.constantFrom(1, 2) }),
    },
    { requiredKeys: ['name', 'image'] },
  );
  const list = fc.uniqueArray(one, { selector: ({ name }) => name, minLength: 1 });
  return list.map(all => all.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
}

const CONFIGS = fc
  .record({
    version: fc.constantFrom('v1', 'v2', 'v2.0'),
    modelPath: fc.constantFrom('', '/mnt/$(X)', '/mnt/y'),
    mappingsOnly: fc.boolean(),
  })
  .map(config => JSON.stringify(config));

export function manifests(entry: fc.Arbitrary<EnvVar>): fc.Arbitrary<Deployment> {
  const parts = {
    config: fc.option(CONFIGS, { nil: undefined, freq: 6 }),
    containers: containers(['main', 'side'], entry),
    initContainers: fc.option(containers(['fetch', 'vault'], entry), { nil: undefined }),
  };
  return fc
    .record(parts)
    .map(({ initContainers, ...rest }) =>
      plain(deployment('shop/web', { ...rest, ...(initContainers && { initContainers }) })),
    );
}

export const PLATFORMS = fc.record({
  environment: fc.constantFrom('prod' as const, 'test'),
  area: fc.constantFrom('', 'x'),
});
const NAMES = fc.constantFrom('KUBEFLOW_ENV', 'K8S_POD_IP', 'KUBEFLOW_MODEL_VERSION', 'A');
const VALUES = fc.constantFrom('mine-1', 'mine-2');
const keys = <T extends object>(map: T) => fc.constantFrom(...(Object.keys(map) as (keyof T)[]));

function appliesOf(
  entry: fc.Arbitrary<EnvVar>,
  ways: readonly Apply[] = Object.keys(APPLIES) as Apply[],
): fc.Arbitrary<Step> {
  return fc.record({
    do: fc.constantFrom(...ways),
    manifest: manifests(entry),
    other: keys(OTHERS),
    first: fc.boolean(),
  });
}

const PLATFORM = PLATFORMS.map(one => ({ do: 'the platform' as const, ...one }));

export const EVERYTHING: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: appliesOf(ENTRIES) },
  { weight: 2, arbitrary: fc.record({ do: keys(REPLACES), manifest: manifests(ENTRIES) }) },
  { weight: 6, arbitrary: fc.record({ do: keys(EDITS), name: NAMES, value: VALUES }) },
  { weight: 1, arbitrary: fc.constant({ do: 'kubectl get' as const }) },
  { weight: 1, arbitrary: PLATFORM },
);
/** Where the user's value is Waymark's as well, only an apply says whose it is. */
const SAYING: Edit[] = ['kubectl set image', 'kubectl annotate', 'kubectl label', 'kubectl rollout restart'];
export const SERVER_SIDE: Apply[] = [
  'kubectl apply --server-side',
  'another team’s apply --server-side',
  'helm upgrade',
];

export function applyingBy(ways: readonly Apply[]): fc.Arbitrary<Step> {
  return fc.oneof(
    { weight: 4, arbitrary: appliesOf(MIXED, ways) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom(...SAYING), name: NAMES, value: VALUES }) },
    { weight: 1, arbitrary: PLATFORM },
  );
}

/** Of this realm, so that a counterexample can be read. */
function plain(object: Deployment): Deployment {
  return JSON.parse(JSON.stringify(asStored(object))) as Deployment;
}
