import { NO_FACTS } from '../cluster-facts.ts';
import type { Intent } from '../intent.ts';
import { builtInHostOf, deploymentGroup, hostGroup, hostsOf } from '../plan/hosts.ts';
import type { Fault } from '../plan/fault.ts';
import type { Member } from '../plan/member.ts';
import type { Route } from '../plan/route.ts';
import { newestFirst } from '../plan/line.ts';
import { serviceFinder, trafficOf } from '../plan/traffic.ts';
import type { Backend, FindService, Traffic } from '../plan/traffic.ts';
import { serviceName } from '../render/names.ts';
import type { Settings } from '../settings.ts';
import type { Snapshot } from '../snapshot.ts';
import { pathLeaders, pathLineOf } from './shared-path.ts';
import { planTakeover } from './takeover.ts';
import type { LinePlan, Takeover } from './takeover.ts';
import { shareFindings } from './share-findings.ts';

/** Who of the versions of each line is asked for routes, and where the traffic of these goes. */
export interface Leads {
  readonly takeovers: ReadonlyMap<string, Takeover>;
  /** Whether the routes of this Deployment count on a host. */
  on(member: Member, host: string): boolean;
  /** Whether a route of it is taken on a host that is claimed. */
  takes(member: Member, route: Route): boolean;
  /** Of its routes that name no service; `undefined` = to its own Service, all of it. */
  trafficOn(member: Member, host: string): Traffic | undefined;
  /** As the cluster has it; offline also as it would be built. */
  readonly findService: FindService;
  /** What is to be said about its split and mirror. */
  faultsOf(member: Member): readonly Fault[];
  readonly wakeAt: number | undefined;
}

/** `members`: the oldest first. */
export function leadsOf(members: readonly Member[], snapshot: Snapshot): Leads {
  const { settings, focus, now } = snapshot;
  const facts = snapshot.facts ?? NO_FACTS;
  const asking = focus === undefined ? askersOf(members, settings) : () => members;
  const takeovers = new Map(
    claimedHosts(members, snapshot).map(host => [host, planTakeover(host, asking(host), { ...snapshot, facts })]),
  );
  const sharesPaths = settings.ingressHost !== '' && (focus === undefined || focus === hostGroup(settings.ingressHost));
  // Of those that have a part in it: the controller looks at no others.
  const sharing = sharesPaths
    ? members.filter(({ intent }) => intent && hostsOf(intent, settings).includes(settings.ingressHost))
    : [];
  const paths = pathLeaders(sharing, { facts, now });
  const findService: FindService =
    now > 0
      ? (namespace, name) => facts.traffic.service(namespace, name)
      : serviceFinder(
          facts.traffic,
          members.flatMap(({ intent }) => intent ?? []),
        );
  const memory = new Map<string, Traffic | undefined>();

  function planOf(member: Member, host: string): LinePlan | undefined {
    return takeovers.get(host)?.planOf.get(member);
  }

  function shared(member: Member, host: string): Traffic | undefined {
    const { intent } = member;
    if (!intent?.service || intent.ports.length === 0) return undefined;
    const plan = planOf(member, host);
    if (plan) {
      const { leader } = plan.leadership;
      const standIn = plan.standIn?.member.intent;
      return trafficOf(
        { intent, isUp: leader.readiness.endpoints > 0 && leader.readiness.desired > 0 },
        standIn && { intent: standIn, isUp: true },
        findService,
      );
    }
    const isDirect = host === builtInHostOf(intent, settings) && intent.service.hosts.length > 0;
    return isDirect ? undefined : trafficOf({ intent, isUp: isUp(intent) }, pathStandIn(member, host), findService);
  }

  /** On the host that all share the newest other version that is up takes what is left for a leader that is not. */
  function pathStandIn(leader: Member, host: string): Backend | undefined {
    if (host !== settings.ingressHost || !leader.intent || isUp(leader.intent)) return undefined;
    const line = pathLineOf(leader);
    const versions = members.filter(member => member.intent?.service && pathLineOf(member) === line);
    const up = newestFirst(versions).find(({ intent }) => intent && intent.ports.length > 0 && isUp(intent));
    return up?.intent && { intent: up.intent, isUp: true };
  }

  function isUp({ object: { namespace, name } }: Intent): boolean {
    return now === 0 || (facts.traffic.service(namespace, serviceName(name))?.ready ?? 0) > 0;
  }

  function trafficOn(member: Member, host: string): Traffic | undefined {
    const key = `${member.ref.namespace}/${member.ref.name} ${host}`;
    if (!memory.has(key)) memory.set(key, shared(member, host));
    return memory.get(key);
  }

  const wakes = [
    ...[...takeovers.values()].flatMap(({ lines }) =>
      [...lines.values()].flatMap(({ leadership }) => leadership.wakeAt ?? []),
    ),
    ...[...paths.values()].flatMap(({ wakeAt }) => wakeAt ?? []),
  ];

  return {
    takeovers,
    on(member, host) {
      if (host === settings.ingressHost) return (paths.get(pathLineOf(member))?.leader ?? member) === member;
      const plan = planOf(member, host);
      return plan === undefined || plan.leadership.leader.member === member;
    },
    takes(member, route) {
      const { host } = route.place;
      if (!this.on(member, host)) return false;
      return route.mapping !== undefined || takeovers.get(host)?.main === planOf(member, host);
    },
    trafficOn,
    findService,
    faultsOf(member) {
      const { intent } = member;
      const host = intent && sharedHost(intent, snapshot);
      if (host === undefined || !this.on(member, host)) return [];
      const isOwn = (intent?.service?.hosts.length ?? 0) > 0;
      const group = isOwn ? hostGroup(host) : deploymentGroup(member.ref);
      const shares = trafficOn(member, host)?.shares ?? [];
      return intent ? shareFindings(intent, shares).map(finding => ({ group, finding })) : [];
    },
    wakeAt: wakes.length === 0 ? undefined : Math.min(...wakes),
  };
}

