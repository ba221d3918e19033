import { CONFIG } from '../../shared/annotation-keys.ts';
import type { Container, Deployment, EnvVar } from '../../shared/deployment.ts';
import { INJECTED } from '../../shared/inject/record.ts';
import { isVariableName } from '../../shared/inject/variables.ts';
import { asStored } from './deployments.ts';
import {
  annotate,
  applyClientSide,
  applyServerSide,
  KUBECTL,
  LAST_APPLIED,
  merge,
  update,
  withEnv,
  withPod,
} from './ways-of-applying.ts';

/** One Deployment with Waymark, or its twin without: what the user alone makes of it. */
export interface Side {
  readonly object: Deployment;
  /** What Helm or a merge remembers outside the cluster. */
  readonly release?: Deployment;
  /** What `kubectl get` once showed, without what only the cluster knows. */
  readonly saved: Deployment;
}

interface Update {
  readonly sent: Deployment;
  readonly release?: Deployment;
}

export type Way = (side: Side) => Update;

/** Each brings a manifest; a second time it must do nothing. */
export const APPLIES = {
  'kubectl apply': manifest => side => ({ sent: applyClientSide(side.object, manifest) }),
  'kubectl apply --server-side': manifest => side => ({ sent: applyServerSide(side.object, manifest, KUBECTL) }),
  'another team’s apply --server-side': manifest => side => ({ sent: applyServerSide(side.object, manifest, 'team') }),
  'helm upgrade': manifest => side => ({ sent: applyServerSide(side.object, manifest, 'helm') }),
  'helm upgrade --server-side=false': manifest => side => ({
    ...changed(side, merge(side.object, side.release, manifest)),
    release: manifest,
  }),
} satisfies Record<string, (manifest: Deployment) => Way>;

export const REPLACES = {
  'kubectl replace': manifest => side => changed(side, manifest),
  'kubectl patch --type merge': manifest => side =>
    changed(
      side,
      withPod(side.object, pod => ({ ...pod, ...manifest.spec.template.spec })),
    ),
} satisfies Record<string, (manifest: Deployment) => Way>;

export type Apply = keyof typeof APPLIES;
type Replace = keyof typeof REPLACES;

/** What Waymark's own variables may be told by hand, entry by entry. */
export const EDITS = {
  'kubectl set env': (name, value) => side =>
    changed(
      side,
      withEnv(side.object, env => setIn(env, name, value)),
    ),
  'kubectl set env NAME-': name => side =>
    changed(
      side,
      withEnv(side.object, env => env.filter(entry => entry.name !== name)),
    ),
  'kubectl patch --type json, which takes the first env out': () => side =>
    changed(
      side,
      withPod(side.object, pod => ({ ...pod, containers: pod.containers.map(withoutFirst) })),
    ),
  'kubectl set image': (_, value) => side =>
    changed(
      side,
      withPod(side.object, pod => ({ ...pod, containers: pod.containers.map(one => ({ ...one, image: value })) })),
    ),
  'kubectl annotate': (_, value) => side => changed(side, withConfig(side.object, value)),
  'kubectl label': () => side => {
    const { metadata } = side.object;
    return changed(side, { ...side.object, metadata: { ...metadata, labels: { touched: 'yes' } } });
  },
  'kubectl rollout restart': (_, value) => side => {
    const { spec } = side.object;
    const metadata = { ...spec.template.metadata, annotations: { restartedAt: value } };
    return changed(side, { ...side.object, spec: { ...spec, template: { ...spec.template, metadata } } });
  },
  'kubectl get, apply': () => side => ({ sent: applyClientSide(side.object, side.saved) }),
  'kubectl get, edit, apply': (_, value) => side => ({
    sent: applyClientSide(side.object, withConfig(side.saved, value)),
  }),
  'kubectl get, replace': () => side => changed(side, side.saved),
  'kubectl get, replace without the record': () => side =>
    changed(side, annotate(side.saved, without(side.saved.metadata.annotations ?? {}, INJECTED))),
  'kubectl rollout undo': () => side => {
    const { metadata, spec } = side.object;
    const kept = Object.entries(metadata.annotations ?? {}).filter(([key]) => key === LAST_APPLIED);
    const { template } = side.saved.spec;
    const back = { ...side.object, spec: { ...spec, template } };
    return changed(side, annotate(back, { ...Object.fromEntries(kept), ...side.saved.metadata.annotations }));
  },
} satisfies Record<string, (name: string, value: string) => Way>;

export type Edit = keyof typeof EDITS;

/**
 * What another mutating webhook does, before ours or after it; twice is like once. One that puts another container in
 * front, once the variables are in, would have its image told: nobody can tell such a value from one of the user's.
 */
export const OTHERS = {
  nothing: object => object,
  'adds a container': object =>
    withPod(object, pod => ({
      ...pod,
      containers: [
        ...pod.containers,
        ...(pod.containers.some(({ name }) => name === 'proxy') ? [] : [{ name: 'proxy', image: 'p:1' }]),
      ],
    })),
  'puts a variable in front': object =>
    withEnv(object, env => [{ name: 'PROXY', value: '1' }, ...env.filter(({ name }) => name !== 'PROXY')]),
  'turns env around': object => withEnv(object, env => env.toSorted((a, b) => (a.name < b.name ? 1 : -1))),
} satisfies Record<string, (object: Deployment) => Deployment>;

type Other = keyof typeof OTHERS;

export type Step =
  | { readonly do: Apply; readonly manifest: Deployment; readonly other: Other; readonly first: boolean }
  | { readonly do: Replace; readonly manifest: Deployment }
  | { readonly do: Edit; readonly name: string; readonly value: string }
  | { readonly do: 'kubectl get' }
  | { readonly do: 'the platform'; readonly environment: 'prod' | 'test'; readonly area: string };

function changed({ object }: Side, sent: Deployment): Update {
  return { sent: update(object, asStored(sent)) };
}

function setIn(env: readonly EnvVar[], name: string, value: string): readonly EnvVar[] {
  if (!env.some(entry => entry.name === name)) return [...env, { name, value }];
  return env.map(entry => (entry.name === name ? { name, value } : entry));
}

function withoutFirst(container: Container): Container {
  return { ...container, env: (container.env ?? []).filter(entry => entry !== container.env?.find(isNoNamesake)) };
}

export function isNoNamesake({ name }: EnvVar): boolean {
  return !isVariableName(name);
}

function withConfig(object: Deployment, value: string): Deployment {
  const config = JSON.stringify({ version: value === 'mine-1' ? 'v1' : 'v2', modelPath: '', mappingsOnly: false });
  return annotate(object, { ...object.metadata.annotations, [CONFIG]: config });
}

export function savable(object: Deployment): Deployment {
  const { apiVersion, kind, metadata, spec } = object;
  const annotations = without(metadata.annotations ?? {}, LAST_APPLIED);
  const { name, namespace } = metadata;
  return { ...(apiVersion && { apiVersion }), ...(kind && { kind }), metadata: { name, namespace, annotations }, spec };
}

function without(map: Readonly<Record<string, string>>, key: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).filter(([name]) => name !== key));
}
