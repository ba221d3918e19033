import type { Finding } from '../findings/finding.ts';
import type { Intent } from '../intent.ts';
import type { JsonObject } from '../json.ts';
import type { Settings } from '../settings.ts';
import type { ExistingObject, GroupKey, Snapshot } from '../snapshot.ts';
import { builtInHostTaken, hostTaken, pathTaken, routeConflict } from './conflict-findings.ts';
import type { Holder } from './conflict-findings.ts';
import type { ExternalAccess } from './external.ts';
import { deploymentGroup, hostGroup } from './hosts.ts';
import type { HostPlace } from './hosts.ts';
import { groupOf, liveBuiltInHost, liveEntries } from './live.ts';
import type { LiveEntry } from './live.ts';
import { byAge, isSameRef } from './member.ts';
import type { Member } from './member.ts';
import { PathClaims } from './path-claims.ts';
import { repeatedRoutes } from './own-faults.ts';
import { compareKeys, isOnBuiltInHost, matchKey, matchOf, routesOf, sortKey } from './route.ts';
import type { Match, Route, SortKey } from './route.ts';

/** Who gets which host and which path, and in what order a host is asked. */
export interface Plan {
  /** Routes of built-in hosts by the group of their Deployment, in order. */
  readonly builtIn: ReadonlyMap<GroupKey, readonly Route[]>;
  readonly hosts: readonly HostPlan[];
  readonly faults: readonly Fault[];
  /** Those that admission would have denied; nothing of them is in the plan. */
  readonly denied: ReadonlySet<Member>;
}

/** The one VirtualService of a host that is not built in. */
export interface HostPlan {
  readonly host: string;
  readonly namespace: string;
  /** In the order in which they are asked. */
  readonly entries: readonly HostEntry[];
}

/** A route to render, or an entry of a frozen Deployment that stays as it lives. */
export type HostEntry = { readonly route: Route } | { readonly live: JsonObject };

export interface Fault {
  readonly group: GroupKey;
  readonly finding: Finding;
}

/**
 * Decides across Deployments, oldest first: what one has, a newer one does not get, and is told who has it. A frozen
 * Deployment has what lives of it, no more and no less.
 */
