import { isError } from '../findings/finding.ts';
import type { Finding } from '../findings/finding.ts';
import { NO_FACTS } from '../cluster-facts.ts';
import type { GroupKey, Snapshot } from '../snapshot.ts';
import { leadsOf } from '../takeover/leads.ts';
import { lineName } from '../takeover/takeover.ts';
import type { Takeover } from '../takeover/takeover.ts';
import { ask } from './asking.ts';
import type { Holder } from './conflict-findings.ts';
import { planExternal } from './external.ts';
import type { ExternalGrant } from './external.ts';
import type { Fault } from './fault.ts';
import { settle } from './groups.ts';
import type { Settled, Told } from './groups.ts';
import { unreadyIn } from './group-traffic.ts';
import { deploymentGroup, hostGroup } from './hosts.ts';
import { candidateOf, claim, hostPlan, inOrder, keepLive } from './host-ledger.ts';
import type { Candidate, HostLedger, HostPlan } from './host-ledger.ts';
import { liveBuiltInHost } from './live.ts';
import { LiveRoutes } from './live-routes.ts';
import { byAge, isSameRef } from './member.ts';
import type { Member } from './member.ts';
import { ModelClaims } from './model-claims.ts';
import { isOnBuiltInHost } from './route.ts';
import type { Route } from './route.ts';
import type { Traffic } from './traffic.ts';
import { planUpstreams } from './upstreams.ts';
import type { UpstreamPlan } from './upstreams.ts';

/** Who gets which host and which path, and in what order a host is asked. */
export interface Plan {
  /** Routes of built-in hosts by the group of their Deployment, in order. */
  readonly builtIn: ReadonlyMap<GroupKey, readonly Route[]>;
  readonly hosts: readonly HostPlan[];
  /** Of every host that is claimed: who leads there. */
  readonly takeovers: ReadonlyMap<string, Takeover>;
  /** Of a Deployment's routes on a host that name no service; `undefined` = to its own Service, all of it. */
  trafficOn(member: Member, host: string): Traffic | undefined;
  /** How places are reached of which more must be written than that they are there. */
  readonly upstreams: readonly UpstreamPlan[];
  /** By the group of the Deployment. */
  readonly external: ReadonlyMap<GroupKey, ExternalGrant>;
  readonly faults: readonly Fault[];
  /** Those that admission would have denied; nothing of them is in the plan. */
  readonly denied: ReadonlySet<Member>;
  /** When the plan can be another one by time alone. */
  readonly wakeAt: number | undefined;
}

/**
 * Decides across Deployments, oldest first: what one has, a newer one does not get, and is told who has it. Versions of
 * one line are as old as the oldest of them, and only the one that leads is asked. A frozen Deployment has what lives of
 * it, no more and no less.
 *
 * Who shares the same requests shows only once all are asked. Where somebody is denied for that, the others are asked
 * anew without him.
 */
export function planRoutes(members: readonly Member[], snapshot: Snapshot): Plan {
  const denied = new Map<Member, readonly Fault[]>();
  for (;;) {
    const plan = planOnce(
      members.filter(member => !denied.has(member)),
      snapshot,
    );
    const late = deniedLate(plan);
    if (late.size === 0) {
      const faults = [...plan.faults, ...[...denied.values()].flat()];
      return { ...plan, faults, denied: new Set([...plan.denied, ...denied.keys()]) };
    }
    for (const [member, faults] of late) denied.set(member, faults);
  }
}

interface Round extends Plan {
  /** The oldest first. */
  readonly members: readonly Member[];
  /** Of those that get none of the requests that others have as well. */
  readonly refusals: readonly Finding[];
}

/** Those that are refused, with all that is said to them; but one whose rival goes as well may be without fault then. */
function deniedLate({ members, refusals, faults }: Round): ReadonlyMap<Member, readonly Fault[]> {
  const byObject = Map.groupBy(refusals, ({ object }) => deploymentGroup(object));
  const late = new Map<Member, readonly Fault[]>();
  const gone = new Set<GroupKey>();
  for (const member of members) {
    const group = deploymentGroup(member.ref);
    const rivals = byObject.get(group)?.flatMap(({ related }) => related.map(({ object }) => deploymentGroup(object)));
    if (!rivals || !member.deniable) continue;
    if (!rivals.some(rival => rival !== group && gone.has(rival))) {
      late.set(
        member,
        faults.filter(({ finding: { object } }) => isSameRef(object, member.ref)),
      );
    }
    gone.add(group);
  }
  return late;
}

