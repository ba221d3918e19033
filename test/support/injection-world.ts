import { decide, isAnnotated } from '../../shared/inject/decide.ts';
import { INJECTED } from '../../shared/inject/record.ts';
import { CONFIG } from '../../shared/annotation-keys.ts';
import type { AdmissionDecision, AdmissionRequest } from '../../shared/admission.ts';
import type { Container, Deployment, EnvVar } from '../../shared/deployment.ts';
import type { Reading } from '../../shared/intent.ts';
import { defaultSettings } from '../../shared/settings-file.ts';
import type { Settings } from '../../shared/settings.ts';
import { asStored, deployment } from './deployments.ts';

/** What the annotation of these tests says; its text is this as JSON. */
export interface Config {
  readonly version: string;
  readonly modelPath: string;
  /** No InferenceService, so fewer variables are due. */
  readonly mappingsOnly: boolean;
}

/** A manifest in the user's repository. */
export interface Manifest {
  /** Absent = the annotation is not written. */
  readonly config?: Config | undefined;
  readonly containers: readonly { readonly name: string; readonly image: string; readonly env: readonly EnvVar[] }[];
}

export function objectOf(manifest: Manifest): Deployment {
  const config = manifest.config && JSON.stringify(manifest.config);
  return asStored(deployment('shop/web', { config, containers: manifest.containers }));
}

/** The reading is data to what is tested here, so it is made here. */
export function readingOf(object: Deployment, { environment, area, upgrade }: Settings): Reading {
  const text = object.metadata.annotations?.[CONFIG] ?? '';
  const { version, modelPath, mappingsOnly } = JSON.parse(text) as Config;
  const ref = { kind: 'Deployment', namespace: 'shop', name: 'web' };
  const at = { start: 0, end: 1 };
  const [first] = object.spec.template.spec.containers;
  const own = { at, modelAt: at, versionAt: at, type: 'tfserving', model: 'resnet', version, modelPath };
  const service = { ...own, container: first?.name ?? '' };
  return {
    object: ref,
    findings: [],
    naming: [],
    ...(!mappingsOnly && {
      identity: { type: own.type, model: own.model, version, environment, key: CONFIG, text, places: { version: at } },
    }),
    intent: {
      object: ref,
      key: CONFIG,
      text,
      environment,
      area,
      domain: '',
      mappings: [],
      ports: [],
      ...(!mappingsOnly && { service: { ...service, hosts: [], timeout: 0, split: [], mirror: [], upgrade } }),
    },
  };
}

export function decideOn(request: AdmissionRequest): AdmissionDecision {
  const read = (object: Deployment): Reading => readingOf(object, request.settings);
  return decide(request, 'enforce', isAnnotated(request.object) ? read(request.object) : undefined, read);
}

export function requestOf(object: Deployment, old: Deployment | undefined, settings: Settings): AdmissionRequest {
  const request = { object, settings, namespaces: new Map() };
  return old ? { ...request, operation: 'UPDATE', oldObject: old } : { ...request, operation: 'CREATE' };
}

export const settings = (environment: Settings['environment'], area: string): Settings => ({
  ...defaultSettings,
  environment,
  area,
});

/** `kubectl apply` on the client: what the last manifest had and the new one has not goes, all else of the live stays. */
export function mergeClientSide(live: Deployment, last: Manifest, next: Manifest): Deployment {
  const desired = objectOf(next);
  const annotations = { ...live.metadata.annotations };
  if (last.config && !next.config) Reflect.deleteProperty(annotations, CONFIG);
  Object.assign(annotations, desired.metadata.annotations);
  const containers = desired.spec.template.spec.containers.map(container => {
    const now = live.spec.template.spec.containers.find(({ name }) => name === container.name);
    const before = last.containers.find(({ name }) => name === container.name);
    return { ...container, env: mergeEnv(now?.env ?? [], before?.env ?? [], container.env ?? []) };
  });
  return withTemplate(live, annotations, containers);
}

export function mergeEnv(live: readonly EnvVar[], last: readonly EnvVar[], next: readonly EnvVar[]): EnvVar[] {
  const wanted = new Map(next.map(entry => [entry.name, entry]));
  const gone = new Set(last.map(({ name }) => name).filter(name => !wanted.has(name)));
  const kept = live.filter(({ name }) => !gone.has(name)).map(entry => wanted.get(entry.name) ?? entry);
  return [...kept, ...next.filter(({ name }) => !live.some(entry => entry.name === name))];
}

export function withTemplate(
  live: Deployment,
  annotations: Readonly<Record<string, string>>,
  containers: readonly Container[],
): Deployment {
  const { template } = live.spec;
  return asStored({
    ...live,
    metadata: { ...live.metadata, annotations },
    spec: { ...live.spec, template: { ...template, spec: { ...template.spec, containers } } },
  });
}

export function recordOf(object: Deployment): Readonly<Record<string, readonly string[]>> {
  return JSON.parse(object.metadata.annotations?.[INJECTED] ?? '{}') as Record<string, string[]>;
}
