import { isDeepStrictEqual } from 'node:util';
import { below, collect, keyStep, leavesOf, managed, UNMANAGED } from './field-sets.ts';
import type { Path } from './field-sets.ts';
import { isMap } from './json.ts';
import type { Json, JsonMap } from './json.ts';
import { ANY } from './shape.ts';
import type { Shape } from './shape.ts';

export interface Differences {
  /** Leaves that are new, or have another value. */
  readonly changed: Set<Path>;
  /** Leaves that are no more. */
  readonly removed: Set<Path>;
}

/**
 * What differs between the leaves (`leavesOf`) of two states of an object. Only what differs is taken apart to the end:
 * most writes change little.
 */
export function differencesOf(before: Json, after: Json, shape: Shape): Differences {
  const found: Differences = { changed: new Set(), removed: new Set() };
  if (!isMap(before) || !isMap(after)) {
    return { changed: new Set(leavesOf(after, shape).keys()), removed: new Set(leavesOf(before, shape).keys()) };
  }
  for (const name of namesOf(before, after)) {
    if (UNMANAGED.has(name)) continue;
    const path = below('', `f:${name}`);
    compare(partOf(before, name), partOf(after, name), shape.fields?.[name] ?? ANY, path, found);
  }
  return found;
}

function partOf(object: JsonMap, name: string): Json {
  const value = object[name];
  if (name !== 'metadata' || !isMap(value)) return value;
  const own = managed(value);
  return Object.keys(own).length === 0 ? undefined : own;
}

/** `undefined` = not there. */
function compare(before: Json, after: Json, shape: Shape, path: Path, found: Differences): void {
  if (before === after) return;
  if (shape.atomic !== true && isFullMap(before) && isFullMap(after)) {
    for (const name of namesOf(before, after)) {
      compare(before[name], after[name], shape.fields?.[name] ?? ANY, below(path, `f:${name}`), found);
    }
  } else if (!compareItems(before, after, shape, path, found)) compareLeaves(before, after, shape, path, found);
}

/** Items of keyed lists that name each of theirs once; answers with whether they are such. */
function compareItems(before: Json, after: Json, shape: Shape, path: Path, found: Differences): boolean {
  const { keys, item = ANY } = shape;
  if (keys === undefined || item.atomic === true || !Array.isArray(before) || !Array.isArray(after)) return false;
  const [old, next] = [itemsOf(before, keys), itemsOf(after, keys)];
  if (old === undefined || next === undefined) return false;
  for (const step of new Set([...old.keys(), ...next.keys()])) {
    const here = below(path, step);
    if (!old.has(step)) found.changed.add(here);
    if (!next.has(step)) found.removed.add(here);
    compare(old.get(step), next.get(step), item, here, found);
  }
  return true;
}

function itemsOf(list: readonly Json[], keys: NonNullable<Shape['keys']>): ReadonlyMap<string, JsonMap> | undefined {
  const items = new Map<string, JsonMap>();
  for (const item of list) if (isFullMap(item)) items.set(keyStep(item, keys), item);
  return items.size === list.length ? items : undefined;
}

function compareLeaves(before: Json, after: Json, shape: Shape, path: Path, found: Differences): void {
  const [old, next] = [leavesUnder(before, shape, path), leavesUnder(after, shape, path)];
  for (const [leaf, value] of next) if (!isDeepStrictEqual(old.get(leaf), value)) found.changed.add(leaf);
  for (const leaf of old.keys()) if (!next.has(leaf)) found.removed.add(leaf);
}

function leavesUnder(value: Json, shape: Shape, path: Path): Map<Path, Json> {
  const leaves = new Map<Path, Json>();
  if (value !== undefined) collect(value, shape, path, leaves);
  return leaves;
}

function isFullMap(value: Json): value is JsonMap {
  return isMap(value) && Object.keys(value).length > 0;
}

function namesOf(before: JsonMap, after: JsonMap): Iterable<string> {
  return new Set([...Object.keys(before), ...Object.keys(after)]);
}
