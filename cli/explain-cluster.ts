import { collectionPath, objectPath, RESOURCES } from '../kube/resources.ts';
import { isNotFound } from '../kube/kube-error.ts';
import { listProjected } from '../kube/list.ts';
import { readObject } from '../kube/read-object.ts';
import type { KubeClient, KubeObject, Resource } from '../kube/types.ts';
import { createEndpointBook, projectSlice, SERVICE_NAME } from '../controller/endpoint-book.ts';
import { createNamers } from '../controller/namers.ts';
import { keepDeployment, projectChild, projectHost, projectNamespace } from '../controller/projections.ts';
import type { Child } from '../controller/projections.ts';
import { createRouteTargets, routedHost } from '../controller/route-targets.ts';
import { NO_FACTS } from '../shared/cluster-facts.ts';
import type { ClusterFacts } from '../shared/cluster-facts.ts';
import type { Host } from '../shared/host.ts';
import { groupOf } from '../shared/plan/live.ts';
import { read } from '../shared/read.ts';
import { networkingApiVersion } from '../shared/render/virtual-service.ts';
import type { Settings } from '../shared/settings.ts';
import { PROPAGATION } from '../shared/takeover/outcome.ts';
import type { Snapshot } from '../shared/snapshot.ts';
import { withCluster } from './cluster.ts';
import type { ClusterOptions } from './cluster.ts';

export interface LookedAt {
  readonly snapshot: Snapshot;
  /** Whether every member of the host can be in the snapshot. */
  readonly seesAll: boolean;
}

/** What the controller keeps by its watches, read once, and made of by the same functions. Writes nothing. */
export function lookAtCluster(host: string, options: ClusterOptions, settings: Settings): Promise<LookedAt> {
  return withCluster(options, 'explain', client => lookWith(client, host, options.namespace, settings));
}

async function lookWith(
  client: KubeClient,
  host: string,
  names: readonly string[],
  settings: Settings,
): Promise<LookedAt> {
  const scopes = names.length === 0 ? [undefined] : [...new Set(names)];
  const everywhere = scopes.map(namespace => ({ namespace }));
  const chosen = names.length === 0 ? [{}] : names.map(name => ({ fieldSelector: `metadata.name=${name}` }));
  const routeScopes = names.length === 0 ? everywhere : [...everywhere, { namespace: settings.systemNamespace }];
  const virtualServices = {
    ...RESOURCES.virtualServices,
    apiVersion: networkingApiVersion(settings.istio.version),
  };

  const [namespaces, kept, services, routes, slices, hosts] = await Promise.all([
    listed(client, RESOURCES.namespaces, chosen, projectNamespace),
    listed(client, RESOURCES.deployments, everywhere, keepDeployment),
    listed(client, RESOURCES.services, everywhere, projectChild),
    listed(client, virtualServices, routeScopes, projectChild),
    listed(
      client,
      RESOURCES.endpointSlices,
      everywhere.map(scope => ({ ...scope, labelSelector: SERVICE_NAME })),
      object => ({ slice: projectSlice(object), metadata: object.metadata }),
    ),
    hostsOf(client, host, names),
  ]);

  const endpoints = createEndpointBook(() => undefined);
  for (const { slice, metadata } of slices ?? []) {
    const { namespace = '', name } = metadata;
    if (slice) endpoints.changed({ namespace, name, before: undefined, after: slice });
  }
  const deployments = (kept ?? []).map(({ deployment }) => deployment);
  const byName = new Map((namespaces ?? []).map(one => [one.metadata.name, one]));
  const namers = createNamers();
  for (const one of deployments) {
    const { intent } = read(one, { settings, namespaces: byName });
    namers.ask(`${one.metadata.namespace}/${one.metadata.name}`, intent);
  }
  const now = client.serverTime();
  const facts = factsOf({ kept, services, routes, hosts, namers, endpoints, settings, now });
  const members = hosts?.get(host)?.status?.members ?? [];
  const owner = hosts?.get(host)?.spec.namespace;
  return {
    snapshot: {
      settings,
      now,
      deployments,
      namespaces: byName,
      existing: [...(services ?? []), ...(routes ?? [])],
      istio: routes !== undefined,
      facts,
    },
    seesAll:
      names.length === 0 ||
      [owner, ...members.map(({ namespace }) => namespace)].every(one => names.includes(one ?? '')),
  };
}

