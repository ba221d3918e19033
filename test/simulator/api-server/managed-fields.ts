import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../../kube/types.ts';
import { differencesOf } from './differences.ts';
import { freeMapsOf, isUnder, keyStep, leavesOf, pathsOf, prefixesOf, stepsOf, treeOf } from './field-sets.ts';
import type { Fields, Path } from './field-sets.ts';
import { isMap, leaveOut } from './json.ts';
import type { Json, JsonMap } from './json.ts';
import { ANY } from './shape.ts';
import type { Shape } from './shape.ts';

/** Who owns which field: server-side apply and what every other write does to it (structured-merge-diff). */

export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: Fields;
  readonly subresource?: string;
}

/** Who writes. */
export interface Writer {
  readonly manager: string;
  readonly subresource?: string | undefined;
}

/** A field that somebody else owns and has set to another value. */
export interface Conflict {
  readonly manager: string;
  /** Such as `.spec.ports[port=80,protocol="TCP"].name`. */
  readonly field: string;
}

export type Applied = { readonly object: KubeObject } | { readonly conflicts: readonly Conflict[] };

type Sets = readonly { readonly entry: ManagedFields; readonly paths: ReadonlySet<Path> }[];

export function managedFieldsOf(object: KubeObject | undefined): readonly ManagedFields[] {
  return (object?.metadata['managedFields'] ?? []) as readonly ManagedFields[];
}

export function withManagedFields(object: KubeObject, managedFields: readonly ManagedFields[]): KubeObject {
  const metadata = leaveOut(object.metadata, 'managedFields') as KubeObject['metadata'];
  return { ...object, metadata: { ...metadata, ...(managedFields.length > 0 && { managedFields }) } };
}

/** `after` as it is to be stored, after a write that was no apply. */
export function updateAs(writer: Writer, before: KubeObject | undefined, after: KubeObject, shape: Shape): KubeObject {
  const { changed, removed } = compare(before, after, shape, writer.subresource);
  const sets = setsOf(before);
  const mine = sets.find(({ entry }) => isEntryOf(entry, writer, 'Update'));
  const owned = mine?.paths;
  if (sets.length === 1 && owned !== undefined && removed.size === 0 && [...changed].every(path => owned.has(path))) {
    // Who renews what is his alone, such as a Lease, leaves everything as it is.
    return withManagedFields(after, managedFieldsOf(before));
  }
  const others = sets.filter(one => one !== mine).map(one => ({ ...one, paths: minus(one.paths, changed, removed) }));
  const made = minus(freeMapsOf(after), freeMapsOf(before));
  const paths = union(minus(mine?.paths ?? new Set(), removed), changed, made);
  const entry = mine?.entry ?? newEntry(writer, 'Update', after);
  return withManagedFields(after, entriesOf([...others, { entry, paths }]));
}

/**
 * What an apply makes of an object: the applied fields over the live ones, without those that the manager applied
 * before, applies no more, and shares with nobody. `complete` fills in defaults.
 */
export function applyAs(
  writer: Writer,
  live: KubeObject | undefined,
  applied: KubeObject,
  options: { readonly force: boolean; readonly shape: Shape; readonly complete: (object: KubeObject) => KubeObject },
): Applied {
  const { shape } = options;
  const wanted = new Set(leavesOf(applied, shape).keys());
  const sets = setsOf(live);
  const mine = sets.find(({ entry }) => isEntryOf(entry, writer, 'Apply'));
  const others = sets.filter(one => one !== mine);

  const base = live ?? { ...applied, metadata: addressOf(applied) };
  const merged = merge(base, applied, shape) as KubeObject;
  const pruned = prune(merged, mine?.paths ?? new Set(), wanted, others);
  const object = options.complete(pruned);

  const { changed, removed } = compare(live, object, shape, writer.subresource);
  const taken = others.flatMap(({ entry, paths }) =>
    [...paths].filter(path => changed.has(path) && wanted.has(path)).map(path => ({ entry, path })),
  );
  if (taken.length > 0 && !options.force) {
    return { conflicts: taken.map(({ entry, path }) => ({ manager: entry.manager, field: fieldText(path) })) };
  }
  const left = others.map(one => ({ ...one, paths: minus(one.paths, changed, removed) }));
  // Of the version that is applied now, whichever it was before.
  const entry = { ...newEntry(writer, 'Apply', applied), ...(mine && { ...mine.entry, ...versionOf(applied) }) };
  return { object: withManagedFields(object, entriesOf([...left, { entry, paths: wanted }])) };
}

