/** Deployments as they were in cube-studio's time, written anew, and what becomes of them. */
import { admit } from '../../shared/admit.ts';
import type { Compilation } from '../../shared/compilation.ts';
import type { Container, Deployment } from '../../shared/deployment.ts';
import { expectedName } from '../../shared/features/identity.ts';
import { nameOf } from '../../shared/findings/finding.ts';
import { defaultSettings } from '../../shared/settings-file.ts';
import type { KubernetesObject, Snapshot } from '../../shared/snapshot.ts';
import { deployment } from '../support/deployments.ts';

export const SETTINGS = {
  ...defaultSettings,
  domain: 'service.example.com',
  external: { ...defaultSettings.external, ips: ['203.0.113.10'] },
};

interface ServiceParts {
  readonly namespace?: string;
  readonly type?: string;
  readonly environment?: 'prod' | 'test' | 'debug';
  readonly containers?: readonly Container[];
  readonly metadata?: Partial<Deployment['metadata']>;
}

/** `service('a', 'v1', ['hosts: [a.example.com]'])`: Deployment service/serving-a-1. */
export function service(
  model: string,
  version: string,
  lines: readonly string[] = [],
  parts: ServiceParts = {},
): Deployment {
  const { namespace = 'service', type = 'serving', environment = 'prod', containers, metadata } = parts;
  const name = expectedName({ type, model, version, environment });
  const head = ['apiVersion: waymark.dev/v1', 'kind: InferenceService'];
  const identity = [`type: ${type}`, `model: ${model}`, `version: ${version}`, `environment: ${environment}`];
  return deployment(`${namespace}/${name}`, {
    config: [...head, ...identity, ...lines, ''].join('\n'),
    ...(containers && { containers }),
    ...(metadata && { metadata }),
  });
}

export function world(...deployments: readonly Deployment[]): Snapshot {
  return { settings: SETTINGS, now: 0, deployments, namespaces: new Map(), existing: [], istio: true };
}

/** As stored, the first one the oldest: nothing is denied any more. */
export function stored(...deployments: readonly Deployment[]): Snapshot {
  const live = deployments.map((one, index) => ({
    ...one,
    metadata: {
      ...one.metadata,
      uid: `uid-${index}`,
      creationTimestamp: `2024-05-01T00:00:0${index}Z`,
      annotations: { ...one.metadata.annotations, 'waymark.dev/injected': '{"main":[]}' },
    },
  }));
  return world(...live);
}

export const namesIn = ({ findings }: Pick<Compilation, 'findings'>) => findings.map(nameOf);
export const keysIn = ({ objects }: Compilation) => objects.map(({ object }) => keyOf(object));
const keyOf = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.namespace}/${metadata.name}`;

export function specOf({ objects }: Compilation, key: string): Readonly<Record<string, unknown>> {
  const found = objects.find(({ object }) => keyOf(object) === key);
  if (!found) throw new Error(`there is no ${key}`);
  return found.object.spec;
}

/** What is found wrong with one new Deployment. */
export const refusals = (one: Deployment) =>
  admit({ operation: 'CREATE', object: one, settings: SETTINGS, namespaces: new Map() }).findings.map(nameOf);
