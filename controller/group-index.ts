import type { Namer } from '../shared/cluster-facts.ts';
import { deploymentGroup, hostGroup, upstreamGroup } from '../shared/plan/hosts.ts';
import type { GroupKey } from '../shared/snapshot.ts';
import { createMembership } from './membership.ts';

/**
 * Who takes part in which group, so that an event finds whom it concerns without looking at all. Deployments and
 * Services are `<namespace>/<name>`.
 */
export interface GroupIndex {
  /** Says anew what a Deployment asks for. `isRouteChange`: its routes may be others, not only who takes requests. */
  ask(deployment: string, asked: Asked, isRouteChange: boolean): void;
  /** Says anew whose routes the live VirtualService of a host holds; those may ask for it no more. */
  carry(host: string, deployments: readonly string[]): void;
  /** Who takes its requests, or which routes send to it, has changed. */
  callService(service: string): void;
  callHost(host: string): void;
  /** Who sends to a place has changed; or, `isSeen`, gateways may know it from now on, or in another way. */
  callUpstream(host: string, isSeen: boolean): void;
  /** Those that have a part in a group. */
  membersOf(group: GroupKey): readonly string[];
  hosts(): Iterable<string>;
  hostsOf(deployment: string): readonly string[];
  /** Those that somebody asks something of. */
  upstreams(): Iterable<string>;
}

export interface Asked {
  /** The hosts in whose groups it takes part. */
  readonly hosts: readonly string[];
  /** None or one. */
  readonly builtIn: readonly string[];
  /** Whose path on the host that all share it has a part in. */
  readonly line: string | undefined;
  /** The hosts of which it asks more than that they are there. */
  readonly upstreams: readonly string[];
  /** The Services that its Mappings send to. */
  readonly targets: readonly string[];
  /** The hosts on which a Mapping of it has a weight. */
  readonly weighed: readonly string[];
}

export interface GroupIndexOptions {
  /** The host that all share. */
  readonly ingressHost: string;
  readonly onGroup: (group: GroupKey) => void;
  readonly namersOf: (service: string) => readonly Namer[];
}

export function createGroupIndex({ ingressHost, onGroup, namersOf }: GroupIndexOptions): GroupIndex {
  const membership = createMembership();
  /** Who has a host as its built-in one: most often one, but a template need not keep two Deployments apart. */
  const builtIn = createMembership();
  /** Who shares the path of a model. */
  const lines = createMembership();
  const upstreams = createMembership();
  const targets = createMembership();
  const weighed = createMembership();

  /** All models have a path on that host: only where a line has another version may its routes be others. */
  function callLine(deployment: string): void {
    const isShared = lines.hostsOf(deployment).some(line => lines.membersOf(line).length > 1);
    if (isShared) onGroup(hostGroup(ingressHost));
  }

  function callMember(deployment: string): void {
    for (const host of membership.hostsOf(deployment)) if (host !== ingressHost) onGroup(hostGroup(host));
    callLine(deployment);
  }

  /** A Deployment without hosts of its own shares its built-in one, and all share the path of their model. */
  function callNamer({ namespace, name, hosts }: Namer): void {
    for (const host of hosts) onGroup(hostGroup(host));
    if (hosts.length === 0) onGroup(deploymentGroup({ namespace, name }));
    if (lines.hostsOf(`${namespace}/${name}`).length > 0) onGroup(hostGroup(ingressHost));
  }

  /** Where Mappings share requests, who takes them matters to all of these. */
  function callSender(deployment: string): void {
    const isShared = (host: string) => weighed.membersOf(host).length > 0;
    for (const host of membership.hostsOf(deployment)) if (isShared(host)) onGroup(hostGroup(host));
    if (builtIn.hostsOf(deployment).some(isShared)) onGroup(deploymentGroup(addressOf(deployment)));
  }

  /** The others that have the host as their built-in one, and those that ask for it otherwise. */
  function callSharers(host: string, deployment: string): void {
    for (const other of builtIn.membersOf(host)) if (other !== deployment) onGroup(deploymentGroup(addressOf(other)));
    if (builtIn.membersOf(host).length > 0 && membership.membersOf(host).length > 0) onGroup(hostGroup(host));
  }

  return {
    ask(deployment, { hosts, builtIn: own, line, ...asked }, isRouteChange) {
      const touched = membership.ask(deployment, hosts);
      const builtInHosts = builtIn.ask(deployment, own);
      lines.ask(deployment, line === undefined ? [] : [line]);
      const places = upstreams.ask(deployment, asked.upstreams);
      targets.ask(deployment, asked.targets);
      weighed.ask(deployment, asked.weighed);
      onGroup(deploymentGroup(addressOf(deployment)));
      if (!isRouteChange) {
        callMember(deployment);
        return;
      }
      for (const host of touched) onGroup(hostGroup(host));
      for (const host of places) onGroup(upstreamGroup(host));
      for (const host of new Set([...touched, ...builtInHosts])) callSharers(host, deployment);
    },
    carry: (host, deployments) => membership.carry(host, deployments),
    callService(service) {
      callMember(service);
      for (const namer of namersOf(service)) callNamer(namer);
      for (const sender of targets.membersOf(service)) callSender(sender);
    },
    callHost(host) {
      onGroup(hostGroup(host));
      for (const member of membership.membersOf(host)) callLine(member);
    },
    callUpstream(host, isSeen) {
      onGroup(upstreamGroup(host));
      if (!isSeen) return;
      for (const member of upstreams.membersOf(host)) {
        onGroup(deploymentGroup(addressOf(member)));
        for (const one of membership.hostsOf(member)) onGroup(hostGroup(one));
      }
    },
    membersOf(group) {
      const [kind, ...address] = group.split('/');
      const name = address.join('/');
      if (kind === 'Upstream') return upstreams.membersOf(name);
      const hosts = kind === 'Host' ? [name] : builtIn.hostsOf(name);
      const sharers = hosts.flatMap(host => [...membership.membersOf(host), ...builtIn.membersOf(host)]);
      return [...new Set(kind === 'Host' ? sharers : [name, ...sharers])];
    },
    hosts: () => membership.hosts(),
    hostsOf: deployment => membership.hostsOf(deployment),
    upstreams: () => upstreams.hosts(),
  };
}

export function addressOf(key: string): { readonly namespace: string; readonly name: string } {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}
