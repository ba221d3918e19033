import { isDeepStrictEqual } from 'node:util';
import { createAhead } from '../kube/ahead.ts';
import type { Ahead } from '../kube/ahead.ts';
import type { Clock } from '../kube/clock.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { Change, Informer, KubeClient, KubeObject, Resource } from '../kube/types.ts';
import type { Logger } from '../runtime/log.ts';
import { NO_FACTS } from '../shared/cluster-facts.ts';
import type { Interruption } from '../shared/cluster-facts.ts';
import type { Deployment } from '../shared/deployment.ts';
import { effectiveSettings } from '../shared/effective-settings.ts';
import type { Host } from '../shared/host.ts';
import type { Intent, Reading } from '../shared/intent.ts';
import { builtInHostOf, deploymentGroup, hostGroup, upstreamGroup } from '../shared/plan/hosts.ts';
import { deploymentsOf, groupOf, liveBuiltInHost } from '../shared/plan/live.ts';
import { isActedOn } from '../shared/plan/scope.ts';
import { read } from '../shared/read.ts';
import { networkingApiVersion } from '../shared/render/virtual-service.ts';
import type { Settings } from '../shared/settings.ts';
import type { GroupKey, Namespace, Snapshot } from '../shared/snapshot.ts';
import { askedBy } from './asked.ts';
import { createChildren } from './children.ts';
import type { ChildAddress, ChildSource, Children } from './children.ts';
import { deploymentOfExternal } from './external-services.ts';
import { watchExternal } from './external-watch.ts';
import type { ExternalWorld } from './external-watch.ts';
import { addressesIn, addressesOfUpstream } from './group-addresses.ts';
import { addressOf, createGroupIndex } from './group-index.ts';
import { keepDeployment, projectChild, projectNamespace } from './projections.ts';
import type { Child, KeptDeployment } from './projections.ts';
import { isRouteChange } from './route-inputs.ts';
import { createScalers, targetOfScaledObject } from './scalers.ts';
import type { ScaleTarget } from './scalers.ts';
import { watchTraffic } from './traffic-watch.ts';
import { createWatches } from './watches.ts';

