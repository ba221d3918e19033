import type { JsonObject } from '../json.ts';
import type { NamedRoute } from '../render/route-name.ts';
import type { Holder } from './conflict-findings.ts';
import type { LiveEntry } from './live.ts';
import type { Member } from './member.ts';
import { PathClaims, pathClaim } from './path-claims.ts';
import { matchKey } from '../request-match.ts';
import type { RequestMatch } from '../request-match.ts';
import { compareKeys, isShadow, matchOf, sortKey } from './route.ts';
import type { Route, SortKey } from './route.ts';

/** The one VirtualService of a host that is not built in. */
export interface HostPlan {
  readonly host: string;
  readonly namespace: string;
  /** In the order in which they are asked. */
  readonly entries: readonly HostEntry[];
}

/** A route to render, or an entry of frozen Deployments that stays as it lives. */
export type HostEntry = { readonly route: Route } | { readonly live: JsonObject };

/** What is asked for of one host. */
export interface HostLedger {
  /** Who had it first. */
  readonly first: Holder;
  /** The oldest first. */
  readonly candidates: Candidate[];
  /** The first one with each match that takes requests, and not only copies of them. */
  readonly byMatch: Map<string, Candidate>;
  readonly paths: PathClaims<PathHolder>;
}

/** Requests of one host, and who wants them. */
export interface Candidate {
  readonly holder: Holder;
  readonly match: RequestMatch;
  readonly key: SortKey;
  readonly entry: HostEntry;
  /** Of an entry that lives: all that are behind it. */
  readonly members?: readonly NamedRoute[];
}

export interface PathHolder {
  readonly holder: Holder;
  readonly prefix: string;
}

export type Ledgers = Map<string, HostLedger>;

/** What lives of a frozen Deployment on a host, and is no other one's already, stays as it is. */
export function keepLive(ledgers: Ledgers, host: string, lives: readonly LiveEntry[], { ref }: Member): void {
  for (const { members, entry, match, key } of lives) {
    add(ledgers, host, { holder: { ref }, match, key, entry: { live: entry }, members });
  }
}

export function candidateOf(route: Route): Candidate {
  const { intent, mapping, place } = route;
  const holder: Holder = { ref: intent.object, at: { intent, range: mapping?.prefixAt ?? place.at } };
  return { holder, match: matchOf(route), key: sortKey(route), entry: { route } };
}

export function claim(ledgers: Ledgers, route: Route): void {
  add(ledgers, route.place.host, candidateOf(route));
}

function add(ledgers: Ledgers, host: string, candidate: Candidate): void {
  const { holder, key, match, entry } = candidate;
  const ledger = ledgerOf(ledgers, host, holder);
  const text = matchKey(match);
  ledger.candidates.push(candidate);
  if (!ledger.byMatch.has(text) && !('route' in entry && isShadow(entry.route))) ledger.byMatch.set(text, candidate);
  const { namespace } = holder.ref;
  ledger.paths.add(pathClaim(match, key.precedence, namespace), { holder, prefix: match.path.value });
}

/** Of a host that nobody had until now it is begun by `holder`. */
export function ledgerOf(ledgers: Ledgers, host: string, holder: Holder): HostLedger {
  const known = ledgers.get(host);
  if (known) return known;
  const ledger = { first: holder, candidates: [], byMatch: new Map(), paths: new PathClaims<PathHolder>() };
  ledgers.set(host, ledger);
  return ledger;
}

/** A stable sort: what lives of the frozen keeps its order, since its `precedence` is no longer known. */
export function hostPlan(host: string, granted: readonly Candidate[], namespace: string): HostPlan {
  const living = granted.filter(({ entry }) => 'live' in entry);
  return { host, namespace, entries: merge(living, inOrder(granted.filter(({ entry }) => 'route' in entry))) };
}

export function inOrder(granted: readonly Candidate[]): readonly Candidate[] {
  return granted.toSorted((a, b) => compareKeys(a.key, b.key));
}

/** Both keep their own order. */
function merge(living: readonly Candidate[], asked: readonly Candidate[]): readonly HostEntry[] {
  const merged: HostEntry[] = [];
  let next = 0;
  for (const { key, entry } of living) {
    for (let one = asked[next]; one && compareKeys(one.key, key) < 0; one = asked[++next]) merged.push(one.entry);
    merged.push(entry);
  }
  return [...merged, ...asked.slice(next).map(({ entry }) => entry)];
}
