import { isError } from '../findings/finding.ts';
import type { Finding } from '../findings/finding.ts';
import type { Host } from '../host.ts';
import { followsHost } from '../intent.ts';
import type { Intent } from '../intent.ts';
import type { Settings } from '../settings.ts';
import type { ExistingObject, GroupKey, Snapshot } from '../snapshot.ts';
import { leadsOf } from '../takeover/leads.ts';
import type { Leads } from '../takeover/leads.ts';
import { lineName } from '../takeover/takeover.ts';
import type { Takeover } from '../takeover/takeover.ts';
import { builtInHostTaken, hostTaken, lineConflict, pathTaken, routeConflict } from './conflict-findings.ts';
import type { Holder } from './conflict-findings.ts';
import type { ExternalAccess } from './external.ts';
import { hostOwnedElsewhere } from './host-admission.ts';
import { deploymentGroup, hostGroup } from './hosts.ts';
import type { HostPlace } from './hosts.ts';
import { grant, hostPlan, keepLive } from './host-ledger.ts';
import type { HostLedger, HostPlan } from './host-ledger.ts';
import { groupOf, liveBuiltInHost, liveEntries } from './live.ts';
import type { LiveEntry } from './live.ts';
import { byAge } from './member.ts';
import type { Member } from './member.ts';
import { ModelClaims } from './model-claims.ts';
import { repeatedRoutes } from './own-faults.ts';
import { matchKey } from '../request-match.ts';
import { compareKeys, EVERYTHING_KEY, isOnBuiltInHost, matchOf, routesOf, sortKey } from './route.ts';
import type { Route } from './route.ts';
import type { Traffic } from './traffic.ts';

/** Who gets which host and which path, and in what order a host is asked. */
export interface Plan {
  /** Routes of built-in hosts by the group of their Deployment, in order. */
  readonly builtIn: ReadonlyMap<GroupKey, readonly Route[]>;
  readonly hosts: readonly HostPlan[];
  /** Of every host that is claimed: who leads there. */
  readonly takeovers: ReadonlyMap<string, Takeover>;
  /** Of a Deployment's routes on a host that name no service; `undefined` = to its own Service, all of it. */
  trafficOn(member: Member, host: string): Traffic | undefined;
  readonly faults: readonly Fault[];
  /** Those that admission would have denied; nothing of them is in the plan. */
  readonly denied: ReadonlySet<Member>;
  /** When the plan can be another one by time alone. */
  readonly wakeAt: number | undefined;
}

export interface Fault {
  readonly group: GroupKey;
  readonly finding: Finding;
}

/**
 * Decides across Deployments, oldest first: what one has, a newer one does not get, and is told who has it. Versions of
 * one line are as old as the oldest of them, and only the one that leads is asked. A frozen Deployment has what lives of
 * it, no more and no less.
 */
export function planRoutes(members: readonly Member[], snapshot: Snapshot, external: ExternalAccess): Plan {
  const { existing, settings } = snapshot;
  const { ingressHost } = settings;
  const live = liveHosts(existing);
  const ledger = new Map<string, HostLedger>();
  const models = new ModelClaims(ledger, settings);
  const builtIn = new Map<GroupKey, readonly Route[]>();
  const holders = new Map<string, Holder>();
  const faults: Fault[] = [];
  const denied = new Set<Member>();
  const aged = byAge(members);
  const leads = leadsOf(aged, snapshot);
  for (const member of byLine(aged)) {
    if (!member.intent) {
      for (const [host, entries] of live) keepLive(ledger, host, entries, member);
      const host = liveBuiltInHost(existing, member);
      if (host !== undefined && !holders.has(host)) holders.set(host, { ref: member.ref });
      continue;
    }
    const asked = ask(member, member.intent, { ledger, holders, leads }, settings);
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
      builtIn.set(group, inOrder(own));
      holders.set(own[0].place.host, { ref: member.ref, at: { intent: member.intent, range: own[0].place.at } });
    }
    for (const route of asked.routes) if (!isOnBuiltInHost(route, settings)) grant(ledger, route);
    faults.push(...onSharedHost(models.ask(member, holders.get(ingressHost))));
  }
  const isPathLeader = (member: Member) => leads.on(member, ingressHost);
  faults.push(...onSharedHost(models.grant(isPathLeader, member => leads.trafficOn(member, ingressHost))));
  return {
    builtIn,
    hosts: [...ledger].map(([host, state]) => hostPlan(host, state, ownerOf(host, state))),
    takeovers: leads.takeovers,
    trafficOn: (member, host) => leads.trafficOn(member, host),
    faults,
    denied,
    wakeAt: leads.wakeAt,
  };

  function onSharedHost(findings: readonly Finding[]): readonly Fault[] {
    return findings.map(finding => ({ group: hostGroup(ingressHost), finding }));
  }

  function ownerOf(host: string, { first }: HostLedger): string {
    if (host === ingressHost) return settings.systemNamespace;
    return leads.takeovers.get(host)?.owner.namespace ?? first.ref.namespace;
  }
}