/** Trees are never changed once they are made. */
const known = new WeakMap<Fields, ReadonlySet<Path>>();

function setsOf(object: KubeObject | undefined): Sets {
  return managedFieldsOf(object).map(entry => ({ entry, paths: knownPathsOf(entry.fieldsV1) }));
}

function knownPathsOf(fields: Fields): ReadonlySet<Path> {
  const paths = known.get(fields) ?? pathsOf(fields);
  known.set(fields, paths);
  return paths;
}

function entriesOf(sets: Sets): readonly ManagedFields[] {
  return sets.filter(({ paths }) => paths.size > 0).map(({ entry, paths }) => entryOf(entry, paths));
}

function entryOf(entry: ManagedFields, paths: ReadonlySet<Path>): ManagedFields {
  if (known.get(entry.fieldsV1) === paths) return entry;
  const fieldsV1 = treeOf(paths);
  known.set(fieldsV1, paths);
  return { ...entry, fieldsV1 };
}

function newEntry(writer: Writer, operation: ManagedFields['operation'], object: KubeObject): ManagedFields {
  const { manager, subresource } = writer;
  return {
    manager,
    operation,
    ...versionOf(object),
    fieldsType: 'FieldsV1',
    fieldsV1: {},
    ...(subresource !== undefined && { subresource }),
  };
}

function versionOf({ apiVersion = '' }: KubeObject): { readonly apiVersion: string } {
  return { apiVersion };
}

function isEntryOf(entry: ManagedFields, writer: Writer, operation: ManagedFields['operation']): boolean {
  return entry.manager === writer.manager && entry.operation === operation && entry.subresource === writer.subresource;
}

function addressOf({ metadata: { name, namespace } }: KubeObject): KubeObject['metadata'] {
  return namespace === undefined ? { name } : { name, namespace };
}

/** The very same set where nothing comes to it. */
function union(paths: ReadonlySet<Path>, ...more: readonly ReadonlySet<Path>[]): ReadonlySet<Path> {
  const all = new Set([...paths, ...more.flatMap(set => [...set])]);
  return all.size === paths.size ? paths : all;
}

/** The very same set where nothing is taken. */
function minus(paths: ReadonlySet<Path>, ...taken: readonly ReadonlySet<Path>[]): ReadonlySet<Path> {
  const rest = [...paths].filter(path => !taken.some(set => set.has(path)));
  return rest.length === paths.size ? paths : new Set(rest);
}

function compare(
  before: KubeObject | undefined,
  after: KubeObject,
  shape: Shape,
  subresource: string | undefined,
): { readonly changed: ReadonlySet<Path>; readonly removed: ReadonlySet<Path> } {
  const { changed, removed } = differencesOf(before, after, shape);
  // A status that a new object begins with is nobody's.
  for (const path of changed) if (isStatus(path) !== (subresource === 'status')) changed.delete(path);
  return { changed, removed };
}

const STATUS: Path = 'f:status';

function isStatus(path: Path): boolean {
  return path === STATUS || isUnder(path, STATUS);
}

