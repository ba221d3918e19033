import type { Destination, Mapping } from '../intent.ts';
import type { Route } from './route.ts';
import { plainTraffic } from './traffic.ts';
import type { Traffic, WeightedService } from './traffic.ts';

/** One place that a route's requests, or copies of them, go to. */
export interface RouteDestination {
  readonly to:
    | { readonly kind: 'service'; readonly namespace: string; readonly name: string; readonly port: number }
    | { readonly kind: 'external'; readonly host: string; readonly port: number };
  readonly percent: number;
  /** Whose header edits and host hold for it; absent = nobody's, as with the traffic of an InferenceService. */
  readonly mapping?: Mapping;
}

export interface RouteDestinations {
  /** At least one; percents are whole, none of them 0, and add up to 100. */
  readonly destinations: readonly RouteDestination[];
  /** Percents of all requests of the route, in hundredths: a share of a share need not be whole. */
  readonly mirrors: readonly RouteDestination[];
}

/** Where a route sends; undefined = it redirects. */
export function destinationsOf({ intent, mapping, traffic, group }: Route): RouteDestinations | undefined {
  if (group) return group.sent;
  if (!mapping) return followed(traffic ?? plainTraffic(intent));
  const { action } = mapping;
  if (action.does === 'redirect') return undefined;
  const { destination } = action;
  if (destination.to === 'own') return followed(traffic ?? plainTraffic(intent), mapping);
  return { destinations: [{ to: addressOf(destination), percent: 100, mapping }], mirrors: [] };
}

function addressOf(destination: Exclude<Destination, { readonly to: 'own' }>): RouteDestination['to'] {
  if (destination.to === 'external') return { kind: 'external', host: destination.host, port: destination.port };
  return { kind: 'service', namespace: destination.namespace, name: destination.name, port: destination.port };
}

function followed({ destinations, mirrors }: Traffic, mapping?: Mapping): RouteDestinations {
  const placed = ({ percent, ...address }: WeightedService): RouteDestination => ({
    to: { kind: 'service', ...address },
    percent,
    ...(mapping && { mapping }),
  });
  return { destinations: destinations.map(placed), mirrors: mirrors.map(placed) };
}