function planOnce(members: readonly Member[], snapshot: Snapshot): Round {
  const { existing, settings, facts = NO_FACTS, now } = snapshot;
  const { ingressHost } = settings;
  const external = planExternal(members, snapshot);
  const live = new LiveRoutes(existing);
  const ledgers = new Map<string, HostLedger>();
  const models = new ModelClaims(ledgers, settings);
  const builtIn = new Map<GroupKey, readonly Route[]>();
  const holders = new Map<string, Holder>();
  const faults: Fault[] = [];
  const refusals: Finding[] = [];
  const denied = new Set<Member>();
  const aged = byAge(members);
  const leads = leadsOf(aged, snapshot);
  const wakes: number[] = [];
  const unreadyOf = unreadyIn({ traffic: facts.traffic, settings, now }, time => wakes.push(time));
  for (const member of byLine(aged)) {
    if (!member.intent) {
      for (const [host, entries] of live.takeOf(member.ref)) keepLive(ledgers, host, entries, member);
      const host = liveBuiltInHost(existing, member);
      if (host !== undefined && !holders.has(host)) holders.set(host, { ref: member.ref });
      continue;
    }
    const asked = ask(member, member.intent, { ledgers, holders, leads }, settings);
    const group = deploymentGroup(member.ref);
    const all = [...asked.faults, ...external.ask(member).map(finding => ({ group, finding }))];
    faults.push(...all);
    if (member.deniable && all.some(({ finding }) => isError(finding))) {
      denied.add(member);
      continue;
    }
    external.grant(member);
    const own = asked.routes.filter(route => isOnBuiltInHost(route, settings));
    if (own[0]) {
      const { granted, told } = settle(own.map(candidateOf), unreadyOf);
      faults.push(...told.filter(isNews).map(({ finding }) => ({ group, finding })));
      builtIn.set(
        group,
        inOrder(granted).flatMap(({ entry }) => ('route' in entry ? [entry.route] : [])),
      );
      holders.set(own[0].place.host, { ref: member.ref, at: { intent: member.intent, range: own[0].place.at } });
    }
    for (const route of asked.routes) if (!isOnBuiltInHost(route, settings)) claim(ledgers, route);
    onHost(ingressHost, models.ask(member, holders.get(ingressHost)));
  }
  const hosts = [...ledgers].map(([host, ledger]) => {
    const settled = settle(ledger.candidates, unreadyOf);
    onHost(
      host,
      settled.told.filter(isNews).map(({ finding }) => finding),
    );
    refusals.push(...settled.told.filter(({ effect }) => effect === 'refused').map(({ finding }) => finding));
    return hostPlan(host, [...settled.granted, ...modelRoutes(host, settled)], ownerOf(host, ledger));
  });
  const reached = planUpstreams(
    aged.filter(member => !denied.has(member)),
    snapshot,
  );
  faults.push(...reached.faults);
  refusals.push(...reached.faults.map(({ finding }) => finding));
  wakes.push(...[leads.wakeAt, reached.wakeAt].filter(time => time !== undefined));
  return {
    members: aged,
    refusals,
    builtIn,
    upstreams: reached.upstreams,
    hosts,
    takeovers: leads.takeovers,
    trafficOn: (member, host) => leads.trafficOn(member, host),
    external: external.granted,
    faults,
    denied,
    wakeAt: wakes.length === 0 ? undefined : Math.min(...wakes),
  };

  function onHost(host: string, findings: readonly Finding[]): void {
    faults.push(...findings.map(finding => ({ group: hostGroup(host), finding })));
  }

  function modelRoutes(host: string, { granted }: Settled): readonly Candidate[] {
    if (host !== ingressHost) return [];
    const isPathLeader = (member: Member) => leads.on(member, ingressHost);
    const { routes, findings } = models.grant(granted, isPathLeader, member => leads.trafficOn(member, ingressHost));
    onHost(host, findings);
    return routes;
  }

  function ownerOf(host: string, { first }: HostLedger): string {
    if (host === ingressHost) return settings.systemNamespace;
    return leads.takeovers.get(host)?.owner.namespace ?? first.ref.namespace;
  }
}

/** What is no more than a hint between documents of one Deployment has been said where it is looked at by itself. */
function isNews({ route, holder, effect }: Told): boolean {
  return effect !== 'none' || holder?.at?.intent !== route.intent;
}

/** A line has its place since its oldest version; within it the oldest comes first. */
function byLine(aged: readonly Member[]): readonly Member[] {
  // One that is frozen or has no port need not take part where the others do: the controller may not look at it there.
  const isAlone = ({ intent }: Member) => (intent?.ports.length ?? 0) === 0;
  const lines = Map.groupBy(aged, member => (isAlone(member) ? member : `${member.ref.namespace}/${lineName(member)}`));
  return [...lines.values()].flat();
}
