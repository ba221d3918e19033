import type { Deployment } from '../shared/deployment.ts';
import type { Finding, ObjectRef } from '../shared/findings/finding.ts';
import { fieldPath } from '../shared/findings/format.ts';
import type { Host } from '../shared/host.ts';
import type { Settings } from '../shared/settings.ts';
import type { ExistingObject, Namespace, Snapshot } from '../shared/snapshot.ts';
import { collide } from './collide.ts';
import { shapeMistakes } from './manifest-shape.ts';
import { enforced } from './enforced.ts';
import { Failure } from './failure.ts';
import { fileFacts } from './file-facts.ts';
import type { ServiceManifest } from './file-facts.ts';
import type { Manifest } from './manifests.ts';

/** The files' world: what the core is asked about, and the way back from an object to where it was written. */
export interface World {
  readonly snapshot: Snapshot;
  /** Versions that have the name of an earlier one: as the cluster would, they are refused beside it. */
  readonly collisions: readonly Collision[];
  /** Undefined for an object that is in none of the files. */
  manifestOf(object: ObjectRef): Manifest | undefined;
  /** Position in the files; without a manifest behind all of them. */
  orderOf(manifest: Manifest | undefined): number;
}

export interface Collision {
  readonly deployment: Deployment;
  readonly manifest: Manifest;
  readonly findings: readonly Finding[];
}

const KINDS: Readonly<Record<string, keyof typeof shapeMistakes | undefined>> = {
  'apps/v1 Deployment': 'Deployment',
  'v1 Namespace': 'Namespace',
  'v1 Service': 'Service',
  'waymark.dev/v1 Host': 'Host',
};

/** Of these there is one in the cluster, and not one in a namespace. */
const CLUSTER_SCOPED: ReadonlySet<string> = new Set(['Namespace', 'Host']);

const OURS = /^(?:waymark\.dev\/|getambassador\.io\/config$)/;

/**
 * Annotated Deployments, Namespaces for their settings, Services and Hosts as existing; everything else is ignored. An
 * object without a namespace is in `namespace`. Throws a Failure for an object that the API server could not read, and for
 * one that is there twice, unless these are two versions.
 */
export function worldOf(manifests: readonly Manifest[], settings: Settings, namespace: string): World {
  const deployments: Deployment[] = [];
  const namespaces = new Map<string, Namespace>();
  const services: (ExistingObject & ServiceManifest)[] = [];
  const hosts: Host[] = [];
  const origins = new Map<string, Manifest>();
  const orders = new Map(manifests.map((manifest, order) => [manifest, order]));
  const mistakes: string[] = [];
  const again: { manifest: Manifest; ref: ObjectRef; object: Json }[] = [];

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

    const object = CLUSTER_SCOPED.has(kind) ? value : inNamespace(value, namespace);
    const ref = refOf(kind, object);
    if (origins.has(keyOf(ref))) {
      again.push({ manifest, ref, object });
      continue;
    }
    origins.set(keyOf(ref), manifest);
    if (kind === 'Deployment') deployments.push(object as unknown as Deployment);
    else if (kind === 'Namespace') namespaces.set(ref.name, object as unknown as Namespace);
    else if (kind === 'Host') hosts.push(object as unknown as Host);
    else services.push(object as unknown as ExistingObject & ServiceManifest);
  }

  const manifestOf = (object: ObjectRef) => origins.get(keyOf(object));
  const context = enforced({ settings, namespaces });
  const collisions = again.flatMap(({ manifest, ref, object }): readonly Collision[] => {
    const deployment = object as unknown as Deployment;
    const first = deployments.find(
      ({ metadata }) => metadata.name === ref.name && metadata.namespace === ref.namespace,
    );
    const findings = ref.kind === 'Deployment' && first ? collide(first, deployment, context) : [];
    if (findings.length > 0) return [{ deployment, manifest, findings }];
    const place = manifestOf(ref) ?? manifest;
    const earlier = at(place, ['metadata', 'name'], '').slice(0, -2);
    mistakes.push(
      at(manifest, ['metadata', 'name'], `${ref.kind} ${ref.name} must be there once, but is also at ${earlier}`),
    );
    return [];
  });

  if (mistakes.length > 0) throw new Failure(mistakes.join('\n'));
  return {
    snapshot: {
      settings,
      now: 0,
      deployments,
      namespaces,
      existing: services,
      istio: true,
      facts: fileFacts(hosts, services),
    },
    collisions,
    manifestOf,
    orderOf: manifest => (manifest && orders.get(manifest)) ?? manifests.length,
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
  const { name, namespace = '' } = value['metadata'] as { name: string; namespace?: string };
  return { kind, namespace: CLUSTER_SCOPED.has(kind) ? '' : namespace, name };
}

function keyOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind}/${namespace}/${name}`;
}

function at(manifest: Manifest, path: readonly (string | number)[], message: string): string {
  const { file, start } = manifest.placeOf({ in: 'field', path });
  return `${file}:${start.line}:${start.column}: ${message}`;
}
