import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fieldOf } from './environment.ts';
import type { Placement } from './environment.ts';
import { isMissing } from './objects.ts';
import type { ConfigMap, Missing, Pod, Secret, Sources, Volume } from './objects.ts';
import { resourceField } from './quantity.ts';
import type { TokenSource } from './tokens.ts';
import { writeVolume } from './volume-writer.ts';
import type { Payload } from './volume-writer.ts';

export interface VolumeInput {
  readonly pod: Pod;
  readonly placement: Placement;
  readonly sources: Sources;
  readonly tokens: TokenSource;
}

type File = readonly [path: string, { readonly content: Buffer; readonly mode: number }];
type KeyToPath = { readonly key: string; readonly path: string; readonly mode?: number };
type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number];
type DownwardItem = NonNullable<NonNullable<Volume['downwardAPI']>['items']>[number];

const DEFAULT_MODE = 0o644;

/**
 * Brings the volumes of a pod into `folder`, one folder each, and up to date when called again.
 * Returns the path of every volume, or the first thing that is missing.
 */
export async function writeVolumes(folder: string, input: VolumeInput): Promise<Map<string, string> | Missing> {
  const paths = new Map<string, string>();
  for (const volume of input.pod.spec.volumes ?? []) {
    const path = await writeOne(join(folder, volume.name), volume, input);
    if (typeof path === 'object') return path;
    paths.set(volume.name, path);
  }
  return paths;
}

async function writeOne(folder: string, volume: Volume, input: VolumeInput): Promise<string | Missing> {
  if (volume.emptyDir !== undefined) {
    await mkdir(folder, { recursive: true, mode: 0o777 });
    return folder;
  }
  if (volume.hostPath !== undefined) return volume.hostPath.path;
  const files = await filesOf(volume, input);
  if (isMissing(files)) return files;
  const payload: Payload = new Map(files);
  await writeVolume(folder, payload);
  return folder;
}

async function filesOf(volume: Volume, input: VolumeInput): Promise<File[] | Missing> {
  if (volume.secret !== undefined) {
    const { secretName = '', items, optional, defaultMode = DEFAULT_MODE } = volume.secret;
    return secretFiles({ name: secretName, items, optional }, defaultMode, input);
  }
  if (volume.configMap !== undefined) {
    const { defaultMode = DEFAULT_MODE } = volume.configMap;
    return configMapFiles(volume.configMap, defaultMode, input);
  }
  if (volume.downwardAPI !== undefined) {
    const { items = [], defaultMode = DEFAULT_MODE } = volume.downwardAPI;
    return downwardFiles(items, defaultMode, input);
  }
  if (volume.projected === undefined) return { missing: `unsupported kind of volume "${volume.name}"` };

  const { sources = [], defaultMode = DEFAULT_MODE } = volume.projected;
  const files: File[] = [];
  for (const source of sources) {
    const more = await projectedFiles(source, defaultMode, input);
    if (isMissing(more)) return more;
    files.push(...more);
  }
  return files;
}

async function projectedFiles(source: Projection, mode: number, input: VolumeInput): Promise<File[] | Missing> {
  if (source.secret !== undefined) return secretFiles(source.secret, mode, input);
  if (source.configMap !== undefined) return configMapFiles(source.configMap, mode, input);
  if (source.downwardAPI !== undefined) return downwardFiles(source.downwardAPI.items ?? [], mode, input);
  if (source.serviceAccountToken === undefined) {
    return { missing: `unsupported projection: ${Object.keys(source).join(', ')}` };
  }
  const { path, audience, expirationSeconds } = source.serviceAccountToken;
  const token = await input.tokens.token(input.pod, {
    ...(audience !== undefined && { audience }),
    ...(expirationSeconds !== undefined && { expirationSeconds }),
  });
  return typeof token === 'object' ? token : [[path, { content: Buffer.from(token), mode }]];
}

interface Reference {
  readonly name?: string | undefined;
  readonly items?: readonly KeyToPath[] | undefined;
  readonly optional?: boolean | undefined;
}

function secretFiles(reference: Reference, mode: number, { pod, sources }: VolumeInput): File[] | Missing {
  const secret = sources.secret(pod.metadata.namespace, reference.name ?? '');
  return keyedFiles('secret', reference, mode, secret && contentOfSecret(secret));
}

function configMapFiles(reference: Reference, mode: number, { pod, sources }: VolumeInput): File[] | Missing {
  const configMap = sources.configMap(pod.metadata.namespace, reference.name ?? '');
  return keyedFiles('configmap', reference, mode, configMap && contentOfConfigMap(configMap));
}

function contentOfSecret({ data = {} }: Secret): Map<string, Buffer> {
  return new Map(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64')]));
}

function contentOfConfigMap({ data = {}, binaryData = {} }: ConfigMap): Map<string, Buffer> {
  return new Map([
    ...Object.entries(data).map(([key, value]): [string, Buffer] => [key, Buffer.from(value)]),
    ...Object.entries(binaryData).map(([key, value]): [string, Buffer] => [key, Buffer.from(value, 'base64')]),
  ]);
}

function keyedFiles(
  kind: string,
  { name = '', items, optional = false }: Reference,
  mode: number,
  content: ReadonlyMap<string, Buffer> | undefined,
): File[] | Missing {
  if (content === undefined && !optional) return { missing: `${kind} "${name}" not found` };
  const wanted: readonly KeyToPath[] = items ?? [...(content?.keys() ?? [])].map(key => ({ key, path: key }));
  const files: File[] = [];
  for (const item of wanted) {
    const value = content?.get(item.key);
    if (value !== undefined) files.push([item.path, { content: value, mode: item.mode ?? mode }]);
    else if (!optional) return { missing: `${kind} "${name}" has no key "${item.key}"` };
  }
  return files;
}

function downwardFiles(items: readonly DownwardItem[], mode: number, input: VolumeInput): File[] | Missing {
  const files: File[] = [];
  for (const item of items) {
    const value = downwardValue(item, input);
    if (value === undefined) return { missing: `unsupported downwardAPI item "${item.path}"` };
    files.push([item.path, { content: Buffer.from(value), mode: item.mode ?? mode }]);
  }
  return files;
}

function downwardValue({ fieldRef, resourceFieldRef }: DownwardItem, { pod, placement }: VolumeInput) {
  if (fieldRef !== undefined) return fieldOf(fieldRef.fieldPath, pod, placement);
  if (resourceFieldRef === undefined) return undefined;
  const container = pod.spec.containers.find(({ name }) => name === resourceFieldRef.containerName);
  return container && resourceField(container, resourceFieldRef.resource, resourceFieldRef.divisor);
}
