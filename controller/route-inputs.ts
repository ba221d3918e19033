import { isDeepStrictEqual } from 'node:util';
import type { Deployment } from '../shared/deployment.ts';

/**
 * Whether routes can be others after a change: they are made of all that is known of a Deployment but its size and the
 * state of its Pods, which change all the time and tell at most who of a line leads.
 */
export function isRouteChange(before: Deployment | undefined, after: Deployment | undefined): boolean {
  if (before === undefined || after === undefined) return true;
  return !isDeepStrictEqual(routeInputs(before), routeInputs(after));
}

function routeInputs({ metadata, spec: { selector, template } }: Deployment): unknown {
  return { metadata: { ...metadata, generation: undefined, resourceVersion: undefined }, selector, template };
}
