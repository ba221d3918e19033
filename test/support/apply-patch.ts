import { apply_patch } from 'jsonpatch';
import { applyPatch } from 'rfc6902';
import type { Operation } from 'rfc6902';
import { sameJson } from '../../shared/json.ts';
import type { PatchOperation } from '../../shared/patch.ts';

/** Applies a patch by two libraries that do not know each other; throws where they disagree or one refuses. */
export function applied<T>(object: T, patch: readonly PatchOperation[]): T {
  const first = apply_patch(copy(object), [...copy(patch)]);
  const second = copy(object);
  const errors = applyPatch(second, copy(patch) as Operation[]).filter(error => error !== null);
  if (errors.length > 0) throw new Error(`refused: ${errors.map(String).join(', ')}`);
  if (!sameJson(first, second)) throw new Error('the two libraries disagree');
  return second;
}

/** The libraries ask for `instanceof`, so that a clone of jest's outer world would not be a list to them. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
