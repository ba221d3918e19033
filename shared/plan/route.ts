import type { Intent, Mapping } from '../intent.ts';
import { compareCodePoints } from '../json.ts';
import { builtInHostOf, mappingHosts, serviceHosts } from './hosts.ts';
import type { HostPlace } from './hosts.ts';
import type { Settings } from '../settings.ts';
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
}

/** What a route matches by; equal matches cannot both be asked. */
export interface Match {
  readonly prefix: string;
  readonly method: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

const EVERYTHING: Match = { prefix: '/', method: '', headers: [] };

export function matchOf({ mapping, modelPath }: Route): Match {
  if (!mapping) return modelPath === undefined ? EVERYTHING : { ...EVERYTHING, prefix: modelPath };
  return { prefix: mapping.prefix.value, method: mapping.method ?? '', headers: mapping.headers };
}

export function matchKey({ prefix, method, headers }: Match): string {
  return JSON.stringify([prefix, method, headers.map(({ name, value }) => [name, value])]);
}

/** Of a route that takes all requests of a host. */
export const EVERYTHING_KEY = matchKey(EVERYTHING);

/**
 * All routes of one Deployment, Mappings in document order. Where a Mapping takes all requests of a host, it stands for
 * the catch-all. Without a port to send to there are none.
 */
export function routesOf(intent: Intent, settings: Settings): readonly Route[] {
  const mapped = intent.mappings
    .filter(({ destination }) => destination.to === 'service' || intent.ports.length > 0)
    .flatMap(mapping => mappingHosts(mapping, intent, settings).map(place => ({ intent, place, mapping })));
  if (intent.ports.length === 0) return mapped;
  const covered = new Set(
    mapped.filter(route => matchKey(matchOf(route)) === EVERYTHING_KEY).map(({ place }) => place.host),
  );
  const catchAlls = serviceHosts(intent, settings).filter(({ host }) => !covered.has(host));
  return [...mapped, ...catchAlls.map(place => ({ intent, place }))];
}

export function isOnBuiltInHost({ intent, place }: Route, settings: Settings): boolean {
  return place.host === builtInHostOf(intent, settings);
}

/** Ambassador's sort key (IRHTTPMapping._route_weight), for what a Mapping holds here. */
export interface SortKey {
  readonly precedence: number;
  readonly prefix: string;
  /** Of the prefix, in characters: counted once, and compared often. */
  readonly length: number;
  /** Sum over the header matches of the lengths of name and value, in characters. */
  readonly headers: number;
  readonly method: string;
  /** `name-value` of each header match. */
  readonly pairs: readonly string[];
}

export function sortKey({ mapping, modelPath, place }: Route): SortKey {
  if (!mapping) return modelPath === undefined ? LAST : keyOf(0, modelPath, undefined, []);
  const { precedence, prefix, method, headers } = mapping;
  const pairs = headers.map(({ name, value }): Pair => [name, value]);
  if (place.named) pairs.push([':authority', place.host]);
  if (method !== undefined) pairs.push([':method', method]);
  return keyOf(precedence, prefix.value, method, pairs);
}

export type Pair = readonly [name: string, value: string];

export function keyOf(precedence: number, prefix: string, method: string | undefined, pairs: readonly Pair[]): SortKey {
  return {
    precedence,
    prefix,
    length: characters(prefix),
    headers: pairs.reduce((sum, [name, value]) => sum + characters(name) + characters(value), 0),
    method: method ?? 'GET',
    pairs: pairs.map(([name, value]) => `${name}-${value}`),
  };
}

/** Below every Mapping, whatever its precedence. */
export const LAST: SortKey = { precedence: -Infinity, prefix: '', length: 0, headers: 0, method: '', pairs: [] };

function characters(text: string): number {
  return Array.from(text).length;
}

/** Negative when `a` is asked before `b`: Ambassador sorts by the key and then reverses. */
export function compareKeys(a: SortKey, b: SortKey): number {
  return (
    compareNumbers(b.precedence, a.precedence) ||
    b.length - a.length ||
    b.headers - a.headers ||
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
