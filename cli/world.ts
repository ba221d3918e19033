import type { Deployment } from '../shared/deployment.ts';
import { fieldPath } from '../shared/findings/format.ts';
import type { ObjectRef } from '../shared/findings/finding.ts';
import type { Settings } from '../shared/settings.ts';
import type { ExistingObject, Namespace, Snapshot } from '../shared/snapshot.ts';
import { shapeMistakes } from './deployment-shape.ts';
import { Failure } from './failure.ts';
import type { Manifest } from './manifests.ts';

/** The files' world: what the core is asked about, and the way back from an object to where it was written. */
export interface World {
  readonly snapshot: Snapshot;
  /** Undefined for an object that is in none of the files. */
  manifestOf(object: ObjectRef): Manifest | undefined;
  /** Position of an object among those of the files; behind all of them for others. */
  orderOf(object: ObjectRef): number;
}

const KINDS: Readonly<Record<string, keyof typeof shapeMistakes | undefined>> = {
  'apps/v1 Deployment': 'Deployment',
  'v1 Namespace': 'Namespace',
  'v1 Service': 'Service',
};

const OURS = /^(?:waymark\.dev\/|getambassador\.io\/config$)/;

/**
 * Annotated Deployments, Namespaces for their settings, Services as existing; everything else is ignored. An object
 * without a namespace is in `namespace`. Throws a Failure for an object that the API server could not read, and for
 * one that is there twice.
 */
export function worldOf(manifests: readonly Manifest[], settings: Settings, namespace: string): World {
  const deployments: Deployment[] = [];
  const namespaces = new Map<string, Namespace>();
  const existing: ExistingObject[] = [];
  const origins = new Map<string, Manifest>();
  const mistakes: string[] = [];

  for (const manifest of manifests) {
    const kind = KINDS[`${manifest.value.apiVersion} ${manifest.value.kind}`];
    if (kind === undefined) continue;
    const value = withoutNulls(manifest.value);
    if (kind === 'Deployment' && !isAnnotated(value)) continue;

    const wrong = shapeMistakes[kind](value);
    mistakes.push(
      ...wrong.map(({ path, message }) => at(manifest, path, `${kind}: \`${fieldPath(path)}\` ${message}`)),
    );
    if (wrong.length > 0) continue;

    const object = kind === 'Namespace' ? value : inNamespace(value, namespace);
    const ref = refOf(kind, object);
    const other = origins.get(keyOf(ref));
    if (other !== undefined) {
      const first = at(other, ['metadata', 'name'], '').slice(0, -2);
      mistakes.push(
        at(manifest, ['metadata', 'name'], `${kind} ${ref.name} must be there once, but is also at ${first}`),
      );
      continue;
    }
    origins.set(keyOf(ref), manifest);
    if (kind === 'Deployment') deployments.push(object as unknown as Deployment);
    else if (kind === 'Namespace') namespaces.set(ref.name, object as unknown as Namespace);
    else existing.push(object as unknown as ExistingObject);
  }

  if (mistakes.length > 0) throw new Failure(mistakes.join('\n'));
  const orders = new Map([...origins.keys()].map((key, order) => [key, order]));
  return {
    snapshot: { settings, now: 0, deployments, namespaces, existing, istio: true },
    manifestOf: object => origins.get(keyOf(object)),
    orderOf: object => orders.get(keyOf(object)) ?? orders.size,
  };
}

type Json = Readonly<Record<string, unknown>>;

function isAnnotated({ metadata }: Json): boolean {
  const annotations = (metadata as Json | undefined)?.['annotations'];
  return (
    typeof annotations === 'object' && annotations !== null && Object.keys(annotations).some(key => OURS.test(key))
  );
}

/** The API server takes an empty field for one that is not there. */
function withoutNulls(value: Json): Json {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== null)
      .map(([key, entry]) => [key, cleaned(entry)]),
  );
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  return typeof value === 'object' && value !== null ? withoutNulls(value as Json) : value;
}

function inNamespace(value: Json, namespace: string): Json {
  const { name, ...metadata } = value['metadata'] as Json;
  return { ...value, metadata: { name, namespace, ...metadata } };
}

function refOf(kind: string, value: Json): ObjectRef {
  const { name, namespace } = value['metadata'] as { name: string; namespace?: string };
  return { kind, namespace: namespace ?? '', name };
}

function keyOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind}/${namespace}/${name}`;
}

function at(manifest: Manifest, path: readonly (string | number)[], message: string): string {
  const { file, start } = manifest.placeOf({ in: 'field', path });
  return `${file}:${start.line}:${start.column}: ${message}`;
}
