import type { Clock } from '../kube/clock.ts';
import { createInformer } from '../kube/informer.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { Change, Informer, InformerOptions, KubeClient, KubeObject, Resource } from '../kube/types.ts';
import type { Logger } from '../runtime/log.ts';
import { NO_FACTS } from '../shared/cluster-facts.ts';
import type { Deployment } from '../shared/deployment.ts';
import type { Intent, Reading } from '../shared/intent.ts';
import { builtInHostOf, deploymentGroup, hostGroup, hostsOf } from '../shared/plan/hosts.ts';
import { isAvailable } from '../shared/takeover/shared-path.ts';
import { deploymentsOf, groupOf, liveBuiltInHost } from '../shared/plan/live.ts';
import { modelPathOf } from '../shared/plan/model-path.ts';
import { isActedOn } from '../shared/plan/scope.ts';
import { read } from '../shared/read.ts';
import { externalServiceName, hostVirtualServiceName } from '../shared/render/names.ts';
import { virtualServiceApiVersion } from '../shared/render/virtual-service.ts';
import type { Settings } from '../shared/settings.ts';
import type { GroupKey, Namespace, Snapshot } from '../shared/snapshot.ts';
import { createChildren } from './children.ts';
import type { ChildAddress, ChildSource, Children } from './children.ts';
import { deploymentOfExternal } from './external-services.ts';
import { watchExternal } from './external-watch.ts';
import type { ExternalWorld } from './external-watch.ts';
import { createMembership } from './membership.ts';
import { projectChild, projectDeployment, projectNamespace } from './projections.ts';
import type { Child } from './projections.ts';
import { isRouteChange } from './route-inputs.ts';
import { createScalers, targetOfScaledObject } from './scalers.ts';
import type { ScaleTarget } from './scalers.ts';

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
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Everything that the controller knows of the cluster, kept up by watches. */
export interface World {
  /** Resolves when every cache holds its first complete list. From then on groups are called. */
  readonly synced: Promise<void>;
  isSynced(): boolean;
  start(): void;
  stop(): Promise<void>;
  /** All that a group depends on, and nothing else: an event costs the same in a large cluster. */
  snapshot(group: GroupKey): Snapshot;
  /** Of every annotated Deployment, of every host that is asked for, and of every live object of ours. */
  groups(): Iterable<GroupKey>;
  deployment(namespace: string, name: string): Deployment | undefined;
  readonly children: Children;
  resourceOf(kind: string): Resource | undefined;
}

