import { createAhead } from '../kube/ahead.ts';
import type { Ahead } from '../kube/ahead.ts';
import type { Clock } from '../kube/clock.ts';
import type { Interruptions } from '../kube/interruptions.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { Change, Informer, KubeObject, ObjectVersion } from '../kube/types.ts';
import type { Namer, Sender, TrafficFacts } from '../shared/cluster-facts.ts';
import type { Host } from '../shared/host.ts';
import type { Intent } from '../shared/intent.ts';
import { groupOf } from '../shared/plan/live.ts';
import type { ExistingObject } from '../shared/snapshot.ts';
import type { Watch } from './address-book.ts';
import type { ChildAddress } from './children.ts';
import { SERVICE_NAME, createEndpointBook, projectSlice } from './endpoint-book.ts';
import { createNamers } from './namers.ts';
import { projectHost } from './projections.ts';
import type { Child, ServiceTarget } from './projections.ts';
import { createRouteSightings } from './route-sightings.ts';
import { createRouteTargets, routedHost } from './route-targets.ts';
import { createUpstreamBook } from './upstream-book.ts';

export interface TrafficWatchOptions {
  readonly watch: Watch;
  /** The namespaces to watch; `undefined` = all. */
  readonly scopes: readonly (string | undefined)[];
  readonly clusterDomain: string;
  readonly clock: Clock;
  /** Milliseconds since the epoch, by the API server's clock. */
  readonly now: () => number;
  readonly interruptions: Interruptions;
  /** As the watch of VirtualServices has shown one. */
  readonly routeOf: (namespace: string, name: string) => ExistingObject | undefined;
  readonly shownRoute: (namespace: string, name: string) => ObjectVersion | undefined;
  readonly targetOf: (namespace: string, service: string) => ServiceTarget | undefined;
  readonly templateOf: (namespace: string, deployment: string) => string | undefined;
  /** The other field manager that a host's routes are left to, if they are. */
  readonly contendedBy: (host: string) => string | undefined;
  /** Who takes requests for a Service has changed, or which routes send to it. */
  readonly onService: (namespace: string, service: string) => void;
  readonly onHost: (host: string) => void;
  readonly onHostsServed: () => void;
  /** As the watches have shown them: ours for a host that requests are sent to. */
  readonly objectsFor: (host: string) => readonly ExistingObject[];
  /** Whether somebody asks for more of a host than that it is there, or did. */
  readonly isUpstream: (host: string) => boolean;
  /** `isSeen`: its own objects were shown otherwise; else who sends there has changed. */
  readonly onUpstream: (host: string, isSeen: boolean) => void;
}

/** What the world holds for hosts that are shared: who owns them, who can take requests, what is routed where. */
export interface TrafficWatch {
  facts(): TrafficFacts;
  readonly hosts: Ahead<Host>;
  allHosts(): Iterable<Host>;
  namersOf(namespace: string, service: string): readonly Namer[];
  /** Answers with every Service that the Deployment names now or named before. */
  deploymentChanged(deployment: string, intent: Intent | undefined): readonly string[];
  routeChanged(change: Change<Child>): void;
  routeWritten(object: KubeObject): void;
  sendersTo(host: string): readonly Sender[];
  /** The DestinationRules of others for a host. */
  rulesFor(host: string): readonly ChildAddress[];
  /** Of a ServiceEntry or a DestinationRule. */
  upstreamChanged(change: Change<Child>): void;
}

export function watchTraffic(options: TrafficWatchOptions): TrafficWatch {
  const { watch, scopes, clock, now, interruptions, shownRoute, targetOf, templateOf, onService, onHost } = options;
  const watched = new Set(scopes.flatMap(scope => scope ?? []));
  const endpoints = createEndpointBook(onService);
  const namers = createNamers();
  const targets = createRouteTargets(options.clusterDomain);
  const upstreams = createUpstreamBook({
    ...options,
    routesTo: service => targets.hostsOf(service).map(({ key }) => key),
  });
  const sightings = createRouteSightings(key => shownRoute(...split(key)), now);

  for (const namespace of scopes) {
    watch(RESOURCES.endpointSlices, {
      namespace,
      labelSelector: SERVICE_NAME,
      project: projectSlice,
      onChange: change => endpoints.changed(change),
    });
  }
  const informer: Informer<Host> = watch(RESOURCES.hosts, {
    optional: true,
    project: projectHost,
    onChange: change => {
      hosts.changed(change);
      onHost(change.name);
      // Whom a Deployment names is kept while that one leads.
      for (const leader of otherLeaders(change)) {
        for (const named of namers.namedBy(leader)) onService(...split(named));
      }
    },
    onServed: options.onHostsServed,
  });
  const hosts = createAhead<Host>({ sources: [informer], project: projectHost, clock });

  function service(namespace: string, name: string): ReturnType<TrafficFacts['service']> {
    const target = targetOf(namespace, name);
    if (target === undefined) return undefined;
    const { ready, state } = endpoints.of(namespace, name);
    return { ...target, ready, endpoints: state };
  }

  return {
    hosts,
    allHosts: () => informer.values(),
    namersOf: (namespace, name) => namers.of(`${namespace}/${name}`),
    deploymentChanged: (deployment, intent) => namers.ask(deployment, intent),
    routeChanged(change) {
      const { namespace, name, after } = change;
      const key = `${namespace}/${name}`;
      const ours = after !== undefined && groupOf(after) !== undefined ? after : undefined;
      const touched = targets.changed(key, ours);
      sightings.changed(key, ours && routedHost(ours));
      upstreams.routeChanged(change);
      for (const one of touched) onService(...split(one));
    },
    sendersTo: host => upstreams.sendersTo(host),
    rulesFor: host => upstreams.rulesFor(host),
    upstreamChanged: change => upstreams.objectChanged(change),
    routeWritten(object) {
      const { namespace = '', name, uid = '', resourceVersion = '' } = object.metadata;
      const host = routedHost(object);
      if (host !== undefined) sightings.wrote(`${namespace}/${name}`, host, { uid, resourceVersion });
    },
    facts: () => ({
      areHostsServed: informer.isServed(),
      ...(watched.size > 0 && { watched }),
      host: host => hosts.get('', host)?.value,
      service,
      templateOf,
      routeSeenSince: host => sightings.since(host),
      hostsServedBy: (namespace, name) => targets.hostsServing(namespace, name),
      namersOf: (namespace, name) => namers.of(`${namespace}/${name}`),
      interruption: interruptions.last(),
      contendedBy: options.contendedBy,
      sendersTo: host => upstreams.sendersTo(host),
      upstream: host => upstreams.seen(host),
    }),
  };
}

/** Those that lead on a host only now, or no longer. */
function otherLeaders({ before, after }: Change<Host>): readonly string[] {
  const [old, now] = [leadersOf(before), leadersOf(after)];
  return [...old.filter(one => !now.includes(one)), ...now.filter(one => !old.includes(one))];
}

function leadersOf(host: Host | undefined): readonly string[] {
  const leaders = (host?.status?.members ?? []).filter(({ record }) => record?.ledSince !== undefined);
  return leaders.map(({ namespace, name }) => `${namespace}/${name}`);
}

function split(key: string): [namespace: string, name: string] {
  const [namespace = '', name = ''] = key.split('/');
  return [namespace, name];
}