export function planRoutes(
  members: readonly Member[],
  { existing, settings }: Pick<Snapshot, 'existing' | 'settings'>,
  external: ExternalAccess,
): Plan {
  const live = liveHosts(existing);
  const ledger = new Map<string, HostLedger>();
  const builtIn = new Map<GroupKey, readonly Route[]>();
  const holders = new Map<string, Holder>();
  const faults: Fault[] = [];
  const denied = new Set<Member>();
  for (const member of byAge(members)) {
    if (!member.intent) {
      for (const [host, entries] of live) keepLive(ledger, host, entries, member);
      const host = liveBuiltInHost(existing, member);
      if (host !== undefined && !holders.has(host)) holders.set(host, { ref: member.ref });
      continue;
    }
    const asked = ask(member.intent, { ledger, holders }, settings);
    const group = deploymentGroup(member.ref);
    const all = [...asked.faults, ...external.ask(member).map(finding => ({ group, finding }))];
    faults.push(...all);
    if (member.deniable && all.length > 0) {
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
  }
  return { builtIn, hosts: [...ledger].map(([host, state]) => hostPlan(host, state, settings)), faults, denied };
}

/** What has been granted of one host so far. */
interface HostLedger {
  /** The namespace that had it first; of a host that all share it decides nothing. */
  readonly namespace: string;
  readonly granted: Granted[];
  readonly byMatch: Map<string, Granted>;
  readonly paths: PathClaims<Granted>;
}

interface Granted {
  readonly holder: Holder;
  readonly match: Match;
  readonly key: SortKey;
  readonly entry: HostEntry;
}

function keepLive(ledger: Map<string, HostLedger>, host: string, entries: readonly LiveEntry[], { ref }: Member): void {
  for (const { namespace, deployment, entry, match, key } of entries) {
    if (!isSameRef(ref, { ...ref, namespace, name: deployment })) continue;
    add(ledger, host, { holder: { ref }, match, key, entry: { live: entry } });
  }
}

function grant(ledger: Map<string, HostLedger>, route: Route): void {
  const { intent, mapping, place } = route;
  const holder: Holder = { ref: intent.object, at: { intent, range: mapping?.prefix.at ?? place.at } };
  add(ledger, place.host, { holder, match: matchOf(route), key: sortKey(route), entry: { route } });
}

function add(ledger: Map<string, HostLedger>, host: string, granted: Granted): void {
  const { namespace } = granted.holder.ref;
  const state: HostLedger = ledger.get(host) ?? {
    namespace,
    granted: [],
    byMatch: new Map(),
    paths: new PathClaims<Granted>(),
  };
  const match = matchKey(granted.match);
  state.granted.push(granted);
  if (!state.byMatch.has(match)) state.byMatch.set(match, granted);
  state.paths.add({ prefix: granted.match.prefix, precedence: granted.key.precedence, namespace }, granted);
  ledger.set(host, state);
}

/** What older Deployments have. */
interface Taken {
  readonly ledger: ReadonlyMap<string, HostLedger>;
  /** Who has a host as its built-in one: the platform's template need not keep two Deployments apart. */
  readonly holders: ReadonlyMap<string, Holder>;
}

/** What of a Deployment's wishes can be granted, and why the rest cannot. */
function ask(
  intent: Intent,
  { ledger, holders }: Taken,
  settings: Settings,
): { readonly routes: readonly Route[]; readonly faults: readonly Fault[] } {
  // Said where the Deployment is looked at by itself; the first of them keeps the route.
  const dropped = new Set(repeatedRoutes(intent, settings).map(({ route }) => routeId(route)));
  const faults: Fault[] = [];
  const lost = new Set<string>();
  const routes = routesOf(intent, settings).filter(route => {
    const { host } = route.place;
    const state = ledger.get(host);
    if (dropped.has(routeId(route))) return false;
    const isBuiltIn = isOnBuiltInHost(route, settings);
    const other = holders.get(host) ?? (isBuiltIn ? state?.granted[0]?.holder : undefined);
    if (other) {
      if (!lost.has(host)) faults.push(builtInHostFault(route, other, isBuiltIn));
      lost.add(host);
      return false;
    }
    if (!state) return true;
    if (host === settings.ingressHost) return !refuse(faults, host, pathFault(route, state));
    const holder = hostHolder(intent, host, state);
    if (!holder) return !refuse(faults, host, routeFault(route, state));
    if (!lost.has(host))
      refuse(faults, host, hostTaken(intent, firstPlace(intent, settings, host) ?? route.place, holder));
    lost.add(host);
    return false;
  });
  return { routes, faults };
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

/** Who keeps a whole host from this Deployment: another namespace, or one whose traffic it takes without condition. */
function hostHolder(intent: Intent, host: string, { namespace, granted, byMatch }: HostLedger): Holder | undefined {
  if (namespace !== intent.object.namespace) return granted[0]?.holder;
  const wantsAll = intent.service?.hosts.some(({ value }) => value === host) === true;
  return wantsAll ? byMatch.get(EVERYTHING)?.holder : undefined;
}

const EVERYTHING = matchKey({ prefix: '/', method: '', headers: [] });

/** Where the user first asked for a host: as the InferenceService's, else as a Mapping's. */
function firstPlace(intent: Intent, settings: Settings, host: string): HostPlace | undefined {
  const places = routesOf(intent, settings).map(({ place }) => place);
  const named = places.filter(place => place.host === host && (place.named || place.path !== ''));
  return named.toSorted((a, b) => a.at.start - b.at.start)[0];
}

function pathFault(route: Route, state: HostLedger): Finding | undefined {
  const { prefix } = matchOf(route);
  const { namespace } = route.intent.object;
  const taken = state.paths.findOther({ prefix, precedence: sortKey(route).precedence, namespace });
  return taken ? pathTaken(route, taken.holder, taken.match.prefix) : routeFault(route, state);
}

function routeFault(route: Route, { byMatch }: HostLedger): Finding | undefined {
  const taken = byMatch.get(matchKey(matchOf(route)));
  return taken && routeConflict(route, taken.holder);
}

/** A stable sort: what lives of the frozen keeps its order, since its `precedence` is no longer known. */
function hostPlan(host: string, { namespace, granted }: HostLedger, settings: Settings): HostPlan {
  const living = granted.filter(({ entry }) => 'live' in entry);
  const asked = granted.filter(({ entry }) => 'route' in entry).sort((a, b) => compareKeys(a.key, b.key));
  return {
    host,
    namespace: host === settings.ingressHost ? settings.systemNamespace : namespace,
    entries: merge(living, asked).map(({ entry }) => entry),
  };
}

/** Both keep their own order. */
function merge(living: readonly Granted[], asked: readonly Granted[]): readonly Granted[] {
  const merged: Granted[] = [];
  const rest = [...asked];
  for (const granted of living) {
    const behind = rest.findIndex(({ key }) => compareKeys(key, granted.key) >= 0);
    merged.push(...rest.splice(0, behind < 0 ? rest.length : behind), granted);
  }
  return [...merged, ...rest];
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
