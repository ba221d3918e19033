import { serviceName } from '../render/names.ts';
import type { RouteDestination, RouteDestinations } from './route-destinations.ts';
import { destinationsOf } from './route-destinations.ts';
import { isShadow } from './route.ts';
import type { Route } from './route.ts';
import { waitOf } from './upstream-waits.ts';
import type { WaitScene } from './upstream-waits.ts';
import { percentsAmong, percentsOf, wholePercents } from './weights.ts';

/** Why a Mapping of a group gets no requests for now. */
export type Unready =
  | {
      readonly lack: 'missing' | 'not-ready';
      /** `<namespace>/<name>`. */
      readonly service: string;
    }
  /** A host outside the cluster that gateways need not have heard of yet: nothing to be said about it. */
  | { readonly lack: 'not-known' };

/** `undefined` = where the route sends, somebody takes requests. */
export type UnreadyOf = (route: Route) => Unready | undefined;

/** Offline all are ready. `wakeAt` hears when one may be, by time alone. */
export function unreadyIn(scene: WaitScene, wakeAt: (time: number) => void): UnreadyOf {
  const { traffic, now } = scene;
  if (now === 0) return () => undefined;
  return route => {
    const wait = waitOf(route, scene);
    if (wait?.until !== undefined) wakeAt(wait.until);
    if (wait) return { lack: 'not-known' };
    const sent = destinationsOf(route)?.destinations ?? [];
    const services = sent.flatMap(({ to }) => (to.kind === 'service' ? [to] : []));
    const known = services.map(({ namespace, name }) => traffic.service(namespace, name));
    // Of a Service that selects nothing, such as an ExternalName, nobody knows.
    const isUp = known.some(service => service !== undefined && (service.ready > 0 || !service.selects));
    if (services.length < sent.length || isUp) return undefined;
    const { namespace, name } = services[0] ?? { namespace: '', name: serviceName(route.intent.object.name) };
    return {
      lack: known.some(service => service !== undefined) ? 'not-ready' : 'missing',
      service: `${namespace}/${name}`,
    };
  };
}

export interface SharedOut {
  readonly sent: RouteDestinations;
  /** Those that would have a share and get none. */
  readonly unready: readonly { readonly route: Route; readonly why: Unready }[];
}

/** Where the requests of a group go. `members` forward all, and are a valid group with at most one shadow. */
export function shareOut(members: readonly Route[], unreadyOf: UnreadyOf): SharedOut {
  const answering = members.filter(route => !isShadow(route));
  const unready = answering.map(route => ({ route, lack: unreadyOf(route) }));
  const isUp = unready.map(({ lack }) => lack === undefined);
  const weights = answering.map(({ mapping }) => mapping?.weight?.value);
  const wanted = percentsOf(weights);
  const percents = percentsAmong(weights, isUp);
  const parts = answering.map((route, index) => ({ percent: percents[index] ?? 0, ...sentBy(route) }));
  const copied = members.filter(isShadow).flatMap(route => {
    return portions(sentBy(route).destinations, route.mapping?.weight?.value ?? 100);
  });
  return {
    sent: {
      destinations: whole(parts.flatMap(({ destinations, percent }) => portions(destinations, percent * 100))),
      mirrors: [...parts.flatMap(({ mirrors, percent }) => portions(mirrors, percent)), ...copied],
    },
    unready: isUp.includes(true)
      ? unready.flatMap(({ route, lack }, index) => (lack && wanted[index] !== 0 ? [{ route, why: lack }] : []))
      : [],
  };
}

function sentBy(route: Route): RouteDestinations {
  return destinationsOf(route) ?? { destinations: [], mirrors: [] };
}

/** `share` percent of each; none of nothing. */
function portions(destinations: readonly RouteDestination[], share: number): readonly RouteDestination[] {
  return destinations
    .map(destination => ({ ...destination, percent: (destination.percent * share) / 100 }))
    .filter(({ percent }) => percent > 0);
}

function whole(destinations: readonly RouteDestination[]): readonly RouteDestination[] {
  const percents = wholePercents(destinations.map(({ percent }) => percent));
  return destinations
    .map((destination, index) => ({ ...destination, percent: percents[index] ?? 0 }))
    .filter(({ percent }) => percent > 0);
}
