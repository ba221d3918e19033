import { resourceField } from './quantity.ts';
import { isMissing } from './objects.ts';
import type { Container, Missing, Pod, Sources } from './objects.ts';

/** What is known of a pod only once it runs. */
export interface Placement {
  readonly nodeName: string;
  readonly nodeAddress: string;
  readonly podAddress: string;
}

export interface EnvironmentInput {
  readonly pod: Pod;
  readonly container: Container;
  readonly placement: Placement;
  readonly sources: Sources;
  /** Those that every container has; the container's own replace them. */
  readonly base: Readonly<Record<string, string>>;
}

/** The variables of a container as a kubelet makes them: `envFrom`, then `env` in order, `$(VAR)` expanded. */
export function environmentOf(input: EnvironmentInput): Record<string, string> | Missing {
  const { container, base } = input;
  const variables: Record<string, string> = {};

  for (const source of container.envFrom ?? []) {
    const values = valuesFrom(source, input);
    if (isMissing(values)) return values;
    for (const [name, value] of values.entries()) variables[(source.prefix ?? '') + name] = value;
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (valueFrom === undefined) {
      variables[name] = expand(value ?? '', { ...base, ...variables });
      continue;
    }
    const found = valueOf(valueFrom, input);
    if (typeof found === 'object') return found;
    if (found !== undefined) variables[name] = found;
  }
  return { ...base, ...variables };
}

/** `$(VAR)` becomes the variable's value, or stays when there is none; `$$` becomes `$`. */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$';
    return Object.hasOwn(variables, name) ? (variables[name] ?? '') : whole;
  });
}

/** The value that a `fieldRef` names; `undefined` = no such field. */
export function fieldOf(path: string, pod: Pod, placement: Placement): string | undefined {
  const { metadata, spec } = pod;
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (keyed !== null) {
    const [, map, key = ''] = keyed;
    return (map === 'labels' ? metadata.labels : metadata.annotations)?.[key] ?? '';
  }
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace;
    case 'metadata.uid':
      return metadata.uid;
    case 'metadata.labels':
      return lines(metadata.labels);
    case 'metadata.annotations':
      return lines(metadata.annotations);
    case 'spec.nodeName':
      return placement.nodeName;
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? 'default';
    case 'status.hostIP':
    case 'status.hostIPs':
      return placement.nodeAddress;
    case 'status.podIP':
    case 'status.podIPs':
      return placement.podAddress;
    default:
      return undefined;
  }
}

/** As files of a downwardAPI volume have it: one `key="value"` a line, sorted. */
function lines(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

type EnvFromSource = NonNullable<Container['envFrom']>[number];
type EnvVarSource = NonNullable<NonNullable<Container['env']>[number]['valueFrom']>;

function valuesFrom(source: EnvFromSource, { pod, sources }: EnvironmentInput): Map<string, string> | Missing {
  const { namespace } = pod.metadata;
  if (source.configMapRef !== undefined) {
    const { name = '', optional = false } = source.configMapRef;
    const found = sources.configMap(namespace, name);
    if (found === undefined && !optional) return { missing: `configmap "${name}" not found` };
    return new Map(Object.entries(found?.data ?? {}));
  }
  const { name = '', optional = false } = source.secretRef ?? {};
  const found = sources.secret(namespace, name);
  if (found === undefined && !optional) return { missing: `secret "${name}" not found` };
  return new Map(Object.entries(found?.data ?? {}).map(([key, value]) => [key, decode(value)]));
}

function valueOf(source: EnvVarSource, input: EnvironmentInput): string | undefined | Missing {
  const { pod, container, placement, sources } = input;
  const { namespace } = pod.metadata;
  if (source.fieldRef !== undefined) {
    const { fieldPath } = source.fieldRef;
    return fieldOf(fieldPath, pod, placement) ?? { missing: `unsupported fieldPath: ${fieldPath}` };
  }
  if (source.resourceFieldRef !== undefined) {
    const { resource, divisor } = source.resourceFieldRef;
    return resourceField(container, resource, divisor) ?? { missing: `unsupported container resource: ${resource}` };
  }
  if (source.configMapKeyRef !== undefined) {
    const { name = '', key, optional = false } = source.configMapKeyRef;
    const value = sources.configMap(namespace, name)?.data?.[key];
    return value === undefined && !optional ? { missing: `configmap "${name}" has no key "${key}"` } : value;
  }
  if (source.secretKeyRef !== undefined) {
    const { name = '', key, optional = false } = source.secretKeyRef;
    const value = sources.secret(namespace, name)?.data?.[key];
    if (value === undefined) return optional ? undefined : { missing: `secret "${name}" has no key "${key}"` };
    return decode(value);
  }
  return { missing: `unsupported variable source: ${Object.keys(source).join(', ')}` };
}

function decode(base64: unknown): string {
  return Buffer.from(String(base64), 'base64').toString('utf8');
}
