import type { MemberRecord } from '../host.ts';
import { timeText } from './member-state.ts';
import type { MemberScene } from './member-state.ts';

/**
 * What the next look goes by, and nothing that changes while nothing depends on it: an autoscaler that resizes a leader
 * must not cause a write.
 */
export function recordOf(scene: MemberScene, now: number): MemberRecord {
  const { version, plan, fate, isAwaited } = scene;
  const { leadership } = plan;
  const { leader, ledSince, over, failed, passed } = leadership;
  const { record, readiness, template, readySince, id } = version;
  if (version.isFrozen) return record;
  const isLeader = leader === version;
  const isInWindow = isLeader && (isAwaited || (over !== undefined && now < ledSince + version.upgrade.bake));
  const isCounted = readySince !== undefined && (isBaking(scene) || isInWindow);
  const isSame = isCounted && record.readySince === timeText(readySince) && record.size !== undefined;
  const hasFailed = failed.get(id);
  const isAtWork = isLeader && readiness.isReady && !isBaking(scene);
  // While Pods of a leader are replaced its record stays as it is: it is written once, when they are ready.
  const isChanging = isLeader && !readiness.isReady;
  const isProven = hasFailed === undefined && (version.isProven || isAtWork || (isChanging && record.proven === true));
  const wasSeen = readiness.isReady || version.isProven;
  const seenTemplate = wasSeen && template !== '' ? template : record.template;
  return {
    ...(isLeader && { ledSince: timeText(ledSince) }),
    ...(isLeader && over !== undefined && { over }),
    ...(isCounted && {
      readySince: timeText(readySince),
      endpoints: isSame && record.endpoints !== undefined ? record.endpoints : readiness.trace,
      size: Math.min(isSame ? (record.size ?? 0) : readiness.desired, readiness.desired),
    }),
    ...(seenTemplate !== undefined && { template: seenTemplate }),
    ...(isProven && { proven: true }),
    ...(hasFailed !== undefined && { failed: hasFailed }),
    ...(passed.has(id) && { passed: true }),
    ...(fate.isLeaving &&
      readiness.desired > 0 &&
      fate.idleSince !== undefined && { idleSince: timeText(fate.idleSince) }),
  };
}

/** Ready, and on the way to prove itself: also the leader of a line that is to take the host over from another one. */
export function isBaking({ version, plan, takeover }: MemberScene): boolean {
  const { line, leadership } = plan;
  if (version.readySince === undefined || version.isProven || version.isFrozen) return false;
  if (leadership.leader === version) return plan.wantsAll && takeover.main !== plan;
  const isNewer = line.versions.indexOf(version) < line.versions.indexOf(leadership.leader);
  return version.isPinned || (isNewer && !leadership.passed.has(version.id) && !version.isFailed);
}

/** Whether a newcomer's first moment of readiness is told for the first time: until it is kept, it begins anew each time. */
export function isFirstReadiness(scene: MemberScene): boolean {
  const { readySince, record } = scene.version;
  return isBaking(scene) && readySince !== undefined && record.readySince !== timeText(readySince);
}