/** A line has its place since its oldest version; within it the oldest comes first. */
function byLine(aged: readonly Member[]): readonly Member[] {
  // One that is frozen or has no port need not take part where the others do: the controller may not look at it there.
  const isAlone = ({ intent }: Member) => (intent?.ports.length ?? 0) === 0;
  const lines = Map.groupBy(aged, member => (isAlone(member) ? member : `${member.ref.namespace}/${lineName(member)}`));
  return [...lines.values()].flat();
}

/** What older Deployments have. */
interface Taken {
  readonly ledger: ReadonlyMap<string, HostLedger>;
  /** Who has a host as its built-in one: the platform's template need not keep two Deployments apart. */
  readonly holders: ReadonlyMap<string, Holder>;
  readonly leads: Leads;
}

/** What of a Deployment's wishes can be granted, and why the rest cannot. */
function ask(
  member: Member,
  intent: Intent,
  { ledger, holders, leads }: Taken,
  settings: Settings,
): { readonly routes: readonly Route[]; readonly faults: readonly Fault[] } {
  // Said where the Deployment is looked at by itself; the first of them keeps the route.
  const dropped = new Set(repeatedRoutes(intent, settings).map(({ route }) => routeId(route)));
  const faults: Fault[] = [];
  const lost = new Set<string>();
  const routes = routesOf(intent, settings).flatMap((route): readonly Route[] => {
    const { host } = route.place;
    const state = ledger.get(host);
    if (dropped.has(routeId(route))) return [];
    const isBuiltIn = isOnBuiltInHost(route, settings);
    const other = holders.get(host) ?? (isBuiltIn ? state?.first : undefined);
    if (other) {
      if (!lost.has(host)) faults.push(builtInHostFault(route, other, isBuiltIn));
      lost.add(host);
      return [];
    }
    const takeover = leads.takeovers.get(host);
    if (takeover) {
      const foreign = hostFault(intent, route, takeover, settings);
      if (foreign && !lost.has(host)) refuse(faults, host, foreign);
      if (foreign) lost.add(host);
      if (foreign || !leads.takes(member, route)) return [];
    } else if (!isBuiltIn && !leads.on(member, host)) return [];
    const granted = withTraffic(route, leads.trafficOn(member, host));
    if (!state) return [granted];
    if (host === settings.ingressHost) return refuse(faults, host, pathFault(route, state)) ? [] : [granted];
    const holder = hostHolder(route, state);
    if (!holder) return refuse(faults, host, routeFault(route, state)) ? [] : [granted];
    if (!lost.has(host))
      refuse(faults, host, hostTaken(intent, firstPlace(intent, settings, host) ?? route.place, holder));
    lost.add(host);
    return [];
  });
  return { routes, faults: [...faults, ...leads.faultsOf(member)] };
}

