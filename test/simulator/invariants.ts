import { RESOURCES } from '../../kube/resources.ts';
import type { KubeObject } from '../../kube/types.ts';
import type { StoredEvent } from './api-server/store.ts';
import { destinationsOf, hostsOf } from './cluster/gateway.ts';
import type { World } from './world.ts';

/** What must hold at every moment, whatever happens. */
export interface Invariants {
  /** After every step: what may be wrong for a moment, and not for long. */
  check(): void;
}

/** A promise that was not kept. */
export class Broken extends Error {
  readonly promise: string;
  constructor(promise: string, what: string) {
    super(`${promise}: ${what}`);
    this.name = 'Broken';
    this.promise = promise;
  }
}

/** Milliseconds in which a change is known, decided about and written, when nothing is wrong. */
const KNOWN = 5000;
/** Milliseconds after which a fault has no effect any more: a lost watch was noticed, a back-off is over. */
const RECOVERED = 200_000;
const LOOK_EVERY = 500;
/** Of one object; what happens to a version in a minute is told in fewer. */
const STORM = { writes: 40, within: 60_000 };

interface Readiness {
  readonly ready: number;
  /** Since when there are some, or since when there are none. */
  readonly since: number;
}

export function watchInvariants(world: World): Invariants {
  const { server } = world;
  const readiness = new Map<string, Readiness>();
  const writes = new Map<string, number[]>();
  /** Host → when its owner had no member in it last. */
  const emptyAt = new Map<string, number>();
  let lookedAt = 0;
  let changedAt = 0;
  /** Since the last change but that of a Lease, a look has found everything as it must stay. */
  let isLasting = false;
  let counted = 0;

  server.store.onCommit(({ resource }, event) => {
    const { kind } = resource;
    if (kind !== 'Lease') {
      changedAt = world.now();
      isLasting = false;
    }
    if (kind === 'EndpointSlice') noteReadiness(event.object);
    if (kind === 'VirtualService') checkRoutes(event);
    if (kind === 'Deployment') noteEmptyHosts();
    if (world.writer() === undefined) return;
    if (kind === 'Host') checkOwner(event);
    if (kind === 'Deployment') checkSize(event);
    if (kind === 'VirtualService') checkNewShares(event);
  });

  function noteReadiness({ metadata }: KubeObject): void {
    const service = metadata.labels?.['kubernetes.io/service-name'] ?? '';
    const key = `${metadata.namespace ?? ''}/${service}`;
    const ready = readyEndpoints(metadata.namespace ?? '', service);
    const before = readiness.get(key);
    const isSame = before !== undefined && before.ready > 0 === ready > 0;
    readiness.set(key, { ready, since: isSame ? before.since : world.now() });
  }

  function readyEndpoints(namespace: string, service: string): number {
    return server
      .collection(RESOURCES.endpointSlices)
      .list()
      .filter(({ metadata }) => metadata.namespace === namespace)
      .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service)
      .flatMap(({ endpoints }) => endpoints as readonly { conditions: { ready: boolean } }[])
      .filter(({ conditions }) => conditions.ready).length;
  }

  function isReadyFor(service: string, milliseconds: number): boolean {
    const known = readiness.get(service);
    return known !== undefined && known.ready > 0 && world.now() - known.since >= milliseconds;
  }

  function isUnreadyFor(service: string, milliseconds: number): boolean {
    const known = readiness.get(service);
    return known === undefined || (known.ready === 0 && world.now() - known.since >= milliseconds);
  }

  function checkRoutes({ type, object }: StoredEvent): void {
    if (type === 'DELETED') return;
    for (const weights of weightsOf(object)) {
      const sum = weights.reduce((all, weight) => all + weight, 0);
      if (sum !== 100) throw new Broken('weights sum to 100', `${object.metadata.name} has ${weights.join(' + ')}`);
    }
    for (const host of hostsOf(object)) {
      const holders = server
        .collection(RESOURCES.virtualServices)
        .list()
        .filter(one => hostsOf(one).includes(host));
      const spaces = new Set(holders.map(({ metadata }) => metadata.namespace));
      // Only a host on its way from one namespace to another has two, one in each.
      if (holders.length > 2 || spaces.size < holders.length) {
        throw new Broken('at most one VirtualService a host', `${host} has ${holders.length}`);
      }
    }
  }

  function noteEmptyHosts(): void {
    for (const host of server.collection(RESOURCES.hosts).list()) {
      const { name } = host.metadata;
      if (membersOf(name).every(({ metadata }) => metadata.namespace !== ownerOf(host))) emptyAt.set(name, world.now());
    }
  }

  /** The first namespace that claimed a host keeps it while it has a member in it, unless it hands it over. */
  function checkOwner({ type, object, before }: StoredEvent): void {
    const host = object.metadata.name;
    const owner = ownerOf(before ?? object);
    if (type === 'ADDED') return;
    const next = type === 'DELETED' ? undefined : ownerOf(object);
    if (next === owner) return;
    if (next !== undefined && handsOver(owner, host, next)) return;
    const members = membersOf(host).filter(({ metadata }) => metadata.namespace === owner);
    // What is seen late is done late.
    if (members.length === 0 || world.now() - (emptyAt.get(host) ?? -Infinity) < RECOVERED) return;
    throw new Broken(
      'ownership never flips',
      `${host} of ${owner} ${next === undefined ? 'is given up' : `goes to ${next}`}`,
    );
  }

  function handsOver(owner: string, host: string, to: string): boolean {
    const { annotations = {} } = server.get(RESOURCES.namespaces, '', owner)?.metadata ?? {};
    return (annotations['waymark.dev/hand-over'] ?? '').split(/[,\s]+/).includes(`${host}=${to}`);
  }

  /** Deployments whose text names a host. */
  function membersOf(host: string): readonly KubeObject[] {
    return server
      .collection(RESOURCES.deployments)
      .list()
      .filter(deployment => hostsNamedBy(deployment).includes(host));
  }

  function checkSize({ type, object, before }: StoredEvent): void {
    if (before === undefined || type === 'DELETED') return;
    const [was, is] = [sizeOf(before), sizeOf(object)];
    if (was === is) return;
    const { namespace = '', name, annotations = {} } = object.metadata;
    const key = `${namespace}/${name}`;
    if (is < was) {
      if (annotations['waymark.dev/replicas'] !== String(was)) {
        throw new Broken('the size before retirement is remembered', `${key} had ${was}`);
      }
      const hosts = world.gateways.flatMap(gateway =>
        [...gateway.hosts()].filter(host => serves(gateway.destinations(host), host, key)),
      );
      if (hosts.length > 0 && isReadyFor(key, 0)) {
        throw new Broken(
          'no ready version that bears traffic is scaled down',
          `${key} still has requests of ${hosts[0] ?? ''}`,
        );
      }
    } else if (before.metadata.annotations?.['waymark.dev/replicas'] !== String(is)) {
      throw new Broken('a retired version comes back at its size', `${key} comes back with ${is}`);
    }
  }

  /** Its own built-in host is its direct address, and goes with it. */
  function serves(destinations: readonly { readonly service: string }[], host: string, key: string): boolean {
    const [namespace = '', name = ''] = key.split('/');
    return !host.startsWith(`${name}.${namespace}.`) && destinations.some(({ service }) => service === key);
  }

  /** Nobody gets requests before he can take them, while another one can. */
  function checkNewShares({ type, object, before }: StoredEvent): void {
    if (type === 'DELETED' || before === undefined || !world.isCalm(RECOVERED)) return;
    const known = new Set(destinationsOf(before).map(({ service }) => service));
    for (const { service, isCopy } of destinationsOf(object)) {
      if (isCopy || known.has(service) || !isUnreadyFor(service, KNOWN)) continue;
      // What belongs to a Deployment that is gone or stopped answers a little longer, and is no place to stay.
      const other = [...known].find(one => lineOf(one) === lineOf(service) && isReadyFor(one, KNOWN) && isWanted(one));
      if (other !== undefined) {
        throw new Broken(
          'no share to a version that is not ready',
          `${service} gets requests, and ${other} could take them`,
        );
      }
    }
  }

  function countWrites(): void {
    for (const { at, method, path } of world.acts.slice(counted)) {
      if (method === 'GET' || path.includes('/leases')) continue;
      const [object = ''] = path.split('?');
      const recent = [...(writes.get(object) ?? []).filter(one => at - one < STORM.within), at];
      writes.set(object, recent);
      if (recent.length > STORM.writes) {
        throw new Broken('no storm of writes', `${method} ${object} ${recent.length} times within a minute`);
      }
    }
    counted = world.acts.length;
  }

  function isWanted(service: string): boolean {
    const [namespace = '', name = ''] = service.split('/');
    const deployment = server.get(RESOURCES.deployments, namespace, name);
    return deployment !== undefined && sizeOf(deployment) > 0;
  }

  function check(): void {
    countWrites();
    if (world.now() - lookedAt < LOOK_EVERY) return;
    lookedAt = world.now();
    // Who is in calm and has been looked at when all was old enough can only be found the same again.
    if (isLasting || !world.isCalm(RECOVERED)) return;
    isLasting = lookedAt - changedAt > KNOWN;
    for (const host of server.collection(RESOURCES.hosts).list()) checkShares(host);
  }

  function checkShares(host: KubeObject): void {
    const name = host.metadata.name;
    const members = membersOf(name).filter(isActive);
    if (members.length < membersOf(name).length) return;
    const route = server
      .collection(RESOURCES.virtualServices)
      .list()
      .find(one => hostsOf(one).includes(name));
    if (route === undefined) return;
    for (const { service, isCopy } of destinationsOf(route)) {
      if (isCopy || !isUnreadyFor(service, KNOWN)) continue;
      const line = lineOf(service);
      const other = members.map(keyOf).find(key => lineOf(key) === line && isReadyFor(key, KNOWN));
      if (other !== undefined) {
        throw new Broken(
          'no share to a version that is not ready for long',
          `${service} has requests of ${name}, and ${other} could take them`,
        );
      }
    }
  }

  return { check };
}

