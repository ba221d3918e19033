import type { Host, HostMember } from '../host.ts';
import { hostsOf } from '../plan/hosts.ts';
import { lineOfMember, newestFirst } from '../plan/line.ts';
import { groupOf, isBehind, liveEntries } from '../plan/live.ts';
import type { LiveEntry } from '../plan/live.ts';
import { isSameRef } from '../plan/member.ts';
import type { Member } from '../plan/member.ts';
import { hostGroup } from '../plan/hosts.ts';
import type { ClusterFacts } from '../cluster-facts.ts';
import type { ExistingObject, Snapshot } from '../snapshot.ts';
import { leadershipOf } from './leadership.ts';
import type { Leadership, Line } from './leadership.ts';
import { mainLine } from './main-line.ts';
import { ownerOf } from './ownership.ts';
import type { Ownership } from './ownership.ts';
import { versionOf } from './version.ts';
import type { Version } from './version.ts';

/** One host that Deployments share: who may have it, and who of them leads. */
export interface Takeover {
  readonly host: string;
  readonly object: Host | undefined;
  readonly owner: Ownership;
  /** Those of the owner's namespace, by name of the line, the line with the oldest version first. */
  readonly lines: ReadonlyMap<string, LinePlan>;
  /** The line that each of these is in. */
  readonly planOf: ReadonlyMap<Member, LinePlan>;
  /** The one that takes what no path takes. */
  readonly main: LinePlan | undefined;
  /** Lines that would need the whole host and do not get it. */
  readonly conflicted: ReadonlySet<LinePlan>;
  /** Every Deployment that has a part in it, also those of other namespaces. The oldest first. */
  readonly members: readonly Member[];
}

export interface LinePlan {
  readonly name: string;
  readonly line: Line;
  readonly leadership: Leadership;
  /** Takes what is left for the leader while that has no endpoint. */
  readonly standIn: Version | undefined;
  /** Whether it asks for the host itself, and not for paths of it alone. */
  readonly wantsAll: boolean;
}

export type TakeoverInputs = Pick<Snapshot, 'existing' | 'settings' | 'now' | 'namespaces'> & {
  readonly facts: ClusterFacts;
};

/** `members`: all that are known, the oldest first. */
export function planTakeover(host: string, members: readonly Member[], inputs: TakeoverInputs): Takeover {
  const { now, facts, settings, existing } = inputs;
  const { traffic } = facts;
  const object = traffic.host(host);
  const route = existing.find(one => groupOf(one) === hostGroup(host));
  // What others wrote into it says nothing about who leads.
  const entries = route ? liveEntries({ ...route, spec: ownedSpec(route) }) : [];
  const own = members.filter(member => hasPart(member, host, entries, object, inputs));
  const owner = ownerOf(host, object, own, { ...inputs, routedIn: route?.metadata.namespace });
  const before = object?.status?.members ?? [];
  const context = { now, traffic, before };
  const liveSince = traffic.routeSeenSince(host);
  const plans = new Map<string, LinePlan>();
  const owned = own.filter(({ ref }) => ref.namespace === owner.namespace);
  for (const [name, group] of Map.groupBy(owned, member => lineIn(before, member))) {
    const versions = newestFirst(group).map(member => versionOf(member, context));
    const live = versions.find(
      ({ member }) => !isSuccessor(member, before) && entries.some(entry => isBehind(entry, member.ref)),
    );
    const line: Line = { versions, live, liveSince, isHeldStill: now > 0 && !traffic.areHostsServed };
    const leadership = leadershipOf(line, now);
    plans.set(name, {
      name,
      line,
      leadership,
      standIn: standInOf(line, leadership),
      wantsAll: group.some(member => wantsAll(member, host)),
    });
  }
  const { main, conflicted } = mainLine(host, plans, entries, settings);
  const planOf = new Map([...plans.values()].flatMap(plan => plan.line.versions.map(({ member }) => [member, plan])));
  return { host, object, owner, lines: plans, planOf, main, conflicted, members: own };
}

function ownedSpec({ spec, owned }: ExistingObject): unknown {
  return owned === undefined ? spec : (owned as Pick<ExistingObject, 'spec'>).spec;
}

/** Of Mappings alone everyone is a line of its own. */
export function lineName(member: Member): string {
  return lineOfMember(member) ?? member.ref.name;
}

/** A frozen one whose text does not say it any more stays in the line that it was in. */
function lineIn(before: readonly HostMember[], member: Member): string {
  const { uid } = member.deployment.metadata;
  const isUnknown = member.intent === undefined && lineOfMember(member) === undefined && uid !== undefined;
  const known = isUnknown ? before.find(one => one.uid === uid) : undefined;
  return known?.line ?? lineName(member);
}

/** Created again under the name of one that was deleted: what lives under that name is not its doing. */
function isSuccessor({ ref, deployment }: Member, before: readonly HostMember[]): boolean {
  const { uid } = deployment.metadata;
  const named = before.filter(one => isSameRef(ref, { ...ref, namespace: one.namespace, name: one.name }));
  return uid !== undefined && named.length > 0 && !named.some(one => one.uid === uid);
}

function hasPart(
  member: Member,
  host: string,
  entries: readonly LiveEntry[],
  object: Host | undefined,
  { settings }: TakeoverInputs,
): boolean {
  const { intent } = member;
  if (intent)
    return (intent.ports.length > 0 || intent.mappings.length > 0) && hostsOf(intent, settings).includes(host);
  const { uid } = member.deployment.metadata;
  const isKnown = uid !== undefined && object?.status?.members.some(one => one.uid === uid) === true;
  return isKnown || entries.some(entry => isBehind(entry, member.ref));
}

export function wantsAll({ intent }: Member, host: string): boolean {
  return intent?.service?.hosts.some(({ value }) => value === host) === true;
}

/** The best of those that are up: one that is ready before one that is not, the newest first, failed ones last. */
function standInOf({ versions }: Line, { leader }: Leadership): Version | undefined {
  const isDown = leader.readiness.endpoints === 0 || leader.readiness.desired === 0;
  if (!isDown || leader.isFrozen) return undefined;
  const up = versions.filter(
    one => one !== leader && !one.isFrozen && one.readiness.endpoints > 0 && one.readiness.desired > 0,
  );
  const ready = up.filter(({ readiness }) => readiness.isReady);
  return ready.find(one => !one.isFailed) ?? up.find(one => !one.isFailed) ?? up[0];
}
