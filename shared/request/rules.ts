import { siteInAnnotation } from '../findings/finding.ts';
import type { ObjectRef, Site } from '../findings/finding.ts';
import { takeIn } from '../plan/intake.ts';
import { planRoutes } from '../plan/plan.ts';
import { destinationsOf } from '../plan/route-destinations.ts';
import type { RouteDestination } from '../plan/route-destinations.ts';
import { isShadow, membersOf } from '../plan/route.ts';
import type { Route } from '../plan/route.ts';
import { CATCH_ALL, MODEL_PATH } from '../render/names.ts';
import { entryName, readEntryName } from '../render/route-name.ts';
import type { Snapshot } from '../snapshot.ts';

/** A document behind one entry of a VirtualService. */
export interface Rule {
  readonly object: ObjectRef;
  /** Name of the Mapping; absent = the InferenceService. */
  readonly mapping?: string;
  /** Absent where only what lives is known. */
  readonly site?: Site;
  /** Percent of the requests, or of the copies of a shadow; absent = nothing is shared out. */
  readonly share?: { readonly of: 'requests' | 'copies'; readonly percent: number };
}

/** Everything that is routed on a host, by the names of its entries. */
export function routesOn(host: string, snapshot: Snapshot): ReadonlyMap<string, Route> {
  const members = snapshot.deployments.flatMap(deployment => takeIn(deployment, snapshot).member ?? []);
  const { builtIn, hosts } = planRoutes(members, snapshot);
  const entries = hosts.find(one => one.host === host)?.entries ?? [];
  const routes = [...builtIn.values()].find(([first]) => first?.place.host === host);
  const all = routes ?? entries.flatMap(entry => ('route' in entry ? [entry.route] : []));
  return new Map(all.map(route => [entryName(route), route]));
}

/** `route`: absent of an entry that lives and is not asked for as it is. */
export function rulesBehind(name: string, route: Route | undefined): readonly Rule[] {
  if (route) return membersOf(route).map(member => ruleOf(member, route));
  return readEntryName(name).map(({ namespace, deployment, route: part }) => ({
    object: { kind: 'Deployment', namespace, name: deployment },
    ...(part !== CATCH_ALL && part !== MODEL_PATH && { mapping: part }),
  }));
}

function ruleOf(member: Route, route: Route): Rule {
  const { intent, mapping, place } = member;
  const range = mapping?.at ?? intent.service?.at ?? place.at;
  return {
    object: intent.object,
    ...(mapping && { mapping: mapping.name }),
    site: siteInAnnotation(intent.key, intent.text, range),
    ...(route.group && { share: shareOf(member, route) }),
  };
}

function shareOf(member: Route, route: Route): NonNullable<Rule['share']> {
  const { destinations = [], mirrors = [] } = destinationsOf(route) ?? {};
  const percentOf = (all: readonly RouteDestination[]) =>
    all.filter(({ mapping }) => mapping === member.mapping).reduce((sum, { percent }) => sum + percent, 0);
  return isShadow(member)
    ? { of: 'copies', percent: percentOf(mirrors) }
    : { of: 'requests', percent: percentOf(destinations) };
}
