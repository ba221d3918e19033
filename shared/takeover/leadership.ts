import { bakedAt } from './version.ts';
import type { Version } from './version.ts';

/** Versions of one line on one host, the newest first, and which of them the live routes and the record name. */
export interface Line {
  readonly versions: readonly Version[];
  /** The one whose routes are live, as we wrote them; `undefined` = none of those that are here. */
  readonly live: Version | undefined;
  /** Milliseconds since when our watch has shown these routes; `undefined` = it does not yet. */
  readonly liveSince: number | undefined;
  /** Nothing may change hands: without the kind Host nobody could remember it. */
  readonly isHeldStill: boolean;
}

export interface Leadership {
  readonly leader: Version;
  /** The one that led has just failed. */
  readonly isRollback: boolean;
  /** Milliseconds since when it leads. */
  readonly ledSince: number;
  /** Uid of the version that it took over from. */
  readonly over: string | undefined;
  /** Versions that lost the lead by a failure, with this template: uid → template. */
  readonly failed: ReadonlyMap<string, string>;
  /** Uids of newer versions that another one was pinned over. */
  readonly passed: ReadonlySet<string>;
  /** Of several pinned ones those that are not followed. */
  readonly idlePins: readonly Version[];
  /** When the answer can be another one by time alone. */
  readonly wakeAt: number | undefined;
}

interface Choice {
  readonly leader: Version;
  /** The one that it leads in place of, because that one failed. */
  readonly fails?: Version;
}

/** Who leads now. `now` 0 = offline: the pinned one, else the newest. */
export function leadershipOf(line: Line, now: number): Leadership {
  const { versions } = line;
  const pins = versions.filter(({ isPinned }) => isPinned);
  const recorded = versions.find(({ record }) => record.ledSince !== undefined);
  const current = currentOf(line, recorded);
  const { leader, fails } = choose(line, { pin: pins[0], current, recorded, now });
  const isRollback = fails !== undefined;
  const isNew = leader !== recorded;
  // The process may have ended between the move and the record of it.
  const before = leader === current ? recorded : current;
  return {
    leader,
    isRollback,
    ledSince: isNew ? ((line.live === leader ? line.liveSince : undefined) ?? now) : timeOf(leader.record.ledSince),
    over: isNew ? (isRollback ? undefined : before?.id) : leader.record.over,
    failed: failures(versions, fails, leader),
    passed: passedOver(versions, leader, isNew && leader.isPinned),
    idlePins: pins.slice(1),
    wakeAt: wakeOf(line, leader, now),
  };
}

function timeOf(text: string | undefined): number {
  return Date.parse(text ?? '');
}

/**
 * The live routes may be one step ahead of the record, when a newer version took over or one was pinned and the process
 * ended before it said so. Any other difference is a watch that lags behind: what is written last of a rollback is its
 * routes.
 */
function currentOf({ versions, live }: Line, recorded: Version | undefined): Version | undefined {
  if (live === undefined || recorded === undefined) return live ?? recorded;
  const isStep = live.isPinned || (versions.indexOf(live) < versions.indexOf(recorded) && !live.isFailed);
  return isStep ? live : recorded;
}

interface Scene {
  readonly pin: Version | undefined;
  readonly current: Version | undefined;
  readonly recorded: Version | undefined;
  readonly now: number;
}

function choose(line: Line, { pin, current, recorded, now }: Scene): Choice {
  const { versions, isHeldStill } = line;
  const [newest] = versions;
  if (newest === undefined) throw new Error('a line has at least one version');
  if (now === 0) return { leader: pin ?? versions.find(({ isRetired }) => !isRetired) ?? newest };
  if (current === undefined) return { leader: first(versions, pin) };
  if (current.isFrozen || isHeldStill || pin === current) return { leader: current };
  if (pin !== undefined && mayLead(pin)) return { leader: pin };
  const before = hasLost(current, line, now) ? versionBefore(versions, current, recorded) : undefined;
  if (before !== undefined) return { leader: before, fails: current };
  const next = pin === undefined ? newcomers(versions, current).find(mayLead) : undefined;
  return { leader: next ?? current };
}