export interface WorldOptions {
  readonly client: KubeClient;
  readonly settings: Settings;
  /** Those to watch; empty = all. */
  readonly namespaces: readonly string[];
  /** Something happened that a group may depend on. */
  readonly onGroup: (group: GroupKey) => void;
  readonly onDeploymentGone: (deployment: Deployment) => void;
  readonly onRestart: (kind: string) => void;
  readonly external: ExternalWorld;
  /** The other field manager that the routes of a host are left to, if they are. */
  readonly contendedBy: (host: string) => string | undefined;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Everything that the controller knows of the cluster, kept up by watches. */
export interface World {
  /** Resolves when every cache holds its first complete list. From then on groups are called. */
  readonly synced: Promise<void>;
  isSynced(): boolean;
  /** Resolves when no watch is interrupted. */
  caughtUp(): Promise<void>;
  /** Nobody has looked since then, in milliseconds since the epoch, before this process did. */
  nobodyLookedSince(time: number): void;
  /** Until when our own watches were interrupted last, in milliseconds since the epoch; while they are, until now. */
  interruptedUntil(): number | undefined;
  /** So were those of whoever looked before this process did; `lasted`: who did not live to see the end of it. */
  othersWereInterrupted(until: number, lasted: boolean): void;
  /** A request of ours got no answer. */
  unanswered(interruption: Required<Interruption>): void;
  start(): void;
  stop(): Promise<void>;
  /** All that a group depends on, and nothing else: an event costs the same in a large cluster. */
  snapshot(group: GroupKey): Snapshot;
  /** Of every annotated Deployment, of every host that is asked for, and of every live object of ours. */
  groups(): Iterable<GroupKey>;
  deployment(namespace: string, name: string): Deployment | undefined;
  readonly deployments: Pick<Ahead<KeptDeployment>, 'get' | 'wrote'>;
  readonly hosts: Pick<Ahead<Host>, 'get' | 'wrote' | 'removed'>;
  readonly children: Pick<Children, 'get' | 'ofGroup' | 'removed'>;
  /** A write of an object that we build was answered. */
  written(object: KubeObject): void;
  resourceOf(kind: string): Resource | undefined;
  /** Those that a Deployment asks for, its built-in one left out, and those whose live routes have entries of it. */
  hostsOf(namespace: string, name: string): readonly string[];
}

/**
 * Milliseconds that nobody may have looked for without it being taken for an interruption: from a last renewal of the
 * Lease, 2 s, to a process that was begun anew. Longer than that, and the API server may have been away.
 */
const UNSEEN = 6000;

export function createWorld(options: WorldOptions): World {
  const { client, settings, onDeploymentGone, log, clock, random } = options;
  const { virtualServices, serviceEntries, destinationRules } = RESOURCES;
  const istioKinds = [virtualServices, serviceEntries, destinationRules].map((one): Resource => ({
    ...one,
    apiVersion: networkingApiVersion(settings.istio.version),
  }));
  const childResources = new Map<string, Resource>(
    [RESOURCES.services, RESOURCES.horizontalPodAutoscalers, ...istioKinds].map(one => [one.kind, one]),
  );
  const namespaces = new Map<string, Namespace>();
  const readings = new Map<string, Reading>();
  /** What was looked at while watches were interrupted may have to wait for their return. */
  const interrupted = new Set<GroupKey>();
  let isSynced = false;
  let syncedAt = 0;

  function onGroup(group: GroupKey): void {
    if (isSynced) options.onGroup(group);
  }

  const watches = createWatches({ client, onRestart: options.onRestart, onResumed: resumed, log, clock, random });
  const { watch } = watches;

  function resumed(): void {
    const groups = [...interrupted];
    interrupted.clear();
    for (const group of groups) onGroup(group);
  }

  /** One watch over everything, or one for each namespace: the account need not be allowed to see more. */
  const scopes = options.namespaces.length === 0 ? [undefined] : options.namespaces;
  // The VirtualService of the host that all share lives where Waymark does.
  const routeScopes = options.namespaces.length === 0 ? scopes : [...new Set([...scopes, settings.systemNamespace])];

  for (const name of scopes) {
    watch<Namespace>(RESOURCES.namespaces, {
      ...(name !== undefined && { fieldSelector: `metadata.name=${name}` }),
      project: projectNamespace,
      onChange: namespaceChanged,
    });
  }
  const deploymentInformers = scopes.map(namespace =>
    watch<KeptDeployment>(RESOURCES.deployments, { namespace, project: projectWatched, onChange: deploymentChanged }),
  );
  const deployments = createAhead<KeptDeployment>({ sources: deploymentInformers, project: projectWatched, clock });

  const sources = new Map<string, ChildSource[]>();
  const istioInformers: Informer<Child>[] = [];
  for (const resource of childResources.values()) {
    const isIstio = istioKinds.includes(resource);
    const watching = (isIstio ? routeScopes : scopes).map(namespace =>
      watch<Child>(resource, {
        namespace,
        project: projectChild,
        onChange: change => childChanged(resource.kind, change),
        ...(isIstio && { optional: true, onServed: callAll }),
      }),
    );
    sources.set(resource.kind, watching);
    if (isIstio) istioInformers.push(...watching);
  }
  const children = createChildren(sources, childResources, clock);
  const scalers = createScalers((namespace, name) => {
    if (deployment(namespace, name) !== undefined) onGroup(deploymentGroup({ namespace, name }));
  });
  for (const namespace of scopes) {
    watch<ScaleTarget>(RESOURCES.scaledObjects, {
      namespace,
      optional: true,
      project: targetOfScaledObject,
      onChange: change => scalers.changed(RESOURCES.scaledObjects.kind, change),
    });
  }
  const external = watchExternal(watch, settings.external, options.external, key =>
    onGroup(deploymentGroup(addressOf(key))),
  );
  const traffic = watchTraffic({
    watch,
    scopes,
    clusterDomain: settings.clusterDomain,
    clock,
    now: () => client.serverTime(),
    interruptions: watches.interruptions,
    shownRoute: (...address) =>
      sources.get(virtualServices.kind)?.flatMap(source => source.version(...address) ?? [])[0],
    routeOf: (namespace, name) => shown({ kind: virtualServices.kind, namespace, name }),
    objectsFor: host => addressesOfUpstream(host, settings).flatMap(address => shown(address) ?? []),
    isUpstream: host => isUpstream(upstreamGroup(host)),
    onUpstream: (host, isSeen) => index.callUpstream(host, isSeen),
    targetOf: (namespace, name) => children.get({ kind: RESOURCES.services.kind, namespace, name })?.child.target,
    templateOf: (...address) => deployments.get(...address)?.value.template,
    contendedBy: options.contendedBy,
    onService: (namespace, name) => index.callService(`${namespace}/${name}`),
    onHost: host => index.callHost(host),
    onHostsServed: callAll,
  });
  const index = createGroupIndex({
    ingressHost: settings.ingressHost,
    onGroup,
    namersOf: service => {
      const { namespace, name } = addressOf(service);
      return traffic.namersOf(namespace, name);
    },
  });

  /** As its watch has shown it. */
  function shown({ kind, namespace, name }: ChildAddress): Child | undefined {
    return sources.get(kind)?.flatMap(source => source.get(namespace, name) ?? [])[0];
  }

  /** Somebody asks something of it, or did. */
  function isUpstream(group: GroupKey): boolean {
    return index.membersOf(group).length > 0 || children.ofGroup(group).length > 0;
  }

  function projectWatched(object: KubeObject): KeptDeployment | undefined {
    return isActedOn(object.metadata.namespace ?? '', settings) ? keepDeployment(object) : undefined;
  }

  function* allDeployments(): Iterable<Deployment> {
    for (const informer of deploymentInformers) for (const { deployment } of informer.values()) yield deployment;
  }

  function deployment(namespace: string, name: string): Deployment | undefined {
    return deployments.get(namespace, name)?.value.deployment;
  }

  function namespaceChanged({ name, before, after }: Change<Namespace>): void {
    if (after === undefined) namespaces.delete(name);
    else namespaces.set(name, after);
    if (!isSynced) return;
    for (const one of allDeployments()) reread(one);
    for (const one of [before, after]) {
      for (const host of effectiveSettings(settings, one).handOver.keys()) onGroup(hostGroup(host));
    }
  }

  function deploymentChanged(change: Change<KeptDeployment>): void {
    const { namespace, name } = change;
    const [before, after] = [change.before?.deployment, change.after?.deployment];
    deployments.changed(change);
    if (before !== undefined && before.metadata.uid !== after?.metadata.uid) onDeploymentGone(before);
    if (!isSynced) return;
    ask(namespace, name, after, isRouteChange(before, after));
    index.callService(`${namespace}/${name}`);
  }

  /** Wakes its own group, and the hosts that it names now and named before. */
  function ask(namespace: string, name: string, after: Deployment | undefined, isRoutes = true): void {
    const key = `${namespace}/${name}`;
    const reading = after && read(after, { settings, namespaces });
    if (reading === undefined) readings.delete(key);
    else readings.set(key, reading);
    const intent = reading?.intent;
    external.deploymentChanged(key, intent);
    const named = traffic.deploymentChanged(key, intent);
    index.ask(key, askedBy(intent, after === undefined ? [] : builtInHosts(after, intent), settings), isRoutes);
    // Whoever is named is kept, and may go when it is named no more.
    if (isRoutes) for (const service of named) index.callService(service);
  }

  /** None or one. Of a text with an error it is what lives. */
  function builtInHosts({ metadata: { namespace, name } }: Deployment, intent: Intent | undefined): readonly string[] {
    if (intent !== undefined) return [builtInHostOf(intent, settings) ?? []].flat();
    const live = children.get({ kind: virtualServices.kind, namespace, name });
    const host = live && liveBuiltInHost([live.child], { ref: { kind: 'Deployment', namespace, name } });
    return host === undefined ? [] : [host];
  }

  /** After a change of some Namespace: its reading is another one only if it depends on that. */
  function reread(one: Deployment): void {
    const { namespace, name } = one.metadata;
    if (readings.get(`${namespace}/${name}`) !== read(one, { settings, namespaces })) ask(namespace, name, one);
  }

  function childChanged(kind: string, change: Change<Child>): void {
    const { namespace, name, before, after } = change;
    for (const child of [before, after]) if (child !== undefined) carry(child, child === after);
    external.serviceChanged(change);
    if (before?.scales || after?.scales) {
      scalers.changed(kind, { namespace, name, before: before?.scales, after: after?.scales });
    }
    if (kind === virtualServices.kind) traffic.routeChanged(change);
    const isNews = children.changed(kind, change);
    const isOfUpstream = kind === serviceEntries.kind || kind === destinationRules.kind;
    if (isOfUpstream) traffic.upstreamChanged(change);
    for (const child of [before, after]) {
      const group = child && groupOf(child);
      // That our own write has come back is news to a host: from now on others may have seen it.
      if (group !== undefined && (isNews || group.startsWith('Host/'))) onGroup(group);
    }
    if (kind === RESOURCES.services.kind && !isDeepStrictEqual(before?.target, after?.target)) {
      index.callService(`${namespace}/${name}`);
    }
    // A foreign object came into the way of somebody, or went out of it; so does one of ours that we took away.
    if (!isNews && after !== undefined) return;
    for (const owner of [name, deploymentOfExternal(name)]) {
      if (deployment(namespace, owner) !== undefined) onGroup(deploymentGroup({ namespace, name: owner }));
    }
    const group = isOfUpstream ? upstreamGroup(name) : hostGroup(name.replace(/\.0$/, ''));
    if (istioKinds.some(one => one.kind === kind) && index.membersOf(group).length > 0) onGroup(group);
  }

  function carry(child: Child, isThere: boolean): void {
    const group = child.kind === virtualServices.kind ? groupOf(child) : undefined;
    if (!group?.startsWith('Host/')) return;
    const members = isThere ? deploymentsOf(child).map(({ namespace, name }) => `${namespace}/${name}`) : [];
    index.carry(group.slice('Host/'.length), members);
  }

  function* groups(): Iterable<GroupKey> {
    for (const { metadata } of allDeployments()) yield deploymentGroup(metadata);
    for (const host of index.hosts()) yield hostGroup(host);
    for (const host of index.upstreams()) yield upstreamGroup(host);
    for (const { metadata } of traffic.allHosts()) yield hostGroup(metadata.name);
    yield* children.groups();
  }

  function callAll(): void {
    for (const group of new Set(groups())) onGroup(group);
  }

  function membersOf(group: GroupKey): readonly Deployment[] {
    const [kind, name] = [group.slice(0, group.indexOf('/')), group.slice(group.indexOf('/') + 1)];
    const rivals = kind === 'Deployment' ? options.external.wants.rivalsOf(name) : [];
    const senders = kind === 'Upstream' ? traffic.sendersTo(name).map(one => `${one.namespace}/${one.deployment}`) : [];
    return [...new Set([...index.membersOf(group), ...rivals, ...senders])].flatMap(key => {
      const { namespace, name } = addressOf(key);
      return deployment(namespace, name) ?? [];
    });
  }

  /** Ours of this group, and whatever stands where one of ours would be written. */
  function existing(group: GroupKey, members: readonly Deployment[]): readonly Child[] {
    const found = new Map(children.ofGroup(group).map(({ child }) => [addressKey(child), child]));
    const name = group.slice(group.indexOf('/') + 1);
    const owner = group.startsWith('Host/') ? traffic.hosts.get('', name)?.value.spec.namespace : undefined;
    const rules = group.startsWith('Upstream/') ? traffic.rulesFor(name) : [];
    for (const address of [...addressesIn(group, members, owner, settings), ...rules]) {
      const live = children.get(address);
      if (live !== undefined) found.set(addressKey(live.child), live.child);
    }
    return [...found.values()];
  }

  const synced = watches.synced().then(() => {
    // Only now can texts be read: their meaning depends on Namespaces.
    isSynced = true;
    syncedAt = client.serverTime();
    for (const one of allDeployments()) ask(one.metadata.namespace, one.metadata.name, one);
    for (const { metadata } of traffic.allHosts()) onGroup(hostGroup(metadata.name));
    for (const group of children.groups()) onGroup(group);
  });

  return {
    synced,
    isSynced: () => isSynced,
    caughtUp: () => watches.interruptions.over(),
    nobodyLookedSince(since) {
      if (syncedAt - since > UNSEEN) watches.interruptions.assume({ since, until: syncedAt });
    },
    interruptedUntil() {
      const last = watches.interruptions.last();
      return last && (last.until ?? client.serverTime());
    },
    othersWereInterrupted: (since, lasted) =>
      watches.interruptions.assume({ since, until: lasted ? Math.max(since, syncedAt) : since }),
    unanswered: interruption => watches.interruptions.unanswered(interruption),
    start: () => watches.start(),
    stop: () => watches.stop(),
    snapshot(group) {
      const members = membersOf(group);
      const last = watches.interruptions.last();
      if (last !== undefined && last.until === undefined) interrupted.add(group);
      return {
        settings,
        now: client.serverTime(),
        deployments: members,
        namespaces,
        existing: existing(group, members),
        istio: istioInformers.every(informer => informer.isServed()),
        facts: {
          ...NO_FACTS,
          ...external.facts(),
          scalersOf: (...target) => scalers.of(...target),
          traffic: traffic.facts(),
        },
        focus: group,
      };
    },
    groups,
    deployment,
    deployments,
    hosts: traffic.hosts,
    children,
    written(object) {
      children.written(object);
      if (object.kind === virtualServices.kind) traffic.routeWritten(object);
    },
    resourceOf: kind => childResources.get(kind),
    hostsOf: (namespace, name) => index.hostsOf(`${namespace}/${name}`),
  };
}

function addressKey({ kind, metadata: { namespace, name } }: Child): string {
  return `${kind}/${namespace}/${name}`;
}
