import type { HostMember, MemberState, NextStep } from '../host.ts';
import type { Fate } from './retirement.ts';
import type { LinePlan, Takeover } from './takeover.ts';
import { bakedAt } from './version.ts';
import type { Version } from './version.ts';

/** What a member is, why, and what becomes of it next. */
export interface Described extends Pick<HostMember, 'state' | 'reason' | 'message'> {
  readonly next?: NextStep;
}

export interface MemberScene {
  readonly takeover: Takeover;
  readonly plan: LinePlan;
  readonly version: Version;
  readonly fate: Fate;
  /** Whether the wanted routes send something to it. */
  readonly hasShare: boolean;
  /** Whether another version of its line waits to be scaled to zero. */
  readonly isAwaited: boolean;
}

type Row = (scene: MemberScene) => Described | undefined;

/** Asked one after the other: the first that answers has it. docs/how-to and the table of states follow this order. */
const ROWS: readonly Row[] = [conflicted, frozen, leading, retired, pinned, failed, following, leaving, newcomer, kept];

export function describeMember(scene: MemberScene): Described {
  for (const row of ROWS) {
    const described = row(scene);
    if (described) return described;
  }
  throw new Error('the last row answers always');
}

function conflicted({ takeover, plan, version }: MemberScene): Described | undefined {
  if (!takeover.conflicted.has(plan)) return undefined;
  const holder = takeover.main?.leadership.leader.member.ref.name ?? '';
  return say('Conflicted', 'LineConflict', `${holder}, of another line, has the host${stays(version)}`);
}

function stays({ readiness }: Version): string {
  return readiness.desired > 0 ? '; its Pods stay as they are' : '';
}

function frozen({ version, plan, takeover }: MemberScene): Described | undefined {
  if (!version.isFrozen) return undefined;
  const isActive = plan.leadership.leader === version && (takeover.main === plan || !plan.wantsAll);
  const state = isActive ? 'Active' : (version.before?.state ?? 'Waiting');
  return say(
    state,
    'Frozen',
    'it is paused, its text has an error, or its policy is off: everything of it stays as it is',
  );
}

function leading({ takeover, plan, version }: MemberScene): Described | undefined {
  if (plan.leadership.leader !== version) return undefined;
  if (version.isRetired) {
    return {
      ...say('Waiting', 'Restoring', 'it is the one to lead and is scaled up first'),
      next: { step: 'restore' },
    };
  }
  if (plan.standIn) {
    return say(
      'Active',
      'StandIn',
      `it has no endpoint that takes requests: ${plan.standIn.member.ref.name} stands in`,
    );
  }
  if (takeover.main !== plan && plan.wantsAll) {
    const holder = takeover.main?.leadership.leader.member.ref.name ?? '';
    if (!isChallenger(plan, takeover)) return say('Held', 'Named', `${holder} shares the host with it`);
    return coming(version, `it shares the host with ${holder} and takes it over when it has been ready for \`bake\``);
  }
  const why = whyLeading(version, plan);
  return say('Active', version.isPinned ? 'Pinned' : 'Leads', why === undefined ? 'it leads' : `it leads: ${why}`);
}

/** From what is kept in records alone, so that it does not change from one look to the next. */
function whyLeading(version: Version, { line, leadership }: LinePlan): string | undefined {
  if (version.isPinned) return 'it is pinned';
  const newer = line.versions.slice(0, line.versions.indexOf(version));
  const failed = newer.find(({ id }) => leadership.failed.has(id));
  if (failed) return `${failed.member.ref.name}, which is newer, failed`;
  const passed = newer.find(({ id }) => leadership.passed.has(id));
  if (passed) return `it was pinned over ${passed.member.ref.name}, which is newer`;
  const over = line.versions.find(({ id }) => id === leadership.over);
  return over && `it is newer than ${over.member.ref.name} and has been ready for \`bake\``;
}

/** Names one that has the host, and is not named by it. */
function isChallenger({ leadership }: LinePlan, { main }: Takeover): boolean {
  const { split = [], mirror = [] } = leadership.leader.member.intent?.service ?? {};
  const names = main?.line.versions.map(({ member }) => member.ref.name) ?? [];
  return [...split, ...mirror].some(({ name }) => names.includes(name));
}