export function createWorld(options: WorldOptions): World {
  const { client, settings, onGroup, onDeploymentGone, onRestart, log, clock, random } = options;
  const virtualServices: Resource = {
    ...RESOURCES.virtualServices,
    apiVersion: virtualServiceApiVersion(settings.istio.version),
  };
  const childResources = new Map<string, Resource>(
    [RESOURCES.services, RESOURCES.horizontalPodAutoscalers, virtualServices].map(one => [one.kind, one]),
  );
  const namespaces = new Map<string, Namespace>();
  const readings = new Map<string, Reading>();
  const membership = createMembership();
  /** Who has a host as its built-in one: most often one, but a template need not keep two Deployments apart. */
  const builtIn = createMembership();
  /** Who shares the path of a model. */
  const lines = createMembership();
  const informers: Informer<unknown>[] = [];
  let isSynced = false;

  function watch<T>(
    resource: Resource,
    given: Pick<InformerOptions<T>, 'project' | 'onChange'> & Partial<InformerOptions<T>>,
  ): Informer<T> {
    const informer = createInformer<T>({
      client,
      resource,
      log,
      clock,
      random,
      onRestart: () => onRestart(resource.kind),
      ...given,
    });
    informers.push(informer);
    return informer;
  }

  /** One watch over everything, or one for each namespace: the account need not be allowed to see more. */
  const scopes = options.namespaces.length === 0 ? [undefined] : options.namespaces;
  // The VirtualService of the host that all share lives where Waymark does.
  const routeScopes = options.namespaces.length === 0 ? scopes : [...new Set([...scopes, settings.systemNamespace])];

  for (const name of scopes) {
    watch<Namespace>(RESOURCES.namespaces, {
      ...(name !== undefined && { fieldSelector: `metadata.name=${name}` }),
      project: projectNamespace,
      onChange: change => {
        if (change.after === undefined) namespaces.delete(change.name);
        else namespaces.set(change.name, change.after);
        if (isSynced) for (const deployment of allDeployments()) reread(deployment);
      },
    });
  }
  const deployments = scopes.map(namespace =>
    watch<Deployment>(RESOURCES.deployments, {
      namespace,
      project: object => (isWatched(object) ? projectDeployment(object) : undefined),
      onChange: deploymentChanged,
    }),
  );
  const sources = new Map<string, ChildSource[]>();
  const routeInformers: Informer<Child>[] = [];
  for (const resource of childResources.values()) {
    const isRoute = resource === virtualServices;
    const watching = (isRoute ? routeScopes : scopes).map(namespace =>
      watch<Child>(resource, {
        namespace,
        project: projectChild,
        onChange: change => childChanged(resource.kind, change),
        ...(isRoute && { optional: true, onServed: () => isSynced && callAll() }),
      }),
    );
    sources.set(resource.kind, watching);
    if (isRoute) routeInformers.push(...watching);
  }
  const children = createChildren(sources, childResources, clock);
  const scalers = createScalers((namespace, name) => {
    if (isSynced && deployment(namespace, name) !== undefined) onGroup(deploymentGroup({ namespace, name }));
  });
  for (const namespace of scopes) {
    watch<ScaleTarget>(RESOURCES.scaledObjects, {
      namespace,
      optional: true,
      project: targetOfScaledObject,
      onChange: change => scalers.changed(RESOURCES.scaledObjects.kind, change),
    });
  }
  const external = watchExternal(watch, settings.external, options.external, key => {
    if (isSynced) onGroup(deploymentGroup(addressOf(key)));
  });

  function isWatched({ metadata }: KubeObject): boolean {
    return isActedOn(metadata.namespace ?? '', settings);
  }

  function* allDeployments(): Iterable<Deployment> {
    for (const informer of deployments) yield* informer.values();
  }

  function deployment(namespace: string, name: string): Deployment | undefined {
    for (const informer of deployments) {
      const found = informer.get(namespace, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  function deploymentChanged({ namespace, name, before, after }: Change<Deployment>): void {
    if (before !== undefined && before.metadata.uid !== after?.metadata.uid) onDeploymentGone(before);
    if (!isSynced) return;
    index(namespace, name, after, isRouteChange(before, after));
    if (before && after && isAvailable(before) !== isAvailable(after)) callLine(`${namespace}/${name}`);
  }

  /** Another one may lead now, if there is another one. */
  function callLine(key: string): void {
    const isShared = lines.hostsOf(key).some(line => lines.membersOf(line).length > 1);
    if (isShared) onGroup(hostGroup(settings.ingressHost));
  }

  /** Wakes its own group, and, where its routes may be others, the hosts that it names now and named before. */
  function index(namespace: string, name: string, after: Deployment | undefined, wakesHosts = true): void {
    const key = `${namespace}/${name}`;
    const reading = after && read(after, { settings, namespaces });
    if (reading === undefined) readings.delete(key);
    else readings.set(key, reading);
    const intent = reading?.intent;
    external.deploymentChanged(key, intent);
    const hosts = membership.ask(key, intent === undefined ? [] : hostsOf(intent, settings));
    const own = builtIn.ask(key, after === undefined ? [] : builtInHosts(after, intent));
    const line = intent && modelPathOf(intent, settings)?.line;
    lines.ask(key, line === undefined ? [] : [line]);
    onGroup(deploymentGroup({ namespace, name }));
    if (!wakesHosts) return;
    for (const host of hosts) onGroup(hostGroup(host));
    for (const host of new Set([...hosts, ...own])) callSharers(host, key);
  }

  /** None or one. Of a text with an error it is what lives. */
  function builtInHosts({ metadata: { namespace, name } }: Deployment, intent: Intent | undefined): readonly string[] {
    if (intent !== undefined) return [builtInHostOf(intent, settings) ?? []].flat();
    const live = children.get({ kind: virtualServices.kind, namespace, name });
    const host = live && liveBuiltInHost([live.child], { ref: { kind: 'Deployment', namespace, name } });
    return host === undefined ? [] : [host];
  }

  /** The others that have the host as their built-in one, and those that ask for it otherwise. */
  function callSharers(host: string, key: string): void {
    for (const other of builtIn.membersOf(host)) if (other !== key) onGroup(deploymentGroup(addressOf(other)));
    if (builtIn.membersOf(host).length > 0 && membership.membersOf(host).length > 0) onGroup(hostGroup(host));
  }

  /** After a change of some Namespace: its reading is another one only if it depends on that. */
  function reread(one: Deployment): void {
    const { namespace, name } = one.metadata;
    if (readings.get(`${namespace}/${name}`) !== read(one, { settings, namespaces })) index(namespace, name, one);
  }

  function childChanged(kind: string, change: Change<Child>): void {
    const { namespace, name, before, after } = change;
    for (const child of [before, after]) if (child !== undefined) carry(child, child === after);
    external.serviceChanged(change);
    if (before?.scales || after?.scales) {
      scalers.changed(kind, { namespace, name, before: before?.scales, after: after?.scales });
    }
    const isNews = children.changed(kind, change);
    if (!isSynced) return;
    for (const child of isNews ? [before, after] : []) {
      const group = child && groupOf(child);
      if (group !== undefined) onGroup(group);
    }
    // A foreign object came into the way of somebody, or went out of it; so does one of ours that we took away.
    if (!isNews && after !== undefined) return;
    for (const owner of [name, deploymentOfExternal(name)]) {
      if (deployment(namespace, owner) !== undefined) onGroup(deploymentGroup({ namespace, name: owner }));
    }
    const host = name.replace(/\.0$/, '');
    if (kind === virtualServices.kind && membership.membersOf(host).length > 0) onGroup(hostGroup(host));
  }

  function carry(child: Child, isThere: boolean): void {
    const group = child.kind === virtualServices.kind ? groupOf(child) : undefined;
    if (!group?.startsWith('Host/')) return;
    const members = isThere ? deploymentsOf(child).map(({ namespace, name }) => `${namespace}/${name}`) : [];
    membership.carry(group.slice('Host/'.length), members);
  }

  function* groups(): Iterable<GroupKey> {
    for (const { metadata } of allDeployments()) yield deploymentGroup(metadata);
    for (const host of membership.hosts()) yield hostGroup(host);
    yield* children.groups();
  }

  function callAll(): void {
    for (const group of new Set(groups())) onGroup(group);
  }

  function membersOf(group: GroupKey): readonly Deployment[] {
    const [kind, ...address] = group.split('/');
    const name = address.join('/');
    const hosts = kind === 'Host' ? [name] : builtIn.hostsOf(name);
    const sharers = hosts.flatMap(host => [...membership.membersOf(host), ...builtIn.membersOf(host)]);
    const keys = new Set(kind === 'Host' ? sharers : [name, ...options.external.wants.rivalsOf(name), ...sharers]);
    return [...keys].flatMap(key => {
      const { namespace, name } = addressOf(key);
      return deployment(namespace, name) ?? [];
    });
  }

  /** Ours of this group, and whatever stands where one of ours would be written. */
  function existing(group: GroupKey, members: readonly Deployment[]): readonly Child[] {
    const found = new Map(children.ofGroup(group).map(({ child }) => [addressKey(child), child]));
    for (const address of addresses(group, members)) {
      const live = children.get(address);
      if (live !== undefined) found.set(addressKey(live.child), live.child);
    }
    return [...found.values()];
  }

  function addresses(group: GroupKey, members: readonly Deployment[]): readonly ChildAddress[] {
    if (!group.startsWith('Host/')) {
      return members.flatMap(({ metadata: { namespace, name } }) => [
        ...[...childResources.keys()].map(kind => ({ kind, namespace, name })),
        { kind: RESOURCES.services.kind, namespace, name: externalServiceName(name) },
      ]);
    }
    const name = hostVirtualServiceName(group.slice('Host/'.length));
    const spaces = new Set([settings.systemNamespace, ...members.map(({ metadata }) => metadata.namespace)]);
    return [...spaces].map(namespace => ({ kind: virtualServices.kind, namespace, name }));
  }

  const synced = Promise.all(informers.map(informer => informer.synced)).then(() => {
    // Only now can texts be read: their meaning depends on Namespaces.
    isSynced = true;
    for (const one of allDeployments()) index(one.metadata.namespace, one.metadata.name, one);
    for (const group of children.groups()) onGroup(group);
  });

  return {
    synced,
    isSynced: () => isSynced,
    start() {
      for (const informer of informers) informer.start();
    },
    async stop() {
      await Promise.all(informers.map(informer => informer.stop()));
    },
    snapshot(group) {
      const members = membersOf(group);
      return {
        settings,
        now: client.serverTime(),
        deployments: members,
        namespaces,
        existing: existing(group, members),
        istio: routeInformers.every(informer => informer.isServed()),
        facts: { ...NO_FACTS, ...external.facts(), scalersOf: (...target) => scalers.of(...target) },
        focus: group,
      };
    },
    groups,
    deployment,
    children,
    resourceOf: kind => childResources.get(kind),
  };
}

function addressKey({ kind, metadata: { namespace, name } }: Child): string {
  return `${kind}/${namespace}/${name}`;
}

function addressOf(key: string): { readonly namespace: string; readonly name: string } {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}