/** The applied value over the live one. */
function merge(live: Json, applied: Json, shape: Shape): Json {
  if (shape.atomic === true || live === undefined || live === null) return applied;
  if (Array.isArray(live) && Array.isArray(applied)) {
    if (shape.keys !== undefined) {
      const { keys, item = ANY } = shape;
      return mergeLists(
        live,
        applied,
        one => keyStep(one, keys),
        (old, next) => merge(old, next, item),
      );
    }
    return shape.set === true ? mergeLists(live, applied, String, (_, next) => next) : applied;
  }
  if (!isMap(live) || !isMap(applied)) return applied;
  const merged: Record<string, Json> = { ...live };
  for (const [name, value] of Object.entries(applied)) {
    merged[name] = merge(live[name], value, shape.fields?.[name] ?? ANY);
  }
  return merged;
}

/** Applied items in their own order; those that only the live list has keep their places among them. */
function mergeLists(
  live: readonly Json[],
  applied: readonly Json[],
  keyOf: (item: Json) => string,
  mergeItems: (live: Json, applied: Json) => Json,
): readonly Json[] {
  const liveByKey = new Map(live.map(item => [keyOf(item), item]));
  const appliedKeys = new Set(applied.map(keyOf));
  const done = new Set<string>();
  const merged: Json[] = [];
  const rest = [...live];
  for (const item of applied) {
    while (rest.length > 0 && (!appliedKeys.has(keyOf(rest[0])) || done.has(keyOf(rest[0])))) {
      const kept = rest.shift();
      if (!appliedKeys.has(keyOf(kept))) merged.push(kept);
    }
    const key = keyOf(item);
    if (rest.length > 0 && keyOf(rest[0]) === key) rest.shift();
    merged.push(liveByKey.has(key) ? mergeItems(liveByKey.get(key), item) : item);
    done.add(key);
  }
  return [...merged, ...rest.filter(item => !appliedKeys.has(keyOf(item)))];
}

/** Takes out what was applied before, and is not now, unless somebody else owns it or something in it. */
function prune(object: KubeObject, before: ReadonlySet<Path>, now: ReadonlySet<Path>, others: Sets): KubeObject {
  const kept = withAncestors(now);
  const owned = others.map(({ paths }) => withAncestors(paths));
  const gone = [...withAncestors(before)].filter(path => !kept.has(path) && !owned.some(paths => paths.has(path)));
  if (gone.length === 0) return object;
  const outermost = gone.filter(path => !gone.some(other => isUnder(path, other)));
  let pruned: Json = object;
  for (const path of outermost) pruned = without(pruned, stepsOf(path));
  return pruned as KubeObject;
}

function withAncestors(paths: Iterable<Path>): Set<Path> {
  const all = new Set<Path>();
  for (const path of paths) for (const prefix of prefixesOf(path)) all.add(prefix);
  return all;
}

function without(value: Json, [step = '', ...rest]: readonly string[]): Json {
  if (Array.isArray(value)) {
    const list = value as readonly Json[];
    if (rest.length === 0) return list.filter(item => !isItem(item, step));
    return list.map(item => (isItem(item, step) ? without(item, rest) : item));
  }
  if (!isMap(value)) return value;
  const name = step.slice(2);
  if (!Object.hasOwn(value, name)) return value;
  if (rest.length > 0) return { ...value, [name]: without(value[name], rest) };
  return Object.fromEntries(Object.entries(value).filter(([field]) => field !== name));
}

function isItem(item: Json, step: string): boolean {
  const wanted = JSON.parse(step.slice(2)) as Json;
  if (step.startsWith('v:') || !isMap(wanted)) return isDeepStrictEqual(item, wanted);
  // A key that is not written has its default, which is what the step says.
  return isMap(item) && Object.entries(wanted).every(([name, value]) => (item[name] ?? value) === value);
}

function fieldText(path: Path): string {
  const text = stepsOf(path).map(step => {
    if (step.startsWith('f:')) return `.${step.slice(2)}`;
    if (step.startsWith('v:')) return `[=${step.slice(2)}]`;
    const key = JSON.parse(step.slice(2)) as JsonMap;
    return `[${Object.entries(key)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(',')}]`;
  });
  return text.join('');
}