function ownerOf({ spec }: KubeObject): string {
  return (spec as { readonly namespace: string }).namespace;
}

function sizeOf({ spec }: KubeObject): number {
  return (spec as { readonly replicas: number }).replicas;
}

function keyOf({ metadata: { namespace = '', name } }: KubeObject): string {
  return `${namespace}/${name}`;
}

/** `shop/serving-a-1` → `shop/serving-a`. */
function lineOf(key: string): string {
  return key.slice(0, key.lastIndexOf('-'));
}

function isActive({ metadata: { annotations = {} } }: KubeObject): boolean {
  return annotations['waymark.dev/paused'] !== 'true';
}

/** Stored objects never change, and are asked about all the time. */
const named = new WeakMap<KubeObject, readonly string[]>();

function hostsNamedBy(deployment: KubeObject): readonly string[] {
  const known = named.get(deployment);
  if (known !== undefined) return known;
  const [, list = ''] = /^hosts: \[(.*)\]$/m.exec(deployment.metadata.annotations?.['waymark.dev/config'] ?? '') ?? [];
  const hosts = list === '' ? [] : list.split(', ');
  named.set(deployment, hosts);
  return hosts;
}

/** Of every route that has more than one destination. */
function weightsOf({ spec }: KubeObject): readonly (readonly number[])[] {
  const { http = [] } = spec as {
    readonly http?: readonly { readonly route?: readonly { readonly weight?: number }[] }[];
  };
  return http.flatMap(({ route = [] }) => (route.length < 2 ? [] : [route.map(({ weight = 0 }) => weight)]));
}
