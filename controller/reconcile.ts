import { compile } from '../shared/compile.ts';
import type { BuiltObject, Compilation } from '../shared/compilation.ts';
import type { GroupKey, Snapshot } from '../shared/snapshot.ts';

export interface Ports {
  readonly observe: (group: GroupKey) => Snapshot;
  /** Writes what differs. */
  readonly apply: (objects: readonly BuiltObject[]) => Promise<void>;
  /** Deletes what was built for the group and is not among the objects. */
  readonly prune: (group: GroupKey, objects: readonly BuiltObject[]) => Promise<void>;
  /** Events, metrics, log; never rejects. */
  readonly report: (group: GroupKey, compilation: Compilation) => Promise<void>;
}

/** Builds one group anew, from nothing. Resolves with when it must be done again even if nothing happens. */
export async function reconcile(
  group: GroupKey,
  { observe, apply, prune, report }: Ports,
): Promise<number | undefined> {
  const compilation = compile(observe(group));
  const { objects, frozen, wakeAt } = compilation;
  try {
    await apply(objects);
    // Only after everything that takes its place is there.
    if (!frozen.includes(group)) await prune(group, objects);
  } finally {
    await report(group, compilation);
  }
  return wakeAt;
}
