import { expect } from '@jest/globals';
import type { Container, EnvVar } from '../../shared/deployment.ts';
import { placesOf } from '../../shared/inject/template.ts';
import { eventually } from './eventually.ts';
import { CONFIG, createNamespace, deployment, inferenceService, mapping } from './manifests.ts';
import type { Manifest } from './manifests.ts';
import { pathOf, readDeployment } from './objects.ts';
import type { LiveDeployment } from './objects.ts';
import type { World } from './world.ts';

/** Every Deployment of `LAB` has a twin of the same name here, which Waymark leaves alone: what its user alone makes of it. */
export const LAB = 'lab';
export const TWINS = 'twins';

export const RECORD = 'waymark.dev/injected';

export async function createTwinNamespaces({ cluster }: World): Promise<void> {
  await createNamespace(cluster, LAB);
  await createNamespace(cluster, TWINS, { labels: { 'waymark.dev/policy': 'off' } });
  const probe = deployment(`${TWINS}/serving-probe-1`, { config: inferenceService('probe', 'v1') });
  await eventually(
    async () => {
      const { body } = await cluster.api('POST', `${pathOf('Deployment', TWINS)}?dryRun=All`, probe);
      expect(recordIn(body as LiveDeployment)).toBeUndefined();
    },
    { within: 5_000 },
  );
}

/** What an annotation asks for. */
export interface Wish {
  readonly modelPath: string;
  readonly area: string;
  /** No InferenceService, so fewer variables are due. */
  readonly mappingsOnly?: boolean;
}

export function textOf(model: string, { modelPath, area, mappingsOnly = false }: Wish): string {
  if (mappingsOnly) return mapping(`to-${model}`, `/models/${model}/`);
  return inferenceService(model, 'v1', `modelPath: "${modelPath}"`, `area: "${area}"`);
}

const DOWNWARD = Object.entries({
  K8S_NODE_NAME: 'spec.nodeName',
  K8S_POD_NAMESPACE: 'metadata.namespace',
  K8S_POD_IP: 'status.podIP',
  K8S_HOST_IP: 'status.hostIP',
  K8S_POD_NAME: 'metadata.name',
}).map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } }));

/** In the fixed order, as the API server stores them; written down here a second time, on purpose. */
export function dueIn(live: LiveDeployment, model: string, { modelPath, area, mappingsOnly }: Wish): readonly EnvVar[] {
  const image = live.spec.template.spec.containers[0]?.image ?? '';
  const own = { KUBEFLOW_MODEL_PATH: modelPath, KUBEFLOW_MODEL_VERSION: 'v1', KUBEFLOW_MODEL_IMAGES: image };
  const written = mappingsOnly
    ? { KUBEFLOW_ENV: 'prod', KUBEFLOW_AREA: '' }
    : { KUBEFLOW_ENV: 'prod', ...own, KUBEFLOW_MODEL_NAME: model, KUBEFLOW_AREA: area };
  const literal = (value: string) => value.replaceAll('$(', '$$$$(');
  return [
    ...Object.entries(written).map(([name, value]) => (value === '' ? { name } : { name, value: literal(value) })),
    ...DOWNWARD,
  ];
}

export async function readTwins({ cluster }: World, name: string): Promise<readonly [LiveDeployment, LiveDeployment]> {
  return Promise.all([readDeployment(cluster, LAB, name), readDeployment(cluster, TWINS, name)]);
}

/**
 * The one is the other (where a merge puts what it does not know among what it brings is the API server's), and in front of each container's own variables, in order, stand
 * those that are due and not there.
 */
export function expectTwins(live: LiveDeployment, twin: LiveDeployment, due: readonly EnvVar[]): void {
  const record = recordIn(live) ?? {};
  const expected = placesOf(twin).map(({ container: { env = [], ...rest } }) => {
    const ours = due.filter(({ name }) => !env.some(entry => entry.name === name));
    return { ...rest, ours, theirs: sorted(env) };
  });
  const found = placesOf(live).map(({ container: { env = [], ...rest } }) => {
    const theirs = env.filter(({ name }) => record[rest.name]?.includes(name) !== true);
    const ours = env.slice(0, env.length - theirs.length);
    return { ...rest, ours, theirs: sorted(theirs) };
  });
  expect(found).toEqual(expected);
  expect(withoutContainers(live)).toEqual(withoutContainers(twin));
  expect(live.metadata.annotations?.[CONFIG]).toBe(twin.metadata.annotations?.[CONFIG]);
  if (due.length === 0) expect(record).toEqual({});
}

function withoutContainers({ spec }: LiveDeployment): object {
  const bare = ({ name }: Container) => ({ name });
  const { initContainers = [], containers, ...pod } = spec.template.spec;
  const names = { containers: containers.map(bare), initContainers: initContainers.map(bare) };
  return { ...spec, template: { ...spec.template, spec: { ...pod, ...names } } };
}

function sorted(env: readonly EnvVar[]): readonly EnvVar[] {
  return env.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export function recordIn({ metadata }: LiveDeployment): Readonly<Record<string, readonly string[]>> | undefined {
  const text = metadata.annotations?.[RECORD];
  return text === undefined ? undefined : (JSON.parse(text) as Record<string, string[]>);
}

/** What `kubectl get -o yaml` shows of an object to be kept in Git: without what only the cluster knows. */
export function exported(live: LiveDeployment, without: readonly string[] = []): Manifest {
  const { name, namespace, annotations = {} } = live.metadata;
  const left = Object.entries(annotations).filter(([key]) => !NOT_EXPORTED.has(key) && !without.includes(key));
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, annotations: Object.fromEntries(left) },
    spec: live.spec,
  };
}

const NOT_EXPORTED = new Set(['kubectl.kubernetes.io/last-applied-configuration', 'deployment.kubernetes.io/revision']);
