import type { EnvVar } from '../deployment.ts';
import { sameJson, sameRecord } from '../json.ts';
import type { ListStep } from '../render/json-patch.ts';
import { isVariableName } from './variables.ts';

/** Equality as the API server has it: an empty `value` is not stored. */
export function sameEntry(a: EnvVar, b: EnvVar): boolean {
  return (
    (a.value ?? '') === (b.value ?? '') &&
    sameRecord(a as unknown as Record<string, unknown>, b as unknown as Record<string, unknown>, VALUE)
  );
}

const VALUE: ReadonlySet<string> = new Set(['value']);

export function sameEnv(a: readonly EnvVar[], b: readonly EnvVar[]): boolean {
  return (
    a.length === b.length &&
    a.every((entry, i) => {
      const other = b[i];
      return other !== undefined && sameEntry(entry, other);
    })
  );
}

/** A container's `env`, each entry either ours or the user's. */
export interface Marked {
  readonly env: readonly EnvVar[];
  /** One flag an entry: whether it is ours. */
  readonly ours: readonly boolean[];
}

/** A container's `env` cut in two. */
export interface Shares extends Marked {
  /** The user's entries, in his order. */
  readonly theirs: readonly EnvVar[];
  /** Indexes of those of the user's entries that have one of our names. */
  readonly namesakes: readonly number[];
}

/** Of several entries with one name only the first can be ours: we never write two. */
export function sharesOf(env: readonly EnvVar[], isOurs: (entry: EnvVar) => boolean): Shares {
  const seen = new Set<string>();
  const namesakes: number[] = [];
  const ours = env.map((entry, index) => {
    if (seen.has(entry.name) || !isOurs(entry)) {
      if (isVariableName(entry.name)) namesakes.push(index);
      return false;
    }
    seen.add(entry.name);
    return true;
  });
  return { env, ours, theirs: seen.size === 0 ? env : env.filter((_, i) => !ours[i]), namesakes };
}

/** What a list is to be: ours in front, in the fixed order, then the user's. */
export function inFront(due: readonly EnvVar[], theirs: readonly EnvVar[]): Marked {
  const env = [...due, ...theirs];
  return { env, ours: env.map((_, index) => index < due.length) };
}

/**
 * The user's entry without what is left in it of ours: whoever merges a `value` into an entry that has a `valueFrom`, or
 * the other way round, gets one with both, which no API server takes.
 */
export function mended(entry: EnvVar, ours: EnvVar | undefined): EnvVar {
  const { value = '', valueFrom, ...rest } = entry;
  if (!ours || value === '' || valueFrom === undefined) return entry;
  if (sameJson(valueFrom, ours.valueFrom)) return { ...rest, value };
  return value === ours.value ? { ...rest, valueFrom } : entry;
}

/** How one `env` list changes. */
export interface EnvEdit {
  /** What the list is after the steps. */
  readonly env: readonly EnvVar[];
  /** Single entries only. */
  readonly steps: readonly ListStep<EnvVar>[];
}

/**
 * The fewest steps from one list to another that differs in our entries alone, or in what the user's hold. These do not
 * move: both lists have them in the same order.
 */
export function editEnv(current: Marked, wanted: Marked): EnvEdit {
  const kept = entriesInPlace(current, wanted);
  const steps: ListStep<EnvVar>[] = [];
  for (let index = current.env.length - 1; index >= 0; index--) {
    if (current.ours[index] && !kept.has(index)) steps.push({ op: 'remove', index });
  }
  // What is left of the list, entry by entry, is what `wanted` holds where it is not ours or was kept.
  const left = current.env.filter((_, index) => !current.ours[index] || kept.has(index));
  const places = new Set(kept.values());
  let next = 0;
  const env = wanted.env.map((entry, index) => {
    const isNew = wanted.ours[index] === true && !places.has(index);
    const stored = isNew ? undefined : left[next++];
    if (stored && sameEntry(stored, entry)) return stored;
    steps.push({ op: stored ? 'replace' : 'add', index, value: entry });
    return entry;
  });
  return { env, steps };
}

/**
 * Index → index in `wanted` of those of our entries that need not move: behind as many of the user's, and in the same
 * order among themselves.
 */
function entriesInPlace(current: Marked, wanted: Marked): ReadonlyMap<number, number> {
  const places = new Map<string, { readonly index: number; readonly behind: number }>();
  eachOfOurs(wanted, (name, index, behind) => places.set(name, { index, behind }));
  const kept = new Map<number, number>();
  let last = -1;
  eachOfOurs(current, (name, index, behind) => {
    const place = places.get(name);
    if (place?.behind !== behind || place.index <= last) return;
    last = place.index;
    kept.set(index, place.index);
  });
  return kept;
}

function eachOfOurs({ env, ours }: Marked, visit: (name: string, index: number, behind: number) => void): void {
  let behind = 0;
  for (const [index, { name }] of env.entries()) {
    if (ours[index]) visit(name, index, behind);
    else behind++;
  }
}
