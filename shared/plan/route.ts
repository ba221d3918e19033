import { followsHost } from '../intent.ts';
import type { Intent, Mapping } from '../intent.ts';
import { compareCodePoints } from '../json.ts';
import { EVERY_REQUEST, matchKey, underPrefix } from '../request-match.ts';
import type { NamedMatch, RequestMatch } from '../request-match.ts';
import { builtInHostOf, mappingHosts, serviceHosts } from './hosts.ts';
import type { HostPlace } from './hosts.ts';
import type { Settings } from '../settings.ts';
import type { RouteDestinations } from './route-destinations.ts';
import type { Traffic } from './traffic.ts';

/** One way into a Deployment on one host: a Mapping, or the traffic of the host itself. */
export interface Route {
  readonly intent: Intent;
  readonly place: HostPlace;
  /** Absent = the traffic of the InferenceService. */
  readonly mapping?: Mapping;
  /** Of that traffic: the path of its model on the host that all share; absent = the catch-all of a host. */
  readonly modelPath?: string;
  /** Of a route that names no service: where the traffic of its Deployment goes; absent = to its own Service, all of it. */
  readonly traffic?: Traffic;
  /** Of Mappings that share the same requests: all of them. The route itself is the first of them that is no shadow. */
  readonly group?: RouteGroup;
}

/** One entry of a VirtualService for several Mappings, of one Deployment or of several. */
export interface RouteGroup {
  /** At least two, the oldest first; shadows among them. */
  readonly members: readonly Route[];
  readonly sent: RouteDestinations;
}

/** All Mappings behind one entry of a VirtualService. */
export function membersOf(route: Route): readonly Route[] {
  return route.group?.members ?? [route];
}

export function isShadow({ mapping }: Route): boolean {
  return mapping?.action.does === 'forward' && mapping.action.isShadow;
}

export function matchOf({ mapping, modelPath }: Route): RequestMatch {
  if (mapping) return mapping.match;
  return modelPath === undefined ? EVERY_REQUEST : underPrefix(modelPath);
}

/** Of a route that takes all requests of a host. */
export const EVERYTHING_KEY = matchKey(EVERY_REQUEST);

/**
 * All routes of one Deployment, Mappings in document order. Where a Mapping takes all requests of a host, it stands for
 * the catch-all; a shadow takes none. Without a port to send to there are none.
 */
export function routesOf(intent: Intent, settings: Settings): readonly Route[] {
  const mapped = intent.mappings
    .filter(mapping => !followsHost(mapping) || intent.ports.length > 0)
    .flatMap(mapping => mappingHosts(mapping, intent, settings).map(place => ({ intent, place, mapping })));
  if (intent.ports.length === 0) return mapped;
  const covered = new Set(
    mapped
      .filter(route => !isShadow(route) && matchKey(matchOf(route)) === EVERYTHING_KEY)
      .map(({ place }) => place.host),
  );
  const catchAlls = serviceHosts(intent, settings).filter(({ host }) => !covered.has(host));
  return [...mapped, ...catchAlls.map(place => ({ intent, place }))];
}

export function isOnBuiltInHost({ intent, place }: Route, settings: Settings): boolean {
  return place.host === builtInHostOf(intent, settings);
}

/** Ambassador's sort key (IRHTTPMapping._route_weight). */
export interface SortKey {
  readonly precedence: number;
  readonly prefix: string;
  /** Of the prefix, in characters: counted once, and compared often. */
  readonly length: number;
  /** Sum over the header matches of the lengths of name and value, in characters, and one more for a pattern. */
  readonly headers: number;
  /** The same over the parameters of the query. */
  readonly query: number;
  readonly method: string;
  /** `name-value` of each header match, then of each parameter. */
  readonly pairs: readonly string[];
}

export function sortKey({ mapping, modelPath, place }: Route): SortKey {
  if (mapping) return keyOf(mapping.precedence, mapping.match, place.named ? place.host : undefined);
  return modelPath === undefined ? LAST : keyOf(0, underPrefix(modelPath));
}

interface Pair {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
}

/** `authority`: the host, where the Mapping names it. */
export function keyOf(precedence: number, match: RequestMatch, authority?: string): SortKey {
  const { path, method, headers, query } = match;
  const pairs = pairsOf(headers);
  if (authority !== undefined) pairs.push({ name: ':authority', value: authority, isRegex: false });
  if (method) pairs.push({ name: ':method', value: method.value, isRegex: method.kind === 'regex' });
  const parameters = pairsOf(query);
  return {
    precedence,
    prefix: path.value,
    length: characters(path.value),
    headers: lengthOf(pairs),
    query: lengthOf(parameters),
    method: method?.value ?? 'GET',
    pairs: [...pairs, ...parameters].map(({ name, value }) => `${name}-${value}`),
  };
}

/** Patterns behind the others, as Ambassador reads them. */
function pairsOf(matches: readonly NamedMatch[]): Pair[] {
  const pairs = matches.map(({ name, test }): Pair => ({
    name,
    value: 'value' in test ? test.value : ANY_VALUE,
    isRegex: test.kind === 'regex',
  }));
  return [...pairs.filter(({ isRegex }) => !isRegex), ...pairs.filter(({ isRegex }) => isRegex)];
}

/** What Ambassador takes for the value of one that need only be there. */
const ANY_VALUE = '*';

function lengthOf(pairs: readonly Pair[]): number {
  return pairs.reduce(
    (sum, { name, value, isRegex }) => sum + characters(name) + characters(value) + Number(isRegex),
    0,
  );
}

/** Below every Mapping, whatever its precedence. */
export const LAST: SortKey = {
  precedence: -Infinity,
  prefix: '',
  length: 0,
  headers: 0,
  query: 0,
  method: '',
  pairs: [],
};

function characters(text: string): number {
  return Array.from(text).length;
}

/** Negative when `a` is asked before `b`: Ambassador sorts by the key and then reverses. */
export function compareKeys(a: SortKey, b: SortKey): number {
  return (
    compareNumbers(b.precedence, a.precedence) ||
    b.length - a.length ||
    b.headers - a.headers ||
    b.query - a.query ||
    compareCodePoints(b.prefix, a.prefix) ||
    compareCodePoints(b.method, a.method) ||
    comparePairs(b.pairs, a.pairs)
  );
}

/** Two infinities are equal, and their difference is no number. */
function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function comparePairs(a: readonly string[], b: readonly string[]): number {
  for (const [index, pair] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compareCodePoints(pair, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
