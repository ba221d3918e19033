import type { HostCondition, HostMember, HostStatus, MemberRecord, MemberShare } from '../host.ts';
import { compareCodePoints, sameJson } from '../json.ts';
import type { Member } from '../plan/member.ts';
import type { Traffic, WeightedService } from '../plan/traffic.ts';
import { serviceName } from '../render/names.ts';
import { recordOf } from './member-record.ts';
import { timeText } from './member-state.ts';
import type { Described, MemberScene } from './member-state.ts';
import type { PlannedHost } from './outcome.ts';
import { lineName } from './takeover.ts';

export interface Told {
  readonly scene: MemberScene;
  readonly described: Described;
}

/** Deployments of other namespaces that are named, the oldest first: anybody can ask for a host, and a Host has room for so many. */
const STRANGERS = 100;

/** What a Host says. Built anew each time; of what was said before only the times are kept. */
export function statusOf(
  { takeover, traffic, now }: PlannedHost,
  told: readonly Told[],
  conditions: readonly HostCondition[],
): HostStatus {
  const { object, owner, main } = takeover;
  const before = object?.status;
  const leader = main?.leadership.leader.member;
  const own = told.map(one => memberOf(one, traffic, now));
  const others = takeover.members
    .filter(({ ref }) => ref.namespace !== owner.namespace)
    .slice(0, STRANGERS)
    .map(member => strangerOf(member, before?.members ?? [], owner.namespace ?? '', now));
  const split = traffic && sharesText(traffic.destinations, leader);
  const mirror = traffic && sharesText(traffic.mirrors, undefined, leader?.ref.namespace);
  const { generation } = object?.metadata ?? {};
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    conditions,
    ...(leader && { active: leader.ref.name }),
    ...(split && { split }),
    ...(mirror && { mirror }),
    members: [...own, ...others],
    ...(owner.isEmpty && owner.freeAt !== undefined && { emptySince: before?.emptySince ?? timeText(now) }),
  };
}

/**
 * Whether a status tells nothing that was not told before. What a record has no more use for is left in it until there is
 * something to tell: time alone writes nothing.
 */
export function saysTheSame(before: HostStatus | undefined, status: HostStatus): boolean {
  if (before === undefined) return false;
  const next = new Map(status.members.map(member => [member.uid, member]));
  const members = before.members.map(member => tidied(member, next.get(member.uid)));
  return sameJson({ ...before, members }, status);
}

/** Of use while something waits for the end of a time. */
const COUNTED: ReadonlySet<string> = new Set(['readySince', 'endpoints', 'size'] satisfies (keyof MemberRecord)[]);

/** Beginnings of such times. An interruption moves them, whether or not anybody waits. */
const MOVED: ReadonlySet<string> = new Set(['readySince', 'idleSince'] satisfies (keyof MemberRecord)[]);

/** As it was told before, but for what is no news of the member as it is now. */
function tidied(member: HostMember, now: HostMember | undefined): HostMember {
  if (member.record === undefined || now?.record === undefined) return member;
  const present: Readonly<Record<string, unknown>> = { ...now.record };
  const kept = Object.entries(member.record).flatMap(([key, value]) => {
    if (COUNTED.has(key) && now.record?.readySince === undefined) return [];
    const isMoved = MOVED.has(key) && now.next?.at === undefined && present[key] !== undefined;
    return [[key, isMoved ? present[key] : value]];
  });
  return { ...member, record: Object.fromEntries(kept) as MemberRecord };
}

function memberOf({ scene, described }: Told, traffic: Traffic | undefined, now: number): HostMember {
  const { version, plan, takeover } = scene;
  const { member, before, id, readiness } = version;
  const { namespace, name } = member.ref;
  const written = member.intent?.service?.version ?? member.identity?.version;
  const isSame = before?.state === described.state && before.reason === described.reason;
  return {
    namespace,
    name,
    uid: id,
    line: plan.name,
    ...(written !== undefined && { version: written }),
    ready: plan.leadership.leader === version ? readiness.endpoints > 0 : readiness.isReady,
    share: shareOf(scene, traffic, takeover.main === plan),
    mirror: mirrorOf(scene, traffic),
    since: isSame ? before.since : timeText(now),
    ...described,
    record: recordOf(scene, now),
  };
}

function shareOf({ version, plan }: MemberScene, traffic: Traffic | undefined, isMain: boolean): MemberShare {
  const { namespace, name } = version.member.ref;
  const service = serviceName(name);
  const isIt = (one: { readonly namespace: string; readonly name: string }) =>
    one.namespace === namespace && one.name === service;
  const split = traffic?.shares.filter(({ field }) => field === 'split') ?? [];
  const given = split.reduce((sum, { share }) => sum + share.percent, 0);
  const named = split.find(({ share }) => isIt(share))?.share.percent ?? 0;
  const isLeader = isMain && plan.leadership.leader === version;
  return {
    wanted: isLeader ? Math.max(0, 100 - given) : named,
    effective: traffic?.destinations.find(isIt)?.percent ?? 0,
  };
}

function mirrorOf({ version }: MemberScene, traffic: Traffic | undefined): MemberShare {
  const { namespace, name } = version.member.ref;
  const one = traffic?.shares.find(
    ({ field, share }) => field === 'mirror' && share.namespace === namespace && share.name === serviceName(name),
  );
  return { wanted: one?.share.percent ?? 0, effective: one?.effective ?? 0 };
}

/** A Deployment of a namespace that does not have the host. */
function strangerOf(member: Member, before: readonly HostMember[], owner: string, now: number): HostMember {
  const { namespace, name } = member.ref;
  const { uid = '' } = member.deployment.metadata;
  const version = member.intent?.service?.version ?? member.identity?.version;
  const known = before.find(one => one.uid === uid && one.state === 'Conflicted');
  return {
    namespace,
    name,
    uid,
    line: lineName(member),
    ...(version !== undefined && { version }),
    ready: false,
    share: { wanted: 0, effective: 0 },
    mirror: { wanted: 0, effective: 0 },
    state: 'Conflicted',
    since: known?.since ?? timeText(now),
    reason: 'HostTaken',
    message: `the host belongs to namespace '${owner}'`,
  };
}

/** `shop-b 20%, other/shop-c 5%`; the leader's own share goes without saying. */
function sharesText(
  services: readonly WeightedService[],
  leader: Member | undefined,
  home = leader?.ref.namespace,
): string | undefined {
  const others = services.filter(
    ({ namespace, name }) => namespace !== leader?.ref.namespace || name !== serviceName(leader.ref.name),
  );
  const texts = others.map(
    ({ namespace, name, percent }) => `${namespace === home ? '' : `${namespace}/`}${name} ${percent}%`,
  );
  return texts.length === 0 ? undefined : texts.sort(compareCodePoints).join(', ');
}
