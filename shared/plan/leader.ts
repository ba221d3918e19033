import type { Deployment } from '../deployment.ts';
import { compareCodePoints } from '../json.ts';
import type { Member } from './member.ts';

/**
 * Of the versions of one line the newest that has available Pods; where none has, the newest. `versions` are the oldest
 * first, as `byAge` has them. Where nothing is known of Pods, as offline, all count as available.
 */
export function leaderOf(versions: readonly Member[], { podsAreKnown }: { readonly podsAreKnown: boolean }): Member {
  const newest = versions.toSorted(compareVersions).toReversed();
  const leader = newest.find(({ deployment }) => !podsAreKnown || isAvailable(deployment)) ?? newest[0];
  if (!leader) throw new Error('a line has at least one version');
  return leader;
}

export function isAvailable({ status }: Deployment): boolean {
  return (status?.availableReplicas ?? 0) > 0;
}

/** Times have whole seconds, so that two versions of one apply are often of one age: then 10 is newer than 9. */
function compareVersions(a: Member, b: Member): number {
  const [one, two] = [a, b].map(({ deployment }) => deployment.metadata.creationTimestamp);
  if (one === undefined || two === undefined || Date.parse(one) !== Date.parse(two)) return 0;
  return compareDigits(digitGroups(a), digitGroups(b)) || compareCodePoints(a.ref.name, b.ref.name);
}

function digitGroups({ intent }: Member): readonly bigint[] {
  return (intent?.service?.version.match(/\d+/g) ?? []).map(BigInt);
}

function compareDigits(a: readonly bigint[], b: readonly bigint[]): number {
  for (const [index, number] of a.entries()) {
    const other = b[index];
    if (other === undefined || number > other) return 1;
    if (number < other) return -1;
  }
  return a.length - b.length;
}
