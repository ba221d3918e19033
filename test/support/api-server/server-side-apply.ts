import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../../kube/types.ts';

/**
 * Server-side apply as far as the kinds of our tests need it: maps are merged, a list is one value unless it is in
 * the table of keyed lists. Who owns what is recorded in `metadata.managedFields` as the real server does.
 */

type Json = unknown;
type Fields = { [step: string]: Fields };
interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: Fields;
}

/** Lists whose items are told apart by key fields; items of an atomic list type are one value. */
const KEYED_LISTS: Record<string, { readonly keys: readonly string[]; readonly atomic?: boolean }> = {
  'f:metadata/f:ownerReferences': { keys: ['uid'], atomic: true },
  'f:spec/f:ports': { keys: ['port', 'protocol'] },
  'f:webhooks': { keys: ['name'] },
};

/** Maps that are one value (`x-kubernetes-map-type: atomic`). */
const ATOMIC_MAPS = new Set(['f:spec/f:selector', 'f:spec/f:scaleTargetRef']);

/** What the server owns itself, and the address of the object. */
const NOT_MANAGED = new Set(['apiVersion', 'kind', 'status']);
const NOT_MANAGED_METADATA = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
]);

export type Applied = { readonly object: KubeObject } | { readonly conflicts: readonly string[] };

export function applyServerSide(
  live: KubeObject | undefined,
  applied: KubeObject,
  manager: string,
  force: boolean,
): Applied {
  const wanted = leavesOf(applied);
  const entries = (live?.metadata['managedFields'] ?? []) as readonly ManagedFields[];
  const mine = entries.find(entry => entry.manager === manager && entry.operation === 'Apply');
  const others = entries.filter(entry => entry !== mine);
  const current = live === undefined ? new Map<string, Json>() : leavesOf(live);

  const taken = [...wanted.keys()].filter(
    path =>
      current.has(path) &&
      !isDeepStrictEqual(current.get(path), wanted.get(path)) &&
      others.some(entry => pathsOf(entry.fieldsV1).has(path)),
  );
  if (taken.length > 0 && !force) return { conflicts: taken };

  const ownedByOthers = new Set(others.flatMap(entry => [...pathsOf(entry.fieldsV1)]));
  const given = [...(mine === undefined ? [] : pathsOf(mine.fieldsV1))].filter(
    path => !wanted.has(path) && !ownedByOthers.has(path),
  );
  // Not `structuredClone`: under jest its objects are of another realm, and so never deeply equal.
  const object = JSON.parse(JSON.stringify(live ?? { ...applied, metadata: address(applied) })) as KubeObject;
  for (const path of given) remove(object, path.split('/'));
  for (const [path, value] of wanted) set(object, path.split('/'), value);
  orderLists(object, applied, '');

  const managedFields: ManagedFields[] = [
    ...others
      .map(entry => ({
        ...entry,
        fieldsV1: treeOf([...pathsOf(entry.fieldsV1)].filter(path => !taken.includes(path))),
      }))
      .filter(entry => Object.keys(entry.fieldsV1).length > 0),
    {
      manager,
      operation: 'Apply',
      apiVersion: String(applied.apiVersion),
      fieldsType: 'FieldsV1',
      fieldsV1: treeOf([...wanted.keys()]),
    },
  ];
  return { object: { ...object, metadata: { ...object.metadata, managedFields } } };
}

/** A write by any other verb: what it changed is now its manager's. */
export function updateAs(manager: string, before: KubeObject | undefined, after: KubeObject): KubeObject {
  const old = before === undefined ? new Map<string, Json>() : leavesOf(before);
  const next = leavesOf(after);
  const changed = [...next.keys()].filter(path => !isDeepStrictEqual(old.get(path), next.get(path)));
  const entries = (before?.metadata['managedFields'] ?? []) as readonly ManagedFields[];
  const mine = entries.find(entry => entry.manager === manager && entry.operation === 'Update');
  const kept = (entry: ManagedFields) =>
    [...pathsOf(entry.fieldsV1)].filter(path => next.has(path) && !changed.includes(path));
  const managedFields = [
    ...entries.filter(entry => entry !== mine).map(entry => ({ ...entry, fieldsV1: treeOf(kept(entry)) })),
    {
      manager,
      operation: 'Update',
      apiVersion: after.apiVersion,
      fieldsType: 'FieldsV1',
      fieldsV1: treeOf([...(mine === undefined ? [] : kept(mine)), ...changed]),
    },
  ].filter(entry => Object.keys(entry.fieldsV1).length > 0);
  return { ...after, metadata: { ...after.metadata, managedFields } };
}

function address(object: KubeObject): KubeObject['metadata'] {
  const { name, namespace } = object.metadata;
  return namespace === undefined ? { name } : { name, namespace };
}

