import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Container, Deployment } from '../../shared/deployment.ts';
import type { Cluster } from '../cluster/types.ts';
import { without } from './objects.ts';

/** A Deployment as a user writes it. */
export type Manifest = Deployment & {
  readonly apiVersion: 'apps/v1';
  readonly kind: 'Deployment';
};

export const CONFIG = 'waymark.dev/config';

export interface DeploymentOptions {
  /** Text of the annotation `waymark.dev/config`; absent = not annotated. */
  readonly config?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Default 0: most tests look at objects, and a Pod costs a process. */
  readonly replicas?: number;
  /** Name → number; default `{ http: 8080 }`. */
  readonly ports?: Readonly<Record<string, number>>;
  readonly env?: Container['env'];
}

/** `deployment('shop/web', { config: '…' })`: one container of the image `echo`. */
export function deployment(fullName: string, options: DeploymentOptions = {}): Manifest {
  const [namespace = '', name = ''] = fullName.split('/');
  const { config, annotations = {}, replicas = 0, ports = { http: 8080 }, env } = options;
  const labels = { app: name };
  const marks = { ...(config !== undefined && { [CONFIG]: config }), ...annotations };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, ...(Object.keys(marks).length > 0 && { annotations: marks }) },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          ...PROMPT,
          containers: [
            {
              name: 'main',
              image: 'echo',
              ports: Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort })),
              ...(env && { env }),
              ...probing(Object.keys(ports)[0] ?? ''),
            },
          ],
        },
      },
    },
  };
}

const PROMPT = { terminationGracePeriodSeconds: 5 };

function probing(port: string): object {
  return { readinessProbe: { httpGet: { path: '/healthz', port }, periodSeconds: 1 } };
}

/** Text of an InferenceService; `more` are further lines of the document. */
export function inferenceService(model: string, version: string, ...more: readonly string[]): string {
  return [
    'apiVersion: waymark.dev/v1',
    'kind: InferenceService',
    'type: serving',
    `model: ${model}`,
    `version: ${version}`,
    ...more,
    '',
  ].join('\n');
}

/** Text of a Mapping. */
export function mapping(name: string, prefix: string, ...more: readonly string[]): string {
  return ['apiVersion: getambassador.io/v2', 'kind: Mapping', `name: ${name}`, `prefix: ${prefix}`, ...more, ''].join(
    '\n',
  );
}

export function documents(...texts: readonly string[]): string {
  return texts.join('---\n');
}

export function annotated(manifest: Manifest, config: string): Manifest {
  const { metadata } = manifest;
  return { ...manifest, metadata: { ...metadata, annotations: { ...metadata.annotations, [CONFIG]: config } } };
}

/** Without any annotation at all. */
export function unannotated(manifest: Manifest): Manifest {
  return { ...manifest, metadata: without(manifest.metadata, 'annotations') };
}

/** The same change to every container, init containers too. */
export function withContainers(manifest: Manifest, change: (container: Container) => Container): Manifest {
  const { spec } = manifest;
  const pod = spec.template.spec;
  const changed = {
    ...pod,
    containers: pod.containers.map(change),
    ...(pod.initContainers && { initContainers: pod.initContainers.map(change) }),
  };
  return { ...manifest, spec: { ...spec, template: { ...spec.template, spec: changed } } };
}

export const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples');

/** The Deployment of a file in `examples/`. */
export function exampleDeployment(file: string): Manifest {
  const objects = parseAllDocuments(readFileSync(join(EXAMPLES, file), 'utf8')).map(
    one => one.toJS() as { readonly kind: string },
  );
  const found = objects.find(({ kind }) => kind === 'Deployment');
  if (found === undefined) throw new Error(`no Deployment in examples/${file}`);
  return found as Manifest;
}

/** Creates the namespace unless it is there. */
export async function createNamespace(
  cluster: Cluster,
  name: string,
  marks: { readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> } = {},
): Promise<void> {
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...marks } };
  const { status, body } = await cluster.api('POST', '/api/v1/namespaces', object);
  if (status !== 201 && status !== 409) throw new Error(`namespace ${name}: ${status} ${JSON.stringify(body)}`);
}
