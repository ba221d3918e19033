import type { Identity } from '../intent.ts';
import { compareCodePoints } from '../json.ts';
import type { Member } from './member.ts';

/** Versions of one model in one environment: they share what a client calls, and succeed each other. */
export function lineOf({ type, model, environment }: Omit<Identity, 'version'>): string {
  return `${type}/${model}/${environment}`;
}

/** Also of a frozen Deployment whose text still says who it is; `undefined` = none, as of Mappings alone. */
export function lineOfMember({ intent, identity }: Member): string | undefined {
  if (intent) return intent.service && lineOf({ ...intent.service, environment: intent.environment });
  return identity && lineOf(identity);
}

/** `versions`: the oldest first, as `byAge` has them. */
export function newestFirst(versions: readonly Member[]): readonly Member[] {
  return versions.toSorted(compareVersions).toReversed();
}

/** Times have whole seconds, so that two versions of one apply are often of one age: then 10 is newer than 9. */
function compareVersions(a: Member, b: Member): number {
  const [one, two] = [a, b].map(({ deployment }) => deployment.metadata.creationTimestamp);
  if (one === undefined || two === undefined) return 0;
  return (
    Date.parse(one) - Date.parse(two) ||
    compareDigits(digitGroups(a), digitGroups(b)) ||
    compareCodePoints(a.ref.name, b.ref.name)
  );
}

function digitGroups({ intent, identity }: Member): readonly bigint[] {
  const version = intent?.service?.version ?? identity?.version ?? '';
  return (version.match(/\d+/g) ?? []).map(BigInt);
}

function compareDigits(a: readonly bigint[], b: readonly bigint[]): number {
  for (const [index, number] of a.entries()) {
    const other = b[index];
    if (other === undefined || number > other) return 1;
    if (number < other) return -1;
  }
  return a.length - b.length;
}
