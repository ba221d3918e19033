import type { Deployment, EnvVar } from '../deployment.ts';
import { INJECTED, parseRecord } from './record.ts';
import type { InjectedRecord } from './record.ts';

/** Where `kubectl apply` keeps the last manifest that was applied on the client. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** What the manifests behind a Deployment say of our variables, as far as the Deployment itself tells. */
export interface AppliedManifests {
  /** Whether a manifest holds this entry as its own. */
  holds(container: string, entry: EnvVar): boolean;
  /**
   * Whether a manifest holds this entry and says itself, by the record in it, that it is ours: it was made from a stored
   * object (`kubectl get -o yaml`).
   */
  quotes(container: string, entry: EnvVar): boolean;
  /**
   * Whether an entry is what an apply at the server leaves of one of ours that a user had given another value: he owned
   * the value alone, and took it away.
   */
  isLeftOver(container: string, entry: EnvVar): boolean;
}

/**
 * Two clients leave word of what they apply. kubectl keeps the manifest; its server-side apply, and that of Helm, Argo CD
 * and Flux, leaves the fields with their manager. Fields of managers that update are not asked: who replaces an object
 * sends all of it.
 */
export function appliedManifests(object: Deployment): AppliedManifests {
  let read: LastApplied | undefined;
  const lastApplied = (): LastApplied => (read ??= readLastApplied(object));
  return {
    holds(container, entry) {
      const { entries, record } = lastApplied();
      const isQuoted = record?.get(container)?.has(entry.name) === true;
      return (!isQuoted && isIn(entries, container, entry)) || isManaged(object, container, entry.name, 'Apply');
    },
    quotes(container, entry) {
      const { entries, record } = lastApplied();
      return record?.get(container)?.has(entry.name) === true && isIn(entries, container, entry);
    },
    isLeftOver(container, { name, value = '', valueFrom }) {
      const isTold = listAt(object.metadata, 'managedFields').length > 0;
      return isTold && value === '' && valueFrom === undefined && !isManaged(object, container, name);
    },
  };
}

interface LastApplied {
  /** Container → its `env`. */
  readonly entries: ReadonlyMap<string, readonly EnvVar[]>;
  readonly record?: InjectedRecord | undefined;
}

const NOTHING: LastApplied = { entries: new Map<string, never>() };

/** The text is the user's: nothing in it can be relied on. */
function readLastApplied({ metadata }: Deployment): LastApplied {
  const text = metadata.annotations?.[LAST_APPLIED];
  // A manifest is long, and hardly ever names one of ours.
  if (text === undefined || !/"(?:KUBEFLOW|K8S)_/.test(text)) return NOTHING;
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch {
    return NOTHING;
  }
  const pod = at(manifest, ['spec', 'template', 'spec']);
  const entries = new Map<string, readonly EnvVar[]>();
  for (const container of [...listAt(pod, 'containers'), ...listAt(pod, 'initContainers')]) {
    const name = at(container, ['name']);
    if (typeof name === 'string') entries.set(name, listAt(container, 'env').filter(isEntry));
  }
  const record = at(manifest, ['metadata', 'annotations', INJECTED]);
  return { entries, record: typeof record === 'string' ? parseRecord(record) : undefined };
}

function isEntry(value: unknown): value is EnvVar {
  return typeof at(value, ['name']) === 'string';
}

/** A manifest may leave out of `valueFrom` what the API server fills in; two entries of ours never differ in it. */
function isIn(entries: LastApplied['entries'], container: string, { name, value = '', valueFrom }: EnvVar): boolean {
  const held = entries.get(container)?.find(entry => entry.name === name);
  if (!held || (held.valueFrom === undefined) !== (valueFrom === undefined)) return false;
  return (held.value ?? '') === value;
}

/** Whether a field manager has an entry, by this operation or by any. */
function isManaged({ metadata }: Deployment, container: string, name: string, operation?: 'Apply'): boolean {
  return listAt(metadata, 'managedFields').some(entry => {
    if (operation !== undefined && at(entry, ['operation']) !== operation) return false;
    const pod = at(entry, ['fieldsV1', 'f:spec', 'f:template', 'f:spec']);
    return ['f:containers', 'f:initContainers'].some(
      list => at(pod, [list, keyOf(container), 'f:env', keyOf(name)]) !== undefined,
    );
  });
}

/** A list item as managed fields name it. */
function keyOf(name: string): string {
  return `k:${JSON.stringify({ name })}`;
}

function listAt(value: unknown, field: string): readonly unknown[] {
  const list = at(value, [field]);
  return Array.isArray(list) ? list : [];
}

function at(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[step];
  }
  return found;
}
