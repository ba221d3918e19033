import type { Deployment } from '../deployment.ts';
import { fieldSite, finding } from '../findings/finding.ts';
import type { Finding } from '../findings/finding.ts';
import type { Intent } from '../intent.ts';
import type { Settings } from '../settings.ts';
import { settle } from './groups.ts';
import { candidateOf } from './host-ledger.ts';
import { routesOf } from './route.ts';
import type { Route } from './route.ts';
import { ownConflicts } from './upstream-conflicts.ts';

/** What is wrong between the documents of one Deployment, and between them and the object. Needs no other object. */
export function findOwnFaults(intent: Intent, deployment: Deployment, settings: Settings): readonly Finding[] {
  return [
    ...selectorFaults(intent, deployment),
    ...ownGroups(intent, settings).findings,
    ...ownConflicts(intent, settings),
  ];
}

export interface OwnGroups {
  /** What is left of the routes of the Deployment, as far as its own documents tell. */
  readonly routes: readonly Route[];
  /** One for each Mapping, though it be on several hosts. */
  readonly findings: readonly Finding[];
}

/** Mappings of one Deployment that take the same requests. What others answer is not known here. */
export function ownGroups(intent: Intent, settings: Settings): OwnGroups {
  const routes = routesOf(intent, settings);
  if (intent.mappings.length === 0) return { routes, findings: [] };
  const byHost = Map.groupBy(routes, ({ place }) => place.host);
  const told = [...byHost.values()]
    .flatMap(onHost => settle(onHost.map(candidateOf), () => undefined).told)
    .filter(({ effect }) => effect !== 'unanswered');
  const refused = new Set(told.filter(({ effect }) => effect === 'refused').map(({ route }) => route));
  const byMapping = new Map(told.toReversed().map(one => [one.route.mapping, one]));
  return {
    routes: routes.filter(route => !refused.has(route)),
    findings: told.filter(one => byMapping.get(one.route.mapping) === one).map(({ finding }) => finding),
  };
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
