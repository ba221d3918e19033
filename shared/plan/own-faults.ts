import type { Deployment } from '../deployment.ts';
import { fieldSite, finding } from '../findings/finding.ts';
import type { Finding } from '../findings/finding.ts';
import type { Intent } from '../intent.ts';
import type { Settings } from '../settings.ts';
import { routeConflict } from './conflict-findings.ts';
import { matchKey } from '../request-match.ts';
import { matchOf, routesOf } from './route.ts';
import type { Route } from './route.ts';

/** What is wrong between the documents of one Deployment, and between them and the object. Needs no other object. */
export function findOwnFaults(intent: Intent, deployment: Deployment, settings: Settings): readonly Finding[] {
  return [
    ...selectorFaults(intent, deployment),
    ...repeatedRoutes(intent, settings).flatMap(({ fault }) => fault ?? []),
  ];
}

/** A route that an earlier one of the same Deployment leaves nothing; said once for each Mapping. */
export interface RepeatedRoute {
  readonly route: Route;
  readonly fault?: Finding;
}

export function repeatedRoutes(intent: Intent, settings: Settings): readonly RepeatedRoute[] {
  if (intent.mappings.length < 2) return [];
  const seen = new Map<string, Route>();
  const reported = new Set<Route['mapping']>();
  const repeated: RepeatedRoute[] = [];
  for (const route of routesOf(intent, settings)) {
    const key = `${route.place.host} ${matchKey(matchOf(route))}`;
    const first = seen.get(key);
    if (!first) {
      seen.set(key, route);
    } else if (reported.has(route.mapping)) {
      repeated.push({ route });
    } else {
      reported.add(route.mapping);
      const range = first.mapping?.at ?? first.place.at;
      repeated.push({ route, fault: routeConflict(route, { ref: intent.object, at: { intent, range } }) });
    }
  }
  return repeated;
}

/** A Service selects by labels alone; with anything less than the Deployment's own selection it would send elsewhere. */
function selectorFaults({ object, ports }: Intent, deployment: Deployment): readonly Finding[] {
  const { matchLabels, matchExpressions } = deployment.spec.selector;
  const hasExpressions = Array.isArray(matchExpressions) && matchExpressions.length > 0;
  const hasLabels = matchLabels !== undefined && Object.keys(matchLabels).length > 0;
  if (ports.length === 0 || (hasLabels && !hasExpressions)) return [];
  return [
    finding('SelectorUnusable', {
      object,
      site: hasExpressions ? fieldSite('spec', 'selector', 'matchExpressions') : fieldSite('spec', 'selector'),
      path: 'spec.selector',
      must: 'must be `matchLabels` alone, since a Service selects by labels',
      found: hasExpressions ? 'but has `matchExpressions`' : 'but has none',
      fix: 'select by `matchLabels`; the selector of a Deployment cannot be changed, so create it anew',
    }),
  ];
}
