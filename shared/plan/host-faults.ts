import type { Finding } from '../findings/finding.ts';
import type { Host } from '../host.ts';
import type { Intent } from '../intent.ts';
import type { Settings } from '../settings.ts';
import type { Takeover } from '../takeover/takeover.ts';
import { builtInHostTaken, hostTaken, lineConflict } from './conflict-findings.ts';
import type { Holder } from './conflict-findings.ts';
import type { Fault } from './fault.ts';
import { hostOwnedElsewhere } from './host-admission.ts';
import { deploymentGroup, hostGroup } from './hosts.ts';
import type { HostPlace } from './hosts.ts';
import type { Member } from './member.ts';
import { routesOf } from './route.ts';
import type { Route } from './route.ts';

/** What keeps a whole line from the host: another namespace has it, or another line of this one. */
export function hostFault(
  intent: Intent,
  route: Route,
  { host, owner, object, main, members, conflicted }: Takeover,
  settings: Settings,
): Finding | undefined {
  const place = () => firstPlace(intent, settings, host) ?? route.place;
  if (owner.namespace !== intent.object.namespace) {
    const oldest = members.find(({ ref }) => ref.namespace === owner.namespace);
    if (object) return hostOwnedElsewhere(intent, place(), withOwner(object, owner.namespace));
    return oldest && hostTaken(intent, place(), holderOf(oldest, host, settings));
  }
  const isConflicted = [...conflicted].some(({ line }) => line.versions.some(one => one.member.intent === intent));
  const holder = main?.leadership.leader.member;
  return isConflicted && holder ? lineConflict(intent, place(), holderOf(holder, host, settings)) : undefined;
}

function withOwner(object: Host, namespace: string | undefined): Host {
  return { ...object, spec: { ...object.spec, namespace: namespace ?? object.spec.namespace } };
}

function holderOf({ ref, intent }: Member, host: string, settings: Settings): Holder {
  const place = intent && firstPlace(intent, settings, host);
  return intent && place ? { ref, at: { intent, range: place.at } } : { ref };
}

/** The InferenceService wants the whole host, and somebody's Mapping, or what lives of somebody, takes all requests. */
export function wholeHostTaken(intent: Intent, route: Route, holder: Holder, settings: Settings): Finding {
  return hostTaken(intent, firstPlace(intent, settings, route.place.host) ?? route.place, holder);
}

export function builtInHostFault(route: Route, holder: Holder, isBuiltIn: boolean): Fault {
  const { intent, place } = route;
  const group = isBuiltIn ? deploymentGroup(intent.object) : hostGroup(place.host);
  // Nothing in a Mapping asked for its own built-in host.
  const at = (isBuiltIn ? intent.service?.at : undefined) ?? place.at;
  return { group, finding: builtInHostTaken(intent, { ...place, at }, holder) };
}

/** Where the user first asked for a host: as the InferenceService's, else as a Mapping's. */
function firstPlace(intent: Intent, settings: Settings, host: string): HostPlace | undefined {
  const places = routesOf(intent, settings).map(({ place }) => place);
  const named = places.filter(place => place.host === host && (place.named || place.path !== ''));
  return named.toSorted((a, b) => a.at.start - b.at.start)[0];
}
