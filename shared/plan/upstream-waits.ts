import type { Sender, TrafficFacts } from '../cluster-facts.ts';
import type { JsonObject } from '../json.ts';
import { serviceFqdn } from '../render/names.ts';
import { nameText, readEntryName } from '../render/route-name.ts';
import type { NamedRoute } from '../render/route-name.ts';
import type { Settings } from '../settings.ts';
import type { ExistingObject } from '../snapshot.ts';
import { PROPAGATION } from '../takeover/outcome.ts';
import { destinationHosts, objectsIn } from './live.ts';
import { destinationsOf } from './route-destinations.ts';
import type { RouteDestination } from './route-destinations.ts';
import { membersOf } from './route.ts';
import type { Route } from './route.ts';
import { askOf, isServed, livePorts } from './upstream-asks.ts';
import type { UpstreamAsk } from './upstream-asks.ts';

/** What becomes of a route whose requests would go to a place that gateways may not know yet. */
export interface Held {
  /** In the given order, without what has to wait. */
  readonly http: readonly JsonObject[];
  /** Milliseconds since the epoch when another one may go by time alone. */
  readonly wakeAt: number | undefined;
}

export interface WaitScene {
  readonly traffic: TrafficFacts;
  readonly settings: Pick<Settings, 'clusterDomain'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * `http`: rendered entries, each with its route, if it is made of one. A route that sends somewhere for the first time
 * waits until the objects of that place have been seen for as long as gateways may need: until then what lives of it
 * stays, or there is none. One that sends there already never waits, whatever is edited.
 */
export function holdBack(
  http: readonly { readonly entry: JsonObject; readonly route: Route | undefined }[],
  live: ExistingObject | undefined,
  scene: WaitScene,
): Held {
  const living = objectsIn(live?.spec, 'http');
  const times: number[] = [];
  const kept = new Set<JsonObject>();
  const entries = http.flatMap(({ entry, route }): readonly JsonObject[] => {
    const awaited = route ? awaitedOf(route, scene) : [];
    if (awaited.length === 0) return [entry];
    const before = living.find(one => isSameRoute(one, entry));
    const first = awaited.filter(({ ask }) => !before || !sendsTo(before, ask));
    if (first.length === 0) return [entry];
    times.push(...first.flatMap(({ until }) => until ?? []));
    if (!before || kept.has(before)) return [];
    kept.add(before);
    return [before];
  });
  return { http: entries, wakeAt: times.length === 0 ? undefined : Math.min(...times) };
}

interface Awaited {
  readonly ask: UpstreamAsk;
  /** When it will have been there for long enough; absent = it is not there. */
  readonly until?: number;
}

function awaitedOf(route: Route, scene: WaitScene): readonly Awaited[] {
  const { destinations = [], mirrors = [] } = destinationsOf(route) ?? {};
  return [...destinations, ...mirrors].flatMap(destination => awaitedAt(destination, route, scene) ?? []);
}

/**
 * Why a route may not send where it does not send yet; `undefined` = gateways know the place by now. `until`: when they
 * will, if only time has to pass.
 */
export function waitOf(route: Route, scene: WaitScene): { readonly until?: number } | undefined {
  const awaited = awaitedOf(route, scene).filter(({ ask }) => !isSender(route, ask, scene));
  if (awaited.length === 0) return undefined;
  const last = Math.max(...awaited.map(({ until }) => until ?? Infinity));
  return last === Infinity ? {} : { until: last };
}

function isSender({ intent, mapping }: Route, { host, port }: UpstreamAsk, { traffic }: WaitScene): boolean {
  const { namespace, name } = intent.object;
  const isOfRoute = (one: Sender) =>
    one.namespace === namespace && one.deployment === name && one.route === mapping?.name && one.port === port;
  return traffic.sendersTo(host).some(one => isOfRoute(one) && one.until === undefined);
}

function awaitedAt(destination: RouteDestination, route: Route, scene: WaitScene): Awaited | undefined {
  const ask = needOf(destination, route, scene);
  const seen = ask && scene.traffic.upstream(ask.host);
  if (!seen) return undefined;
  if (!isServed(ask, livePorts(seen.objects))) return { ask };
  const until = seen.since + PROPAGATION;
  return scene.now < until ? { ask, until } : undefined;
}

/** Without which requests would fail. A Service of the cluster takes them whatever else is asked about connections. */
function needOf({ to, mapping }: RouteDestination, route: Route, { settings }: WaitScene): UpstreamAsk | undefined {
  const { action } = mapping ?? {};
  if (!mapping || action?.does !== 'forward' || (to.kind === 'service' && !action.connections?.tls)) return undefined;
  const intent = membersOf(route).find(member => member.mapping === mapping)?.intent;
  const ask = intent && askOf(mapping, intent, settings);
  const host = to.kind === 'external' ? to.host : serviceFqdn(to.name, to.namespace, settings.clusterDomain);
  return ask?.host === host && ask.port === to.port ? ask : undefined;
}

function sendsTo(entry: JsonObject, { host, port }: UpstreamAsk): boolean {
  return destinationHosts(entry).some(one => one.host === host && one.port === port);
}

/** A route of several Mappings is named after all of them. */
function isSameRoute(a: JsonObject, b: JsonObject): boolean {
  const names = namesOf(b).map(nameText);
  return namesOf(a).some(one => names.includes(nameText(one)));
}

function namesOf({ name }: JsonObject): readonly NamedRoute[] {
  return typeof name === 'string' ? readEntryName(name) : [];
}
