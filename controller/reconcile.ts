import type { BuiltObject, Compilation, ExternalClaim, HostOutcome } from '../shared/compilation.ts';
import type { GroupKey, Snapshot } from '../shared/snapshot.ts';

type ForHosts = (hosts: readonly HostOutcome[]) => Promise<void>;

export interface Ports {
  readonly observe: (group: GroupKey) => Snapshot;
  readonly compile: (snapshot: Snapshot) => Compilation;
  /** Takes the numbers that were planned, before anything else can happen. */
  readonly claim: (claims: readonly ExternalClaim[]) => void;
  /** Claims hosts and hands them over. Rejects when somebody else was faster: nothing of them may be routed. */
  readonly own: ForHosts;
  /** Writes what differs. */
  readonly apply: (group: GroupKey, objects: readonly BuiltObject[]) => Promise<void>;
  /** Deletes what was built for the group and is not among the objects. */
  readonly prune: (group: GroupKey, objects: readonly BuiltObject[]) => Promise<void>;
  /** Retires Deployments and brings them back. */
  readonly resize: ForHosts;
  /** Writes what Hosts say. */
  readonly describe: ForHosts;
  readonly describeFailure: (hosts: readonly HostOutcome[], error: unknown) => Promise<void>;
  readonly release: ForHosts;
  /** Gives up the numbers that the group has no more. */
  readonly settle: (group: GroupKey, compilation: Compilation) => Promise<void>;
  /** Events, metrics, log; never rejects. `isDone`: everything was written. */
  readonly report: (group: GroupKey, compilation: Compilation, isDone: boolean) => Promise<void>;
}

/** Builds one group anew, from nothing. Resolves with when it must be done again even if nothing happens. */
export async function reconcile(group: GroupKey, ports: Ports): Promise<number | undefined> {
  const compilation = ports.compile(ports.observe(group));
  const { objects, hosts, frozen, externalClaims, wakeAt } = compilation;
  ports.claim(externalClaims);
  await ports.own(hosts);
  let isDone = false;
  try {
    await ports.describe(hosts.filter(({ statusFirst }) => statusFirst));
    try {
      await ports.apply(group, objects);
    } catch (error) {
      // What failed first is what counts.
      await ports.describeFailure(hosts, error).catch(() => undefined);
      throw error;
    }
    // Only after everything that takes its place is there.
    if (!frozen.includes(group)) await ports.prune(group, objects);
    await ports.resize(hosts);
    await ports.describe(hosts);
    await ports.release(hosts);
    await ports.settle(group, compilation);
    isDone = true;
  } finally {
    await ports.report(group, compilation, isDone);
  }
  return wakeAt;
}