function retired({ version, plan }: MemberScene): Described | undefined {
  if (!version.isRetired || version.readiness.desired > 0) return undefined;
  if (version.isPinned) {
    return { ...say('Waiting', 'Restoring', 'it is pinned and is scaled up first'), next: { step: 'restore' } };
  }
  return say('Retired', 'Retired', `it is scaled to zero: ${plan.leadership.leader.member.ref.name} leads`);
}

function pinned({ version, plan }: MemberScene): Described | undefined {
  if (!version.isPinned) return undefined;
  const { leader } = plan.leadership;
  if (leader.isFrozen)
    return say('Waiting', 'Frozen', `it is pinned, but ${leader.member.ref.name} leads and is left as it is`);
  if (plan.leadership.idlePins.includes(version)) {
    return say('Waiting', 'SeveralPins', 'it is pinned, and so is a newer one, which leads');
  }
  return coming(version, 'it is pinned and takes the traffic when it is ready');
}

function failed({ version, plan }: MemberScene): Described | undefined {
  if (!version.isFailed && !plan.leadership.failed.has(version.id)) return undefined;
  if (plan.leadership.passed.has(version.id)) return undefined;
  const why =
    'it lost endpoints right after it took over: it leads again when it is pinned or its Pod template changes';
  return say('Waiting', 'RolledBack', why);
}

/** Sent to though it does not lead, and not about to. */
function following({ version, plan, hasShare, fate }: MemberScene): Described | undefined {
  const isNewer = isNewerThanLeader(version, plan) && !plan.leadership.passed.has(version.id);
  if (isNewer || (!hasShare && fate.keptBy === undefined)) return undefined;
  return say('Held', 'Named', `it is kept at its size: ${fate.keptBy ?? 'the leader shares with it'}`);
}

function leaving({ version, plan, fate }: MemberScene): Described | undefined {
  if (!fate.isLeaving || version.readiness.desired === 0) return undefined;
  const leader = plan.leadership.leader.member.ref.name;
  const described = say(
    'Draining',
    'Superseded',
    `${leader} leads: it is scaled to zero when ${fate.isOnPaths ? 'no shared path leads to it any more' : '`bake` and `drain` are over'}`,
  );
  return {
    ...described,
    next: { step: 'retire', ...(fate.retireAt !== undefined && { at: timeText(fate.retireAt) }) },
  };
}

function newcomer({ version, plan }: MemberScene): Described | undefined {
  if (!isNewerThanLeader(version, plan) || plan.leadership.passed.has(version.id)) return undefined;
  const { leader } = plan.leadership;
  const pin = plan.line.versions.find(({ isPinned }) => isPinned);
  if (pin) return say('Waiting', 'Pinned', `it is newer, but ${pin.member.ref.name} is pinned`);
  if (leader.isFrozen) return say('Waiting', 'Frozen', `${leader.member.ref.name} leads and is left as it is`);
  return coming(
    version,
    `it is newer than ${leader.member.ref.name}, which leads until this one has been ready for \`bake\``,
  );
}

function isNewerThanLeader(version: Version, { line, leadership }: LinePlan): boolean {
  return line.versions.indexOf(version) < line.versions.indexOf(leadership.leader);
}

function kept({ plan, version }: MemberScene): Described {
  const leader = plan.leadership.leader.member.ref.name;
  if (version.readiness.desired === 0)
    return say('Held', 'ScaledToZero', `its team scaled it to zero; ${leader} leads`);
  return say('Held', 'Coexist', `${leader} leads and retires nobody: its \`upgrade.strategy\` is coexist`);
}

/** On its way to lead. */
function coming(version: Version, message: string): Described {
  // It is kept from the lead by something else than time.
  if (version.isProven && version.readiness.isReady)
    return { ...say('Waiting', 'Ready', message), next: { step: 'lead' } };
  const bakes = bakedAt(version);
  if (bakes === undefined)
    return { ...say('Waiting', 'NotReady', `${message}; it is not ready`), next: { step: 'lead' } };
  return { ...say('Baking', 'Ready', message), next: { step: 'lead', at: timeText(bakes) } };
}

function say(state: MemberState, reason: string, message: string): Described {
  return { state, reason, message };
}

/** RFC 3339 with milliseconds. */
export function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
