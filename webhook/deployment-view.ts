import type { Deployment } from '../shared/deployment.ts';

type Json = Readonly<Record<string, unknown>>;

/** What the API server fills in where the user left something out; its own validation comes after the mutating hook. */
export interface Defaults {
  readonly namespace: string;
  /** Empty where it has not made up the name yet (`generateName`). */
  readonly name: string;
}

/**
 * An object of a review as the core knows Deployments. What may still be missing while a Deployment is admitted is
 * filled in; every other field stays. Otherwise, as a clause, the first field that no API server would send like this.
 */
export function viewDeployment(object: unknown, where: string, defaults: Defaults): Deployment | string {
  const mistake = mistakeIn(object);
  if (mistake !== undefined) return `must hold \`${where}${mistake.path}\` as ${mistake.must}`;
  const given = object as Incoming;
  return isComplete(given) ? (object as Deployment) : completed(given, defaults);
}

interface Mistake {
  readonly path: string;
  readonly must: string;
}

function mistakeIn(object: unknown): Mistake | undefined {
  if (!isMap(object)) return { path: '', must: 'an object' };
  const { metadata, spec } = object;
  if (!isMap(metadata)) return { path: '.metadata', must: 'an object' };
  if (!isMap(spec)) return { path: '.spec', must: 'an object' };
  const { selector, template } = spec;
  if (selector !== null && !isAbsentOr(isMap, selector)) return { path: '.spec.selector', must: 'an object' };
  if (!isMap(template)) return { path: '.spec.template', must: 'an object' };
  const { metadata: podMetadata, spec: pod } = template;
  if (!isAbsentOr(isMap, podMetadata)) return { path: '.spec.template.metadata', must: 'an object' };
  if (!isMap(pod)) return { path: '.spec.template.spec', must: 'an object' };

  return (
    mistakeInMetadata(metadata, '.metadata') ??
    mistakeInMetadata((podMetadata ?? {}) as Json, '.spec.template.metadata') ??
    mistakeInMap(selector as Json | undefined | null, 'matchLabels', '.spec.selector') ??
    mistakeInContainers(pod, 'containers') ??
    mistakeInContainers(pod, 'initContainers')
  );
}

function mistakeInMetadata(metadata: Json, path: string): Mistake | undefined {
  for (const field of TEXT_FIELDS) {
    const value = metadata[field];
    // Go writes a time that is not set as `null`.
    if (field === 'creationTimestamp' && value === null) continue;
    if (!isAbsentOr(isText, value)) return { path: `${path}.${field}`, must: 'a string' };
  }
  return mistakeInMap(metadata, 'annotations', path) ?? mistakeInMap(metadata, 'labels', path);
}

const TEXT_FIELDS = ['name', 'namespace', 'uid', 'creationTimestamp'] as const;

function mistakeInMap(parent: Json | undefined | null, field: string, path: string): Mistake | undefined {
  const map = parent?.[field];
  if (map === undefined) return undefined;
  if (isMap(map) && Object.values(map).every(isText)) return undefined;
  return { path: `${path}.${field}`, must: 'a map of strings' };
}

function mistakeInContainers(pod: Json, field: 'containers' | 'initContainers'): Mistake | undefined {
  const path = `.spec.template.spec.${field}`;
  const list = pod[field];
  // Go writes a list that must not be left out, and was, as `null`.
  if (list === undefined || (field === 'containers' && list === null)) return undefined;
  if (!Array.isArray(list)) return { path, must: 'a list' };
  const wrong = list.findIndex(item => !isContainer(item));
  return wrong < 0 ? undefined : { path: `${path}[${wrong}]`, must: 'a container' };
}

function isContainer(value: unknown): boolean {
  return (
    isMap(value) &&
    isText(value['name']) &&
    isAbsentOr(isText, value['image']) &&
    isAbsentOr(isText, value['restartPolicy']) &&
    isListOf(isPort, value['ports']) &&
    isListOf(isVariable, value['env']) &&
    isAbsentOr(isResources, value['resources'])
  );
}

function isPort(value: unknown): boolean {
  return (
    isMap(value) &&
    typeof value['containerPort'] === 'number' &&
    isAbsentOr(isText, value['name']) &&
    isAbsentOr(isText, value['protocol'])
  );
}

function isVariable(value: unknown): boolean {
  return isMap(value) && isText(value['name']) && isAbsentOr(isText, value['value']);
}

function isResources(value: unknown): boolean {
  return isMap(value) && isAbsentOr(isMap, value['requests']) && isAbsentOr(isMap, value['limits']);
}

function isListOf(isItem: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every(isItem));
}

function isAbsentOr(is: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || is(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What may be missing of a Deployment that has no other mistake. */
interface Incoming {
  readonly metadata: { readonly name?: string | null; readonly namespace?: string | null };
  readonly spec: {
    readonly selector?: Json | null;
    readonly template: { readonly spec: { readonly containers?: readonly unknown[] | null } };
  };
}

function isComplete({ metadata, spec }: Incoming): boolean {
  return isText(metadata.name) && isText(metadata.namespace) && isMap(spec.selector) && !!spec.template.spec.containers;
}

function completed(object: Incoming, defaults: Defaults): Deployment {
  const { metadata, spec } = object;
  const { template } = spec;
  const pod = { ...template.spec, containers: template.spec.containers ?? [] };
  return {
    ...object,
    metadata: {
      ...metadata,
      name: metadata.name ?? defaults.name,
      namespace: metadata.namespace ?? defaults.namespace,
    },
    spec: { ...spec, selector: spec.selector ?? {}, template: { ...template, spec: pod } },
  } as Deployment;
}