/** Those that ask for a host, and the frozen ones, of whom only what lives can tell: in their order. */
function askersOf(members: readonly Member[], settings: Settings): (host: string) => readonly Member[] {
  const frozen = members.filter(({ intent }) => !intent);
  const byHost = new Map<string, Member[]>();
  for (const member of members) {
    for (const host of member.intent ? hostsOf(member.intent, settings) : []) {
      const known = byHost.get(host);
      if (known) known.push(member);
      else byHost.set(host, [member]);
    }
  }
  const order = new Map(members.map((member, index) => [member, index]));
  const place = (member: Member) => order.get(member) ?? 0;
  return host => [...(byHost.get(host) ?? []), ...frozen].sort((a, b) => place(a) - place(b));
}

/** Hosts of which one owner is wanted; those of the group in focus. */
function claimedHosts(members: readonly Member[], { settings, focus }: Snapshot): readonly string[] {
  if (focus !== undefined) {
    const host = focus.startsWith('Host/') ? focus.slice('Host/'.length) : settings.ingressHost;
    return host === settings.ingressHost ? [] : [host];
  }
  const hosts = members.flatMap(({ intent }) => (intent ? hostsOf(intent, settings) : []));
  return [...new Set(hosts)].filter(host => host !== settings.ingressHost);
}

/** Where the shares of a Deployment are looked at: on its hosts, the first of them when all are, else on its built-in one. */
function sharedHost(intent: Intent, { settings, focus }: Snapshot): string | undefined {
  const hosts = intent.service?.hosts.map(({ value }) => value) ?? [];
  if (hosts.length === 0) return builtInHostOf(intent, settings);
  return focus === undefined ? hosts[0] : hosts.find(host => focus === hostGroup(host));
}