interface Found {
  readonly kept: readonly NonNullable<ReturnType<typeof keepDeployment>>[] | undefined;
  readonly services: readonly Child[] | undefined;
  readonly routes: readonly Child[] | undefined;
  readonly hosts: ReadonlyMap<string, Host> | undefined;
  readonly namers: ReturnType<typeof createNamers>;
  readonly endpoints: ReturnType<typeof createEndpointBook>;
  readonly settings: Settings;
  readonly now: number;
}

function factsOf({ kept, services, routes, hosts, namers, endpoints, settings, now }: Found): ClusterFacts {
  const templates = new Map(kept?.map(({ deployment, template }) => [keyOf(deployment), template]));
  const byKey = new Map(services?.map(service => [keyOf(service), service]));
  const targets = createRouteTargets(settings.clusterDomain);
  const routed = new Map<string, Child>();
  for (const route of routes ?? []) {
    if (groupOf(route) === undefined) continue;
    targets.changed(keyOf(route), route);
    routed.set(routedHost(route) ?? '', route);
  }
  return {
    ...NO_FACTS,
    traffic: {
      areHostsServed: hosts !== undefined,
      host: name => hosts?.get(name),
      service(namespace, name) {
        const target = byKey.get(`${namespace}/${name}`)?.target;
        const { ready, state } = endpoints.of(namespace, name);
        return target && { ...target, ready, endpoints: state };
      },
      templateOf: (namespace, name) => templates.get(`${namespace}/${name}`),
      routeSeenSince: name => (routed.has(name) ? seenSince(hosts?.get(name), now) : undefined),
      hostsServedBy: (namespace, name) => targets.hostsServing(namespace, name),
      namersOf: (namespace, name) => namers.of(`${namespace}/${name}`),
      // What only those know who have watched: the Host tells of it.
      interruption: undefined,
      contendedBy: name => {
        const contended = hosts?.get(name)?.status?.conditions.find(({ type }) => type === 'Contended');
        return contended && /^'(.*)' keeps/.exec(contended.message)?.[1];
      },
      sendersTo: () => [],
      upstream: () => undefined,
    },
  };
}

/** As the controller has said it, a while after; until then nobody knows, and gateways may be about to follow. */
function seenSince(host: Host | undefined, now: number): number {
  const programmed = host?.status?.conditions.find(({ type, status }) => type === 'Programmed' && status === 'True');
  return programmed === undefined ? now : Math.min(Date.parse(programmed.lastTransitionTime), now) - PROPAGATION;
}

function keyOf({ metadata: { namespace, name } }: { metadata: { namespace: string; name: string } }): string {
  return `${namespace}/${name}`;
}

/** All Hosts; with some namespaces only, where it may be that nothing else is allowed, the one that is asked about. */
async function hostsOf(
  client: KubeClient,
  host: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, Host> | undefined> {
  if (names.length === 0) {
    const all = await listed(client, RESOURCES.hosts, [{}], projectHost);
    return all && new Map(all.map(one => [one.metadata.name, one]));
  }
  const one = await readObject(client, objectPath(RESOURCES.hosts, '', host));
  return new Map(one && [[host, projectHost(one)]]);
}

interface Scope {
  readonly namespace?: string | undefined;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

/** `undefined` = the kind is not served. */
async function listed<T>(
  client: KubeClient,
  resource: Resource,
  scopes: readonly Scope[],
  project: (object: KubeObject) => T | undefined,
): Promise<readonly T[] | undefined> {
  const { signal } = new AbortController();
  const { apiVersion, kind } = resource;
  try {
    const lists = await Promise.all(
      scopes.map(({ namespace, ...selector }) =>
        listProjected(client, collectionPath(resource, namespace), new URLSearchParams(selector), signal, object =>
          // Items of a list say neither.
          project({ apiVersion, kind, ...object }),
        ),
      ),
    );
    return lists.flatMap(({ items }) => items);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