/** Nobody leads: the host is new, its leader was deleted, or only its routes tell. */
function first(versions: readonly Version[], pin: Version | undefined): Version {
  const free = versions.filter(({ isFrozen }) => !isFrozen);
  const isUp = ({ readiness }: Version) => readiness.endpoints > 0;
  const candidates = [
    pin !== undefined && isUp(pin) ? pin : undefined,
    free.find(one => one.readiness.isReady && !one.isFailed),
    free.find(one => isUp(one) && !one.isFailed),
    free.find(isUp),
    pin,
    free.find(one => one.isProven && !one.isFailed),
    free.find(one => !one.isFailed),
    free[0],
    versions[0],
  ];
  const leader = candidates.find(one => one !== undefined);
  if (leader === undefined) throw new Error('a line has at least one version');
  return leader;
}

/** One that was rolled back has to prove itself anew, also when it is pinned. */
function mayLead({ readiness, isProven, isFrozen }: Version): boolean {
  return readiness.isReady && isProven && !isFrozen;
}

/** Those that may follow by their age. */
function newcomers(versions: readonly Version[], current: Version): readonly Version[] {
  const newer = versions.slice(0, versions.indexOf(current));
  return newer.filter(
    ({ isFrozen, isFailed, isRetired, record }) => !isFrozen && !isFailed && !isRetired && record.passed !== true,
  );
}

/** The one to go back to, while it still can take the traffic. */
function versionBefore(
  versions: readonly Version[],
  current: Version,
  recorded: Version | undefined,
): Version | undefined {
  const over = recorded === current ? current.record.over : recorded?.id;
  const canServe = (one: Version) =>
    one !== current && !one.isFrozen && !one.isFailed && one.readiness.desired > 0 && one.readiness.endpoints > 0;
  const last = versions.find(({ id }) => id === over);
  if (last === undefined) return undefined;
  return canServe(last) ? last : versions.find(one => canServe(one) && one.readiness.isReady);
}

/**
 * Whether a leader lost endpoints within `bake` after the move. Fewer because fewer are wanted, or because its Pods are
 * being replaced on purpose, is no loss.
 */
function hasLost(leader: Version, { live, liveSince }: Line, now: number): boolean {
  const { readiness, record, template, upgrade, isPinned } = leader;
  if (isPinned || readiness.desired === 0 || live !== leader) return false;
  const movedAt = record.ledSince === undefined ? liveSince : Date.parse(record.ledSince);
  if (movedAt !== undefined && now >= movedAt + upgrade.bake) return false;
  if (readiness.endpoints === 0) return true;
  const isSame = record.template === template && record.size !== undefined;
  return isSame && readiness.endpoints < Math.min(record.size ?? 0, readiness.desired);
}

function failures(
  versions: readonly Version[],
  fails: Version | undefined,
  leader: Version,
): ReadonlyMap<string, string> {
  const failed = versions.filter(one => one !== leader && (one === fails || one.isFailed));
  return new Map(failed.map(({ id, template }) => [id, template]));
}

/** By being pinned one passes over all that are newer: they do not follow when the pin is taken away. */
function passedOver(versions: readonly Version[], leader: Version, isPinMove: boolean): ReadonlySet<string> {
  const newer = versions.slice(0, versions.indexOf(leader));
  const passed = versions.filter(
    one => one !== leader && (one.record.passed === true || (isPinMove && newer.includes(one))),
  );
  return new Set(passed.map(({ id }) => id));
}

function wakeOf({ versions, isHeldStill }: Line, leader: Version, now: number): number | undefined {
  if (isHeldStill || now === 0) return undefined;
  const mayFollow = ({ isPinned, isFailed, record }: Version) => isPinned || (!isFailed && record.passed !== true);
  const waiting = versions.filter(
    one => one !== leader && !one.isProven && !one.isFrozen && !one.isRetired && mayFollow(one),
  );
  const times = waiting.flatMap(one => bakedAt(one) ?? []).filter(time => time > now);
  return times.length === 0 ? undefined : Math.min(...times);
}
