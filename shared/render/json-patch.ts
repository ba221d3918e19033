import type { PatchOperation } from '../patch.ts';

export type Path = readonly (string | number)[];

/** No object of Kubernetes has such a key; libraries that apply patches can be made to do harm with it. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The JSON Pointer (RFC 6901) of a path. Throws on a key that could reach a prototype: paths are ours, so that would be
 * our own bug.
 */
export function pointer(path: Path): string {
  return path.map(segment => `/${escapeSegment(String(segment))}`).join('');
}

function escapeSegment(segment: string): string {
  if (FORBIDDEN.has(segment)) throw new Error(`a patch must not reach into '${segment}'`);
  return segment.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Writes one key of a map that may not be there yet. An equal value is not written. */
export function putKey(
  path: Path,
  map: Readonly<Record<string, unknown>> | null | undefined,
  key: string,
  value: string,
): PatchOperation[] {
  if (map === undefined || map === null) return [{ op: 'add', path: pointer(path), value: { [key]: value } }];
  if (!Object.hasOwn(map, key)) return [{ op: 'add', path: pointer([...path, key]), value }];
  return map[key] === value ? [] : [{ op: 'replace', path: pointer([...path, key]), value }];
}

export function dropKey(
  path: Path,
  map: Readonly<Record<string, unknown>> | null | undefined,
  key: string,
): PatchOperation[] {
  return map && Object.hasOwn(map, key) ? [{ op: 'remove', path: pointer([...path, key]) }] : [];
}

/** One step of an edit of a list; indexes count in the list as the steps before have left it. */
export type ListStep<T> =
  | { readonly op: 'add' | 'replace'; readonly index: number; readonly value: T }
  | { readonly op: 'remove'; readonly index: number };

export function listOperations<T>(path: Path, steps: readonly ListStep<T>[]): PatchOperation[] {
  return steps.map(step => {
    const at = pointer([...path, step.index]);
    return step.op === 'remove' ? { op: step.op, path: at } : { op: step.op, path: at, value: step.value };
  });
}

const MAX_PATCH_BYTES = 1024 * 1024;
/** UTF-8 needs at most three bytes for one UTF-16 unit. */
const MAX_BYTES_A_UNIT = 3;

/** Whether the API server must be spared this patch: more than 1 MiB once written as JSON. */
export function isTooLarge(patch: readonly PatchOperation[]): boolean {
  if (patch.length === 0) return false;
  const text = JSON.stringify(patch);
  return text.length * MAX_BYTES_A_UNIT > MAX_PATCH_BYTES && new TextEncoder().encode(text).length > MAX_PATCH_BYTES;
}
