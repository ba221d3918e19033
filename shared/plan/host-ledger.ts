import type { JsonObject } from '../json.ts';
import type { Holder } from './conflict-findings.ts';
import type { LiveEntry } from './live.ts';
import { isSameRef } from './member.ts';
import type { Member } from './member.ts';
import { PathClaims } from './path-claims.ts';
import { matchKey } from '../request-match.ts';
import type { RequestMatch } from '../request-match.ts';
import { compareKeys, matchOf, sortKey } from './route.ts';
import type { Route, SortKey } from './route.ts';

/** The one VirtualService of a host that is not built in. */
export interface HostPlan {
  readonly host: string;
  readonly namespace: string;
  /** In the order in which they are asked. */
  readonly entries: readonly HostEntry[];
}

/** A route to render, or an entry of a frozen Deployment that stays as it lives. */
export type HostEntry = { readonly route: Route } | { readonly live: JsonObject };

/** What has been granted of one host so far. */
export interface HostLedger {
  /** Who had it first. */
  readonly first: Holder;
  readonly granted: Granted[];
  /** The first with each match. */
  readonly byMatch: Map<string, Granted>;
  readonly paths: PathClaims<PathHolder>;
}

export interface Granted {
  readonly holder: Holder;
  readonly match: RequestMatch;
  readonly key: SortKey;
  readonly entry: HostEntry;
}

export interface PathHolder {
  readonly holder: Holder;
  readonly prefix: string;
}

export type Ledgers = Map<string, HostLedger>;

/** What lives of a frozen Deployment on a host is granted as it is. */
export function keepLive(ledgers: Ledgers, host: string, entries: readonly LiveEntry[], { ref }: Member): void {
  for (const { namespace, deployment, entry, match, key } of entries) {
    if (!isSameRef(ref, { ...ref, namespace, name: deployment })) continue;
    add(ledgers, host, { holder: { ref }, match, key, entry: { live: entry } });
  }
}

export function grant(ledgers: Ledgers, route: Route): void {
  const { intent, mapping, place } = route;
  const holder: Holder = { ref: intent.object, at: { intent, range: mapping?.prefixAt ?? place.at } };
  add(ledgers, place.host, { holder, match: matchOf(route), key: sortKey(route), entry: { route } });
}

function add(ledgers: Ledgers, host: string, granted: Granted): void {
  const { holder, key } = granted;
  const ledger = ledgerOf(ledgers, host, holder);
  const match = matchKey(granted.match);
  ledger.granted.push(granted);
  if (!ledger.byMatch.has(match)) ledger.byMatch.set(match, granted);
  const prefix = granted.match.path.value;
  ledger.paths.add({ prefix, precedence: key.precedence, namespace: holder.ref.namespace }, { holder, prefix });
}

/** Of a host that nobody had until now it is begun by `holder`. */
export function ledgerOf(ledgers: Ledgers, host: string, holder: Holder): HostLedger {
  const known = ledgers.get(host);
  if (known) return known;
  const ledger = { first: holder, granted: [], byMatch: new Map(), paths: new PathClaims<PathHolder>() };
  ledgers.set(host, ledger);
  return ledger;
}

/** A stable sort: what lives of the frozen keeps its order, since its `precedence` is no longer known. */
export function hostPlan(host: string, { granted }: HostLedger, namespace: string): HostPlan {
  const living = granted.filter(({ entry }) => 'live' in entry);
  const asked = granted.filter(({ entry }) => 'route' in entry).sort((a, b) => compareKeys(a.key, b.key));
  return {
    host,
    namespace,
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