/** Path of every value that is owned as a whole → the value. */
function leavesOf(object: KubeObject): Map<string, Json> {
  const leaves = new Map<string, Json>();
  for (const [name, value] of Object.entries(object)) {
    if (NOT_MANAGED.has(name)) continue;
    if (name !== 'metadata') collect(value, `f:${name}`, leaves);
    else {
      for (const [field, content] of Object.entries(object.metadata)) {
        if (!NOT_MANAGED_METADATA.has(field)) collect(content, `f:metadata/f:${field}`, leaves);
      }
    }
  }
  return leaves;
}

function collect(value: Json, path: string, leaves: Map<string, Json>): void {
  const keyed = KEYED_LISTS[path];
  if (Array.isArray(value) && keyed !== undefined) {
    for (const item of value as Record<string, Json>[]) {
      const key = JSON.stringify(Object.fromEntries(keyed.keys.map(name => [name, item[name]])));
      if (keyed.atomic === true) leaves.set(`${path}/k:${escape(key)}`, item);
      else
        for (const [name, content] of Object.entries(item))
          collect(content, `${path}/k:${escape(key)}/f:${name}`, leaves);
    }
  } else if (isMap(value) && !ATOMIC_MAPS.has(path)) {
    for (const [name, content] of Object.entries(value)) collect(content, `${path}/f:${escape(name)}`, leaves);
  } else leaves.set(path, value);
}

function isMap(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const escape = (text: string) => text.replaceAll('~', '~0').replaceAll('/', '~1');
const unescape = (text: string) => text.replaceAll('~1', '/').replaceAll('~0', '~');

function set(target: Record<string, Json>, [step = '', ...rest]: readonly string[], value: Json): void {
  const name = unescape(step.slice(2));
  const below = rest[0];
  if (below === undefined) target[name] = value;
  else if (below.startsWith('k:')) {
    const list = (target[name] ??= []) as Record<string, Json>[];
    const key = JSON.parse(unescape(below.slice(2))) as Record<string, Json>;
    const index = list.findIndex(item => Object.entries(key).every(([field, content]) => item[field] === content));
    if (rest.length === 1) {
      if (index < 0) list.push(value as Record<string, Json>);
      else list[index] = value as Record<string, Json>;
    } else {
      const item = list[index] ?? { ...key };
      if (index < 0) list.push(item);
      set(item, rest.slice(1), value);
    }
  } else set((target[name] ??= {}) as Record<string, Json>, rest, value);
}

function remove(target: Record<string, Json>, [step = '', ...rest]: readonly string[]): void {
  const name = unescape(step.slice(2));
  const below = rest[0];
  if (below === undefined) Reflect.deleteProperty(target, name);
  else if (below.startsWith('k:')) {
    const list = (target[name] ?? []) as Record<string, Json>[];
    const key = JSON.parse(unescape(below.slice(2))) as Record<string, Json>;
    const index = list.findIndex(item => Object.entries(key).every(([field, content]) => item[field] === content));
    const item = list[index];
    if (item === undefined) return;
    // Key fields stay until nothing else is left, or the next path would not find its item.
    if (rest.length > 1 && !Object.hasOwn(key, (rest[1] ?? '').slice(2))) remove(item, rest.slice(1));
    if (rest.length === 1 || Object.keys(item).every(field => Object.hasOwn(key, field))) list.splice(index, 1);
  } else if (isMap(target[name])) {
    remove(target[name], rest);
    if (Object.keys(target[name]).length === 0) Reflect.deleteProperty(target, name);
  }
}

/** Items of a keyed list stand in the order in which they were applied. */
function orderLists(target: Record<string, Json>, applied: Record<string, Json>, at: string): void {
  for (const [name, value] of Object.entries(applied)) {
    const path = at === '' ? `f:${name}` : `${at}/f:${name}`;
    const keyed = KEYED_LISTS[path];
    const current = target[name];
    if (keyed !== undefined && Array.isArray(value) && Array.isArray(current)) {
      const keyOf = (item: Json) => JSON.stringify(keyed.keys.map(key => (item as Record<string, Json>)[key]));
      const order = new Map(value.map((item, index) => [keyOf(item), index]));
      const last = order.size;
      current.sort((a, b) => (order.get(keyOf(a)) ?? last) - (order.get(keyOf(b)) ?? last));
    } else if (isMap(value) && isMap(current)) orderLists(current, value, path);
  }
}

function pathsOf(fields: Fields): Set<string> {
  const paths = new Set<string>();
  const walk = (node: Fields, path: string) => {
    const steps = Object.keys(node).filter(step => step !== '.');
    if (steps.length === 0 && path !== '') paths.add(path);
    for (const step of steps) walk(node[step] ?? {}, path === '' ? escape(step) : `${path}/${escape(step)}`);
  };
  walk(fields, '');
  return paths;
}

function treeOf(paths: readonly string[]): Fields {
  const root: Fields = {};
  for (const path of [...paths].sort()) {
    let node = root;
    for (const step of path.split('/')) {
      if (step.startsWith('k:')) node['.'] ??= {};
      node = node[unescape(step)] ??= {};
    }
  }
  return root;
}
