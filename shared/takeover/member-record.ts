import type { MemberRecord } from '../host.ts';
import { timeText } from './member-state.ts';
import type { Described, MemberScene } from './member-state.ts';
import { bakedAt } from './version.ts';

/**
 * What the next look goes by, and nothing that changes while nothing depends on it: an autoscaler that resizes a leader
 * must not cause a write.
 */
export function recordOf(
  { version, plan, fate, isAwaited }: MemberScene,
  { state }: Described,
  now: number,
): MemberRecord {
  const { leadership } = plan;
  const { leader, ledSince, over, failed, passed } = leadership;
  const { record, readiness, template, readySince, id } = version;
  if (version.isFrozen) return record;
  const isLeader = leader === version;
  const isInWindow = isLeader && (isAwaited || (over !== undefined && now < ledSince + version.upgrade.bake));
  const isCounted = readySince !== undefined && (state === 'Baking' || isInWindow);
  const isSame = isCounted && record.readySince === timeText(readySince) && record.size !== undefined;
  const hasFailed = failed.get(id);
  const isProven = hasFailed === undefined && (version.isProven || (isLeader && readiness.isReady));
  const wasSeen = readiness.isReady || isProven;
  const seenTemplate = wasSeen && template !== '' ? template : record.template;
  return {
    ...(isLeader && { ledSince: timeText(ledSince) }),
    ...(isLeader && over !== undefined && { over }),
    ...(isCounted && {
      readySince: timeText(readySince),
      endpoints: isSame && record.endpoints !== undefined ? record.endpoints : readiness.trace,
      size: isSame ? record.size : readiness.desired,
    }),
    ...(seenTemplate !== undefined && { template: seenTemplate }),
    ...(isProven && { proven: true }),
    ...(hasFailed !== undefined && { failed: hasFailed }),
    ...(passed.has(id) && { passed: true }),
    ...(fate.isLeaving &&
      !version.isRetired &&
      fate.idleSince !== undefined && { idleSince: timeText(fate.idleSince) }),
  };
}

/** Whether a newcomer's first moment of readiness is told for the first time: until it is kept, it begins anew each time. */
export function isFirstReadiness({ version }: MemberScene, { state }: Described): boolean {
  return state === 'Baking' && bakedAt(version) !== undefined && version.record.readySince === undefined;
}
