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
  const list = pointer(path);
  return steps.map(step => {
    const at = `${list}/${step.index}`;
    return step.op === 'remove' ? { op: step.op, path: at } : { op: step.op, path: at, value: step.value };
  });
}

const MAX_PATCH_BYTES = 1024 * 1024;
/** The most that one UTF-16 unit can become in JSON: `\u0000`. */
const MAX_BYTES_A_UNIT = 6;
/** Braces, quotes, colon and comma around a value, or a number or word for one. */
const FRAME = 32;

/** Whether the API server must be spared this patch: more than 1 MiB once written as JSON. */
export function isTooLarge(patch: readonly PatchOperation[]): boolean {
  if (estimate(patch) * MAX_BYTES_A_UNIT <= MAX_PATCH_BYTES) return false;
  return new TextEncoder().encode(JSON.stringify(patch)).length > MAX_PATCH_BYTES;
}

/** At least as many units as there are in the text, without writing it: nearly every patch is small. */
function estimate(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return FRAME;
  let sum = FRAME;
  if (Array.isArray(value)) {
    for (const item of value) sum += FRAME + estimate(item);
    return sum;
  }
  for (const key in value) sum += key.length + FRAME + estimate((value as Record<string, unknown>)[key]);
  return sum;
}
