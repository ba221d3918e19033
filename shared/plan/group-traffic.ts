import type { ClusterFacts } from '../cluster-facts.ts';
import { serviceName } from '../render/names.ts';
import type { RouteDestination, RouteDestinations } from './route-destinations.ts';
import { destinationsOf } from './route-destinations.ts';
import { isShadow } from './route.ts';
import type { Route } from './route.ts';
import { percentsAmong, percentsOf, wholePercents } from './weights.ts';

/** Why a Mapping of a group gets no requests for now. */
export interface Unready {
  readonly lack: 'missing' | 'not-ready';
  /** `<namespace>/<name>`. */
  readonly service: string;
}

/** `undefined` = where the route sends, somebody takes requests. */
export type UnreadyOf = (route: Route) => Unready | undefined;

/** Offline all are ready, and what is outside the cluster always is. */
export function unreadyIn({ traffic }: ClusterFacts, now: number): UnreadyOf {
  if (now === 0) return () => undefined;
  return route => {
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
  readonly unready: readonly (Unready & { readonly route: Route })[];
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
      ? unready.flatMap(({ route, lack }, index) => (lack && wanted[index] !== 0 ? [{ route, ...lack }] : []))
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