function withTraffic(route: Route, traffic: Traffic | undefined): Route {
  return traffic === undefined || (route.mapping && !followsHost(route.mapping)) ? route : { ...route, traffic };
}

/** What keeps a whole line from the host: another namespace has it, or another line of this one. */
function hostFault(intent: Intent, route: Route, takeover: Takeover, settings: Settings): Finding | undefined {
  const { host, owner, object, main } = takeover;
  const place = firstPlace(intent, settings, host) ?? route.place;
  if (owner.namespace !== intent.object.namespace) {
    const oldest = takeover.members.find(({ ref }) => ref.namespace === owner.namespace);
    if (object) return hostOwnedElsewhere(intent, place, withOwner(object, owner.namespace));
    return oldest && hostTaken(intent, place, holderOf(oldest, host, settings));
  }
  const isConflicted = [...takeover.conflicted].some(({ line }) =>
    line.versions.some(one => one.member.intent === intent),
  );
  const holder = main?.leadership.leader.member;
  return isConflicted && holder ? lineConflict(intent, place, holderOf(holder, host, settings)) : undefined;
}

function withOwner(object: Host, namespace: string | undefined): Host {
  return { ...object, spec: { ...object.spec, namespace: namespace ?? object.spec.namespace } };
}

function holderOf({ ref, intent }: Member, host: string, settings: Settings): Holder {
  const place = intent && firstPlace(intent, settings, host);
  return intent && place ? { ref, at: { intent, range: place.at } } : { ref };
}

function builtInHostFault(route: Route, holder: Holder, isBuiltIn: boolean): Fault {
  const { intent, place } = route;
  const group = isBuiltIn ? deploymentGroup(intent.object) : hostGroup(place.host);
  // Nothing in a Mapping asked for its own built-in host.
  const at = (isBuiltIn ? intent.service?.at : undefined) ?? place.at;
  return { group, finding: builtInHostTaken(intent, { ...place, at }, holder) };
}

function refuse(faults: Fault[], host: string, fault: Finding | undefined): boolean {
  if (fault) faults.push({ group: hostGroup(host), finding: fault });
  return fault !== undefined;
}

function routeId(route: Route): string {
  return `${route.place.host} ${route.mapping?.at.start ?? ''}`;
}

/** Whose Mapping, or what lives of whom, takes all requests that the InferenceService would have. */
function hostHolder(route: Route, { byMatch }: HostLedger): Holder | undefined {
  return route.mapping ? undefined : byMatch.get(EVERYTHING_KEY)?.holder;
}

/** Where the user first asked for a host: as the InferenceService's, else as a Mapping's. */
function firstPlace(intent: Intent, settings: Settings, host: string): HostPlace | undefined {
  const places = routesOf(intent, settings).map(({ place }) => place);
  const named = places.filter(place => place.host === host && (place.named || place.path !== ''));
  return named.toSorted((a, b) => a.at.start - b.at.start)[0];
}

function pathFault(route: Route, state: HostLedger): Finding | undefined {
  const prefix = matchOf(route).path.value;
  const { namespace } = route.intent.object;
  const taken = state.paths.findOther({ prefix, precedence: sortKey(route).precedence, namespace });
  return taken ? pathTaken(route, taken.holder, taken.prefix) : routeFault(route, state);
}

function routeFault(route: Route, { byMatch }: HostLedger): Finding | undefined {
  const taken = byMatch.get(matchKey(matchOf(route)));
  return taken && routeConflict(route, taken.holder);
}

function inOrder(routes: readonly Route[]): readonly Route[] {
  return routes.toSorted((a, b) => compareKeys(sortKey(a), sortKey(b)));
}

function liveHosts(existing: readonly ExistingObject[]): ReadonlyMap<string, readonly LiveEntry[]> {
  const hosts = new Map<string, readonly LiveEntry[]>();
  for (const object of existing) {
    const group = groupOf(object);
    if (group?.startsWith('Host/')) hosts.set(group.slice('Host/'.length), liveEntries(object));
  }
  return hosts;
}
