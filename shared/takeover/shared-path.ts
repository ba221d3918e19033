import type { ClusterFacts } from '../cluster-facts.ts';
import type { Deployment } from '../deployment.ts';
import { lineOfMember, newestFirst } from '../plan/line.ts';
import type { Member } from '../plan/member.ts';
import { isPinned } from './version.ts';

/** Who of a line has its paths on the host that all share, and when that may be another one by time alone. */
export interface PathLeader {
  readonly leader: Member;
  readonly wakeAt: number | undefined;
}

/**
 * There is no Host to keep a record for that host. A version that follows on a host of its own follows here as well; of
 * the others the pinned one leads, else the newest that has been available for `bake`, else the newest that is available.
 * `versions`: the oldest first. `now` 0 = offline, where all count as available.
 */
export function pathLeader(
  versions: readonly Member[],
  { facts, now }: { readonly facts: ClusterFacts; readonly now: number },
): PathLeader {
  const newest = newestFirst(versions);
  const pinned = newest.filter(isPinned);
  const [last] = newest;
  if (last === undefined) throw new Error('a line has at least one version');
  if (now === 0) return { leader: pinned[0] ?? last, wakeAt: undefined };
  const leading = newest.filter(member => !followsSomewhere(member, facts));
  const candidates = leading.length > 0 ? leading : newest;
  const available = candidates.filter(({ deployment }) => isAvailable(deployment));
  const isBaked = (member: Member) => bakedAt(member) <= now;
  const leader =
    pinned.find(one => available.includes(one)) ?? available.find(isBaked) ?? available[0] ?? candidates[0] ?? last;
  const coming = available.map(bakedAt).filter(time => time > now);
  return { leader, wakeAt: coming.length === 0 ? undefined : Math.min(...coming) };
}

export function isAvailable({ status }: Deployment): boolean {
  return (status?.availableReplicas ?? 0) > 0;
}

/** Times of the API server have whole seconds. */
function bakedAt({ deployment, intent }: Member): number {
  const condition = deployment.status?.conditions?.find(
    ({ type, status }) => type === 'Available' && status === 'True',
  );
  return Date.parse(condition?.lastTransitionTime ?? '1970-01-01') + (intent?.service?.upgrade.bake ?? 0);
}

/** Whether another version leads on a host of its own. */
function followsSomewhere({ intent, deployment }: Member, { traffic }: ClusterFacts): boolean {
  const { uid } = deployment.metadata;
  return (intent?.service?.hosts ?? []).some(({ value }) =>
    traffic.host(value)?.status?.members.some(one => one.uid === uid && one.record?.ledSince === undefined),
  );
}

/** Of every line the one that has its paths, by namespace and line. Mappings alone are no line. */
export function pathLeaders(
  members: readonly Member[],
  known: { readonly facts: ClusterFacts; readonly now: number },
): ReadonlyMap<string, PathLeader> {
  const lines = Map.groupBy(
    members.filter(({ intent }) => intent?.service !== undefined),
    pathLineOf,
  );
  return new Map([...lines].map(([line, versions]) => [line, pathLeader(versions, known)]));
}

export function pathLineOf(member: Member): string {
  return `${member.ref.namespace}/${lineOfMember(member) ?? ''}`;
}
