import type { Manifest } from '../manifests.ts';
import { deployment, inferenceService } from '../manifests.ts';

export interface VersionOptions {
  /** Default `web`. */
  readonly model?: string;
  /** Default: the scene's. */
  readonly host?: string;
  /** Default 2. */
  readonly replicas?: number;
  readonly strategy?: 'replace' | 'coexist';
  /** Durations; default 2 s each. */
  readonly bake?: string;
  readonly drain?: string;
  /** Further lines of the InferenceService. */
  readonly lines?: readonly string[];
  /** Of the echo program. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Seconds that a Pod serves on when it is told to go; default: it ends at once, and whoever still asks it gets nothing. */
  readonly preStop?: number;
  readonly requests?: Readonly<Record<string, string>>;
}

/** A version of a line, as its team writes it: `shop/serving-web-2` on a host. */
export function versionOf(
  namespace: string,
  version: number,
  { host, ...options }: VersionOptions & { readonly host: string },
): Manifest {
  const { model = 'web', replicas = 2, strategy = 'replace', bake = '2s', drain = '2s', lines = [] } = options;
  const { variables = {}, annotations = {}, preStop, requests } = options;
  const config = inferenceService(
    model,
    `v${version}`,
    `hosts: [${host}]`,
    `upgrade: {strategy: ${strategy}, bake: ${bake}, drain: ${drain}}`,
    ...lines,
  );
  const env = Object.entries(variables).map(([name, value]) => ({ name, value }));
  const manifest = deployment(`${namespace}/${nameOf(version, model)}`, { config, replicas, annotations, env });
  const { template } = manifest.spec;
  const [main] = template.spec.containers;
  if (main === undefined) throw new Error('a Deployment without containers');
  const container = {
    ...main,
    // Patient with a machine that is busy; a program that ends is seen to end at once.
    readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 1, timeoutSeconds: 5 },
    ...(preStop !== undefined && { lifecycle: { preStop: { sleep: { seconds: preStop } } } }),
    ...(requests !== undefined && { resources: { requests } }),
  };
  return {
    ...manifest,
    spec: { ...manifest.spec, template: { ...template, spec: { ...template.spec, containers: [container] } } },
  };
}

export function nameOf(version: number, model = 'web'): string {
  return `serving-${model}-${version}`;
}
