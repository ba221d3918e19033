import type { HostStatus } from '../shared/host.ts';

export const TAKEOVER_RESULTS = ['promoted', 'rolled_back'] as const;
export type TakeoverResult = (typeof TAKEOVER_RESULTS)[number];

/** What a new status tells: another version takes what nobody else gets, by its turn or because the newer one failed. */
export function takeoverIn(before: HostStatus | undefined, after: HostStatus): TakeoverResult | undefined {
  if (before?.active === undefined || after.active === undefined || before.active === after.active) return undefined;
  const failures = (status: HostStatus) =>
    new Map(status.members.map(({ uid, record }) => [uid, record?.failed] as const));
  const known = failures(before);
  const hasFailed = [...failures(after)].some(([uid, failed]) => failed !== undefined && failed !== known.get(uid));
  return hasFailed ? 'rolled_back' : 'promoted';
}
