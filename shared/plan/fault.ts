import type { Finding } from '../findings/finding.ts';
import type { GroupKey } from '../snapshot.ts';

/** What is to be said, and of what: it is said where that group is looked at. */
export interface Fault {
  readonly group: GroupKey;
  readonly finding: Finding;
}
