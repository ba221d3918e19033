import type { EnvVar } from '../deployment.ts';
import { sameRecord } from '../json.ts';
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

/** A container's `env` cut in two. */
export interface Shares {
  /** One flag an entry: whether it is ours. */
  readonly ours: readonly boolean[];
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
    if (!isVariableName(entry.name)) return false;
    if (seen.has(entry.name) || !isOurs(entry)) {
      namesakes.push(index);
      return false;
    }
    seen.add(entry.name);
    return true;
  });
  return { ours, theirs: seen.size === 0 ? env : env.filter((_, i) => !ours[i]), namesakes };
}

/** How one `env` list changes. */
export interface EnvEdit {
  /** What the list is after the steps: `due`, then the user's. */
  readonly env: readonly EnvVar[];
  /** Single entries only. */
  readonly steps: readonly ListStep<EnvVar>[];
}

/**
 * The fewest steps that bring `due` to the front of a list and take out what else is ours. The user's entries are not
 * touched: neither they nor their order change.
 */
export function editEnv(current: readonly EnvVar[], { ours, theirs }: Shares, due: readonly EnvVar[]): EnvEdit {
  const kept = entriesInPlace(current, ours, due);
  const steps: ListStep<EnvVar>[] = [];
  for (let index = current.length - 1; index >= 0; index--) {
    if (ours[index] && kept.get(current[index]?.name ?? '') !== index) steps.push({ op: 'remove', index });
  }
  const front = due.map((wanted, index) => {
    const stored = current[kept.get(wanted.name) ?? -1];
    if (stored && sameEntry(stored, wanted)) return stored;
    steps.push({ op: stored ? 'replace' : 'add', index, value: wanted });
    return wanted;
  });
  return { env: [...front, ...theirs], steps };
}

/**
 * Name → index of those of our entries that need not move: in front of all the user's, and in the order of `due` among
 * themselves.
 */
function entriesInPlace(
  current: readonly EnvVar[],
  ours: readonly boolean[],
  due: readonly EnvVar[],
): ReadonlyMap<string, number> {
  const place = new Map(due.map(({ name }, index) => [name, index]));
  const kept = new Map<string, number>();
  let last = -1;
  for (let index = 0; index < current.length && ours[index]; index++) {
    const name = current[index]?.name ?? '';
    const at = place.get(name) ?? -1;
    if (at <= last) continue;
    last = at;
    kept.set(name, index);
  }
  return kept;
}
