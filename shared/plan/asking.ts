import type { Finding } from '../findings/finding.ts';
import { followsHost } from '../intent.ts';
import type { Intent, Mapping } from '../intent.ts';
import { serviceName } from '../render/names.ts';
import type { Settings } from '../settings.ts';
import type { Leads } from '../takeover/leads.ts';
import { pathTaken, portUnknown } from './conflict-findings.ts';
import type { Holder } from './conflict-findings.ts';
import type { Fault } from './fault.ts';
import { builtInHostFault, hostFault, wholeHostTaken } from './host-faults.ts';
import type { HostLedger, Ledgers } from './host-ledger.ts';
import { deploymentGroup, hostGroup } from './hosts.ts';
import type { Member } from './member.ts';
import { ownGroups } from './own-faults.ts';
import { pathClaim } from './path-claims.ts';
import { EVERYTHING_KEY, isOnBuiltInHost, matchOf } from './route.ts';
import type { Route } from './route.ts';
import type { FindService, Traffic } from './traffic.ts';

/** What older Deployments have or ask for. */
export interface Older {
  readonly ledgers: Ledgers;
  /** Who has a host as its built-in one: the platform's template need not keep two Deployments apart. */
  readonly holders: ReadonlyMap<string, Holder>;
  readonly leads: Leads;
}

export interface Asked {
  /** Those that may be asked for: on hosts that it may have, under paths that no other namespace has. */
  readonly routes: readonly Route[];
  readonly faults: readonly Fault[];
}

/** What of a Deployment's wishes can be asked for, and why the rest cannot. Who gets the same requests is settled later. */
export function ask(member: Member, intent: Intent, older: Older, settings: Settings): Asked {
  const { ledgers, holders, leads } = older;
  const faults: Fault[] = [];
  const lost = new Set<string>();
  const portless = new Set<Mapping>();
  // What its own documents leave nothing has been said where it is looked at by itself.
  const routes = ownGroups(intent, settings).routes.flatMap((route): readonly Route[] => {
    const { host } = route.place;
    const ledger = ledgers.get(host);
    const isBuiltIn = isOnBuiltInHost(route, settings);
    const other = holders.get(host) ?? (isBuiltIn ? ledger?.first : undefined);
    if (other) return lose(host, () => builtInHostFault(route, other, isBuiltIn));
    const takeover = leads.takeovers.get(host);
    const foreign = takeover && hostFault(intent, route, takeover, settings);
    if (foreign) return lose(host, () => onHost(host, foreign));
    if (takeover ? !leads.takes(member, route) : !isBuiltIn && !leads.on(member, host)) return [];
    const holder = ledger && route.mapping === undefined ? ledger.byMatch.get(EVERYTHING_KEY)?.holder : undefined;
    if (holder) return lose(host, () => onHost(host, wholeHostTaken(intent, route, holder, settings)));
    const noPort = portFault(route, leads.findService);
    if (noPort) return loseMapping(route, noPort, isBuiltIn);
    const fault = host === settings.ingressHost && ledger ? pathFault(route, ledger) : undefined;
    if (!fault) return [withTraffic(route, leads.trafficOn(member, host))];
    faults.push(onHost(host, fault));
    return [];
  });
  return { routes, faults: [...faults, ...leads.faultsOf(member)] };

  /** Said once for each host. */
  function lose(host: string, fault: () => Fault): readonly Route[] {
    if (!lost.has(host)) faults.push(fault());
    lost.add(host);
    return [];
  }

  /** Said once for each Mapping, whatever hosts it is on. */
  function loseMapping({ mapping, place }: Route, finding: Finding, isBuiltIn: boolean): readonly Route[] {
    if (mapping && !portless.has(mapping)) {
      faults.push({ group: isBuiltIn ? deploymentGroup(member.ref) : hostGroup(place.host), finding });
      portless.add(mapping);
    }
    return [];
  }
}

/** A Service that is there has the port, or requests would be lost; one's own was looked at before. */
function portFault(route: Route, findService: FindService): Finding | undefined {
  const { intent, mapping } = route;
  const destination = mapping?.action.does === 'forward' ? mapping.action.destination : undefined;
  if (destination?.to !== 'service') return undefined;
  const { namespace, name, port } = destination;
  if (namespace === intent.object.namespace && name === serviceName(intent.object.name)) return undefined;
  const { ports = [] } = findService(namespace, name) ?? {};
  return ports.length === 0 || ports.includes(port) ? undefined : portUnknown(intent, destination, ports);
}

function onHost(host: string, finding: Finding): Fault {
  return { group: hostGroup(host), finding };
}

function withTraffic(route: Route, traffic: Traffic | undefined): Route {
  return traffic === undefined || (route.mapping && !followsHost(route.mapping)) ? route : { ...route, traffic };
}

function pathFault(route: Route, { paths }: HostLedger): Finding | undefined {
  const { namespace } = route.intent.object;
  const taken = paths.findOther(pathClaim(matchOf(route), route.mapping?.precedence ?? 0, namespace));
  return taken && pathTaken(route, taken.holder, taken.prefix);
}
