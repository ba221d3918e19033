import { finding } from '../findings/finding.ts';
import type { Finding } from '../findings/finding.ts';
import { describe, related, siteIn } from './conflict-findings.ts';
import type { Holder } from './conflict-findings.ts';
import type { Difference } from './group-difference.ts';
import type { Unready } from './group-traffic.ts';
import { matchOf } from './route.ts';
import type { Route } from './route.ts';

export function groupMismatch(route: Route, { field, must, found }: Difference, holder: Holder): Finding {
  return finding('GroupMismatch', {
    ...placeOf(route),
    path: field,
    must: `must ${must} the other Mapping of '${pathOf(route)}' on '${route.place.host}'`,
    found: `but ${found} ${nameOf(route, holder)}`,
    fix: `write the same ${field === 'prefix' ? '`prefix_exact` and `prefix_regex`' : `\`${field}\``} in both, or another \`prefix\`, \`method\` or \`headers\` in one`,
    related: [related(holder, 'the other one')],
  });
}

/** `sum`: of all that ask for the same requests. */
export function weightsWrong(route: Route, sum: number, holder: Holder): Finding {
  return finding('WeightsWrong', {
    ...placeOf(route, route.mapping?.weight?.at),
    path: 'weight',
    must: `must come to 100 with the other weights of '${pathOf(route)}' on '${route.place.host}', or to less beside a Mapping without one`,
    found: `but all come to ${sum}, with ${nameOf(route, holder)}`,
    fix: sum > 100 ? 'write smaller weights' : 'write weights that come to 100, or leave `weight` out of one of them',
    related: [related(holder, 'the older one')],
  });
}

export function shadowAlone(route: Route): Finding {
  return finding('ShadowAlone', {
    ...placeOf(route),
    path: 'shadow',
    must: `must have beside it a Mapping that answers the same requests of '${route.place.host}'`,
    found: `but there is none for '${pathOf(route)}'`,
    fix: 'write a Mapping with the same `prefix`, `method` and `headers` and without `shadow`, or delete `shadow`',
  });
}

/** What an InferenceService has by itself is no Mapping. */
export function shadowOfCatchAll(route: Route, holder: Holder): Finding {
  return finding('ShadowAlone', {
    ...placeOf(route),
    path: 'shadow',
    must: `must have beside it a Mapping that answers the same requests of '${route.place.host}'`,
    found: `but '${pathOf(route)}' is answered by the InferenceService of ${describe(holder.ref)}`,
    fix: `write \`mirror\` in the InferenceService, or a Mapping with \`prefix: ${pathOf(route)}\` beside it`,
    related: [related(holder, 'answered here')],
  });
}

export function shadowRepeated(route: Route, holder: Holder): Finding {
  return finding('ShadowRepeated', {
    ...placeOf(route),
    path: 'shadow',
    must: `must be the only shadow of '${pathOf(route)}' on '${route.place.host}'`,
    found: `but ${nameOf(route, holder)} is one already`,
    fix: 'delete one of the two',
    related: [related(holder, 'the other one')],
  });
}

export function routeNeverReached(route: Route, holder: Holder): Finding {
  return finding('RouteNeverReached', {
    ...placeOf(route),
    path: 'precedence',
    must: `must be asked for some requests of '${route.place.host}' before every other route`,
    found: `but '${pathOf(route)}' is matched alike by ${nameOf(route, holder)}, whose \`precedence\` is higher`,
    fix: 'write a higher `precedence`, or delete this Mapping',
    related: [related(holder, 'matched here')],
  });
}

/** Of a Mapping whose requests go to others of its group for now. */
export function memberUnready(route: Route, { lack, service }: Exclude<Unready, { lack: 'not-known' }>): Finding {
  const isMissing = lack === 'missing';
  return finding(isMissing ? 'TargetMissing' : 'TargetNotReady', {
    ...placeOf(route, serviceAt(route)),
    path: 'service',
    must: `must ${isMissing ? 'be a Service' : 'have an endpoint that takes requests'} to get its share of '${pathOf(route)}' on '${route.place.host}'`,
    found: `but '${service}' ${isMissing ? 'is not there' : 'has none'}`,
    fix: `${isMissing ? 'create it' : 'scale it up'}, or take it out; until then its share goes to the others`,
  });
}

function serviceAt({ mapping }: Route): { readonly start: number; readonly end: number } | undefined {
  if (mapping?.action.does !== 'forward') return undefined;
  const { destination } = mapping.action;
  return destination.to === 'own' ? undefined : destination.at;
}

function placeOf({ intent, mapping, place }: Route, at = mapping?.at ?? place.at): ReturnType<typeof siteIn> {
  return siteIn(intent, at);
}

function pathOf(route: Route): string {
  return matchOf(route).path.value;
}

function nameOf({ intent }: Route, { at, ref }: Holder): string {
  return at?.intent === intent ? 'another document' : describe(ref);
}
