import type { Change } from '../kube/types.ts';
import type { Sender, SeenUpstream } from '../shared/cluster-facts.ts';
import { sendersIn } from '../shared/plan/live-senders.ts';
import type { LiveSender } from '../shared/plan/live-senders.ts';
import { groupOf, ruledHost } from '../shared/plan/live.ts';
import type { ExistingObject } from '../shared/snapshot.ts';
import { PROPAGATION } from '../shared/takeover/outcome.ts';
import type { ChildAddress } from './children.ts';
import { createMultimap } from './multimap.ts';
import type { Child } from './projections.ts';

/** What lives of the places that Mappings ask something of: who sends there, and which objects gateways know. */
export interface UpstreamBook {
  routeChanged(change: Change<Child>): void;
  objectChanged(change: Change<Child>): void;
  sendersTo(host: string): readonly Sender[];
  seen(host: string): SeenUpstream;
  /** The DestinationRules of others for a host. */
  rulesFor(host: string): readonly ChildAddress[];
}

export interface UpstreamBookOptions {
  readonly clusterDomain: string;
  /** Milliseconds since the epoch, by the API server's clock. */
  readonly now: () => number;
  readonly routeOf: (namespace: string, name: string) => ExistingObject | undefined;
  /** Keys of the VirtualServices that send to a Service of the cluster, `<namespace>/<name>`. */
  readonly routesTo: (service: string) => readonly string[];
  readonly objectsFor: (host: string) => readonly ExistingObject[];
  readonly isUpstream: (host: string) => boolean;
  readonly onUpstream: (host: string, isSeen: boolean) => void;
}

export function createUpstreamBook(options: UpstreamBookOptions): UpstreamBook {
  const { now, routeOf, routesTo, objectsFor, isUpstream, onUpstream } = options;
  const suffix = `.svc.${options.clusterDomain}`;
  /** Keys of VirtualServices by hosts outside the cluster: few, and nobody else knows them. */
  const outside = createMultimap<string, string>();
  const rules = createMultimap<string, string>();
  const left = new Map<string, readonly Required<Sender>[]>();
  const seenAt = new Map<string, number>();

  function keysTo(host: string): readonly string[] {
    if (!host.endsWith(suffix)) return outside.of(host);
    const [name = '', namespace = ''] = host.slice(0, -suffix.length).split('.');
    return routesTo(`${namespace}/${name}`);
  }

  function foreignHost(object: ExistingObject | undefined): string | undefined {
    return object && groupOf(object) === undefined ? ruledHost(object, options.clusterDomain) : undefined;
  }

  /** Those that left so long ago that gateways know it are forgotten. */
  function recentlyLeft(host: string): readonly Required<Sender>[] {
    const recent = (left.get(host) ?? []).filter(({ until }) => now() < until + PROPAGATION);
    if (recent.length === 0) left.delete(host);
    else left.set(host, recent);
    return recent;
  }

  return {
    routeChanged({ namespace, name, before, after }) {
      const key = `${namespace}/${name}`;
      const [old, current] = [sendersOf(before), sendersOf(after)];
      const hosts = new Set([...old, ...current].map(({ host }) => host));
      for (const host of hosts) {
        const [sent, sends] = [old, current].map(senders => senders.filter(one => one.host === host));
        if (!host.endsWith(suffix)) {
          if (sends?.length === 0) outside.remove(host, key);
          else outside.add(host, key);
        }
        if (!isUpstream(host)) continue;
        const gone = (sent ?? []).filter(one => !sends?.some(other => isSame(one, other)));
        const came = (sends ?? []).filter(one => !sent?.some(other => isSame(one, other)));
        if (gone.length > 0) left.set(host, [...recentlyLeft(host), ...gone.map(one => senderOf(one, now()))]);
        if (gone.length + came.length > 0) onUpstream(host, false);
      }
    },
    objectChanged({ namespace, name, before, after }) {
      const [was, is] = [before, after].map(object => foreignHost(object));
      if (was !== undefined) rules.remove(was, `${namespace}/${name}`);
      if (is !== undefined) rules.add(is, `${namespace}/${name}`);
      for (const host of new Set([was, is])) if (host !== undefined && isUpstream(host)) onUpstream(host, false);
      const hosts = [before, after].flatMap(object => upstreamHost(object) ?? []);
      for (const host of new Set(hosts)) {
        seenAt.set(host, now());
        onUpstream(host, true);
        if (!isUpstream(host)) seenAt.delete(host);
      }
    },
    rulesFor: host =>
      rules.of(host).map(key => {
        const [namespace = '', name = ''] = key.split('/');
        return { kind: 'DestinationRule', namespace, name };
      }),
    sendersTo(host) {
      const current = keysTo(host)
        .toSorted()
        .flatMap(key => {
          const [namespace = '', name = ''] = key.split('/');
          return sendersOf(routeOf(namespace, name));
        })
        .filter(one => one.host === host);
      return [...current.map(one => senderOf(one)), ...recentlyLeft(host)];
    },
    seen: host => ({
      objects: objectsFor(host).filter(object => upstreamHost(object) === host),
      since: seenAt.get(host) ?? 0,
    }),
  };
}

/** Of foreign ones nothing is known. */
function sendersOf(object: ExistingObject | undefined): readonly LiveSender[] {
  return object !== undefined && groupOf(object) !== undefined ? sendersIn(object) : [];
}

function isSame(a: LiveSender, b: LiveSender): boolean {
  return a.namespace === b.namespace && a.deployment === b.deployment && a.route === b.route && a.port === b.port;
}

function senderOf({ namespace, deployment, route, port }: LiveSender): Sender;
function senderOf({ namespace, deployment, route, port }: LiveSender, until: number): Required<Sender>;
function senderOf({ namespace, deployment, route, port }: LiveSender, until?: number): Sender {
  return { namespace, deployment, route, port, ...(until !== undefined && { until }) };
}

function upstreamHost(object: ExistingObject | undefined): string | undefined {
  const group = object && groupOf(object);
  return group?.startsWith('Upstream/') === true ? group.slice('Upstream/'.length) : undefined;
}
