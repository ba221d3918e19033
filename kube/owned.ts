import type { KubeObject } from './types.ts';

/**
 * A set of fields as `metadata.managedFields` writes it (FieldsV1). Steps are `f:<name>` for a field, `k:<json>` for the
 * list item with these key fields, `v:<json>` for a value of a set, and `.` for the node itself. No steps = the node is
 * owned whole.
 */
interface Fields {
  readonly [step: string]: Fields;
}

interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly fieldsV1?: Fields;
}

/**
 * The part of an object that a field manager owns by server-side apply: what it applied last, unless somebody changed
 * it since. Comparable by deep equality with `ownablePart` of what would be applied now. `undefined` = it owns nothing.
 */
export function ownedPart(object: KubeObject, manager: string): unknown {
  const entries = (object.metadata['managedFields'] ?? []) as readonly ManagedFieldsEntry[];
  // One manager has one Apply entry, whatever versions of the API it used over time.
  const entry = entries.find(
    ({ manager: name, operation, subresource = '' }) => name === manager && operation === 'Apply' && subresource === '',
  );
  return entry?.fieldsV1 === undefined ? undefined : markShared(project(object, entry.fieldsV1), object['spec']);
}

/** Lists of `spec` that server-side apply merges by key, in the kinds that we build. We mean each of them whole. */
const KEYED_LISTS = ['ports'] as const;

/** Ends a keyed list of ours that holds other items too. It equals nothing that would be applied. */
const FOREIGN_ITEMS: Readonly<Record<string, unknown>> = Object.freeze({ [Symbol('foreign')]: true });

/** Counts against the live lists, since of a list in which nothing is ours any more the manager has no record left. */
function markShared(owned: unknown, spec: unknown): unknown {
  if (!isMap(owned) || !isMap(owned['spec']) || !isMap(spec)) return owned;
  const ours = owned['spec'];
  const shared = KEYED_LISTS.filter(name => itemsOf(spec[name]).length > itemsOf(ours[name]).length);
  if (shared.length === 0) return owned;
  const marked = shared.map(name => [name, [...itemsOf(ours[name]), FOREIGN_ITEMS]] as const);
  return { ...owned, spec: { ...ours, ...Object.fromEntries(marked) } };
}

function itemsOf(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list : [];
}

/**
 * Names of the fields of `spec` whose lists hold somebody else's items beside ours: an apply, also a forced one, does
 * not take those out, and may be refused because of them.
 */
export function sharedLists(owned: unknown): readonly string[] {
  const spec = isMap(owned) ? owned['spec'] : undefined;
  if (!isMap(spec)) return [];
  return KEYED_LISTS.filter(name => itemsOf(spec[name]).includes(FOREIGN_ITEMS));
}

/** An object without what is never recorded as owned: its kind and its address. */
export function ownablePart(object: KubeObject): unknown {
  const metadata = without(object.metadata, ['name', 'namespace', 'uid', 'resourceVersion']);
  const content = without(object, ['apiVersion', 'kind', 'metadata']);
  return Object.keys(metadata).length === 0 ? content : { ...content, metadata };
}

function without(map: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).filter(([name]) => !names.includes(name)));
}

function project(value: unknown, fields: Fields): unknown {
  const steps = Object.keys(fields).filter(step => step !== '.');
  if (steps.length === 0) return value;
  if (Array.isArray(value)) return projectList(value, steps, fields);
  if (!isMap(value)) return value;
  const owned: Record<string, unknown> = {};
  for (const step of steps) {
    const name = step.slice(2);
    // What was owned and is gone by now is not owned any more, and must not come back as `undefined`.
    if (step.startsWith('f:') && Object.hasOwn(value, name)) owned[name] = project(value[name], fields[step] ?? {});
  }
  return owned;
}

/** In the list's own order: an apply puts its items into the order in which it names them. */
function projectList(list: readonly unknown[], steps: readonly string[], fields: Fields): unknown[] {
  const keys = steps.filter(step => step.startsWith('k:')).map(step => ({ step, key: parse(step) }));
  const values = steps.filter(step => step.startsWith('v:')).map(parse);
  const owned = list.flatMap(item => {
    const found = keys.find(({ key }) => hasKey(item, key));
    if (found !== undefined) return [project(item, fields[found.step] ?? {})];
    return values.includes(item) ? [item] : [];
  });
  // It is kept for as long as the object, and as it grew it has room for sixteen more.
  return owned.slice();
}

function hasKey(item: unknown, key: unknown): boolean {
  return isMap(item) && isMap(key) && Object.entries(key).every(([name, value]) => item[name] === value);
}

function parse(step: string): unknown {
  return JSON.parse(step.slice(2));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
