import { isMap } from './json.ts';
import type { Json } from './json.ts';
import { ANY } from './shape.ts';
import type { Shape } from './shape.ts';

/**
 * Sets of fields as `metadata.managedFields` has them. A path is its steps (`f:<name>`, `k:<key as JSON>`,
 * `v:<value as JSON>`), joined; a set is the paths of what is owned as a whole, and of the items of keyed lists.
 */
export type Fields = { [step: string]: Fields };
export type Path = string;

const JOINT = '\0';

export function stepsOf(path: Path): string[] {
  return path.split(JOINT);
}

export function below(path: Path, step: string): Path {
  return path === '' ? step : path + JOINT + step;
}

/** The path, and all that it lies under. */
export function prefixesOf(path: Path): Path[] {
  const prefixes: Path[] = [];
  for (let end = path.indexOf(JOINT); end >= 0; end = path.indexOf(JOINT, end + 1)) prefixes.push(path.slice(0, end));
  return [...prefixes, path];
}

export function isUnder(path: Path, ancestor: Path): boolean {
  return path.startsWith(ancestor + JOINT);
}

/** What the API server itself owns, and the address of an object. */
export const UNMANAGED = new Set(['apiVersion', 'kind']);
const UNMANAGED_METADATA = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'managedFields',
]);

/** Every path of an object that can be owned → the value there; of an item of a keyed list that it is there. */
export function leavesOf(object: Json, shape: Shape): Map<Path, Json> {
  const leaves = new Map<Path, Json>();
  if (!isMap(object)) return leaves;
  for (const [name, value] of Object.entries(object)) {
    if (UNMANAGED.has(name)) continue;
    const kept = name === 'metadata' && isMap(value) ? managed(value) : value;
    if (name === 'metadata' && Object.keys(kept as object).length === 0) continue;
    collect(kept, shape.fields?.[name] ?? ANY, below('', `f:${name}`), leaves);
  }
  return leaves;
}

export function managed(metadata: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  const own: Record<string, Json> = {};
  for (const [name, value] of Object.entries(metadata)) if (!UNMANAGED_METADATA.has(name)) own[name] = value;
  return own;
}

export function collect(value: Json, shape: Shape, path: Path, leaves: Map<Path, Json>): void {
  if (shape.atomic === true) leaves.set(path, value);
  else if (Array.isArray(value)) collectList(value, shape, path, leaves);
  else if (!isMap(value) || Object.keys(value).length === 0) leaves.set(path, value);
  else {
    for (const [name, content] of Object.entries(value)) {
      collect(content, shape.fields?.[name] ?? ANY, below(path, `f:${name}`), leaves);
    }
  }
}

function collectList(list: readonly Json[], shape: Shape, path: Path, leaves: Map<Path, Json>): void {
  const { keys } = shape;
  if (keys !== undefined) {
    for (const item of list) {
      const itemPath = below(path, keyStep(item, keys));
      const itemShape = shape.item ?? ANY;
      if (itemShape.atomic !== true) leaves.set(itemPath, PRESENT);
      collect(item, itemShape, itemPath, leaves);
    }
  } else if (shape.set === true) {
    for (const item of list) leaves.set(below(path, `v:${JSON.stringify(item)}`), item);
  } else leaves.set(path, list);
}

const PRESENT = 'present';

/** Maps of any keys. Whoever makes one by an update owns it beside its entries. */
const FREE_MAPS = new Set(['f:data', 'f:labels', 'f:annotations']);

/** Those of an object that lie right under the object or its metadata. */
export function freeMapsOf(object: Json): Set<Path> {
  const paths = new Set<Path>();
  if (!isMap(object)) return paths;
  for (const name of Object.keys(object)) if (FREE_MAPS.has(`f:${name}`)) paths.add(`f:${name}`);
  for (const name of Object.keys(isMap(object['metadata']) ? object['metadata'] : {})) {
    if (FREE_MAPS.has(`f:${name}`)) paths.add(below('f:metadata', `f:${name}`));
  }
  return paths;
}

/** Whether some list names an item twice. */
export function hasTwins(value: Json, shape: Shape): boolean {
  if (Array.isArray(value)) {
    const { keys, item = ANY } = shape;
    if (keys === undefined) return false;
    const steps = value.map(one => keyStep(one, keys));
    return new Set(steps).size < steps.length || value.some(one => hasTwins(one, item));
  }
  return isMap(value) && Object.entries(value).some(([name, part]) => hasTwins(part, shape.fields?.[name] ?? ANY));
}

/** Keys in the order of their names, as the API server writes them. */
export function keyStep(item: Json, keys: NonNullable<Shape['keys']>): string {
  const map = isMap(item) ? item : {};
  const names = Object.keys(keys).sort();
  return `k:${JSON.stringify(Object.fromEntries(names.map(name => [name, map[name] ?? keys[name]])))}`;
}

export function pathsOf(fields: Fields): Set<Path> {
  const paths = new Set<Path>();
  addPaths(fields, '', paths);
  return paths;
}

function addPaths(fields: Fields, path: Path, paths: Set<Path>): void {
  for (const [step, content] of Object.entries(fields)) {
    if (step === '.') {
      paths.add(path);
      continue;
    }
    const here = below(path, step);
    if (Object.keys(content).length === 0) paths.add(here);
    else addPaths(content, here, paths);
  }
}

export function treeOf(paths: Iterable<Path>): Fields {
  const root: Fields = {};
  const owned = new Set<Fields>();
  // An ancestor comes before what lies under it.
  for (const path of [...paths].sort()) {
    let node = root;
    for (const step of stepsOf(path)) {
      // A leaf says by having nothing in it that it is owned; a node with more in it says so by a dot.
      if (owned.has(node)) node['.'] ??= {};
      node = node[step] ??= {};
    }
    owned.add(node);
  }
  return root;
}
