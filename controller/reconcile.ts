import type { BuiltObject, Compilation, ExternalClaim } from '../shared/compilation.ts';
import type { GroupKey, Snapshot } from '../shared/snapshot.ts';

export interface Ports {
  readonly observe: (group: GroupKey) => Snapshot;
  readonly compile: (snapshot: Snapshot) => Compilation;
  /** Takes the numbers that were planned, before anything else can happen. */
  readonly claim: (claims: readonly ExternalClaim[]) => void;
  /** Writes what differs. */
  readonly apply: (objects: readonly BuiltObject[]) => Promise<void>;
  /** Deletes what was built for the group and is not among the objects. */
  readonly prune: (group: GroupKey, objects: readonly BuiltObject[]) => Promise<void>;
  /** Gives up the numbers that the group has no more. */
  readonly settle: (group: GroupKey, compilation: Compilation) => Promise<void>;
  /** Events, metrics, log; never rejects. */
  readonly report: (group: GroupKey, compilation: Compilation) => Promise<void>;
}

/** Builds one group anew, from nothing. Resolves with when it must be done again even if nothing happens. */
export async function reconcile(
  group: GroupKey,
  { observe, compile, claim, apply, prune, settle, report }: Ports,
): Promise<number | undefined> {
  const compilation = compile(observe(group));
  const { objects, frozen, externalClaims, wakeAt } = compilation;
  claim(externalClaims);
  try {
    await apply(objects);
    // Only after everything that takes its place is there.
    if (!frozen.includes(group)) await prune(group, objects);
    await settle(group, compilation);
  } finally {
    await report(group, compilation);
  }
  return wakeAt;
}
