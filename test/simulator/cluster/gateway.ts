import { RESOURCES } from '../../../kube/resources.ts';
import type { KubeObject } from '../../../kube/types.ts';
import type { Surroundings } from './ask.ts';

export interface Destination {
  /** `<namespace>/<name>`. */
  readonly service: string;
  /** Percent; of copies as well. */
  readonly weight: number;
  readonly isCopy: boolean;
}

/** One of Istio's gateways: it does what it was told last, and is told a while after the API server was. */
export interface Gateway {
  /** Where requests of a host go, of any of its routes. */
  destinations(host: string): readonly Destination[];
  hosts(): Iterable<string>;
  /** Istio's own watches are lost from now on. */
  lose(): void;
  /** They can come back, and do so within its back-off. */
  find(): void;
}

/** Milliseconds. */
const LAG = { low: 20, high: 900 };
/** Seen on a real one: after an outage it comes back only at the end of its back-off. */
const BACKOFF = 30_000;

export function createGateway({ server, time, dice }: Surroundings): Gateway {
  let routes = new Map<string, readonly Destination[]>();
  /** Counts the losses: what was on its way at one of them never arrives. */
  let losses = 0;
  let isLost = false;
  let arrivesAt = 0;

  function take(object: KubeObject, isThere: boolean): void {
    for (const host of hostsOf(object)) {
      if (isThere) routes.set(host, destinationsOf(object));
      // Another one may have the host by now.
      else if (!isElsewhere(host, object)) routes.delete(host);
    }
  }

  function isElsewhere(host: string, object: KubeObject): boolean {
    return server
      .collection(RESOURCES.virtualServices)
      .list()
      .some(one => one.metadata.uid !== object.metadata.uid && hostsOf(one).includes(host));
  }

  server.store.onCommit(({ resource }, { type, object }) => {
    if (resource.kind !== 'VirtualService' || isLost) return;
    const before = losses;
    arrivesAt = Math.max(arrivesAt, time.now() + dice.delay(LAG.low, LAG.high));
    time.after(arrivesAt - time.now(), () => {
      if (losses === before) take(object, type !== 'DELETED');
    });
  });

  return {
    destinations: host => routes.get(host) ?? [],
    hosts: () => routes.keys(),
    lose() {
      losses++;
      isLost = true;
    },
    find() {
      const before = losses;
      time.after(dice.fraction() * BACKOFF, () => {
        if (losses !== before || !isLost) return;
        isLost = false;
        routes = new Map();
        for (const object of server.collection(RESOURCES.virtualServices).list()) take(object, true);
      });
    },
  };
}

interface Route {
  readonly route?: readonly { readonly destination: { readonly host: string }; readonly weight?: number }[];
  readonly mirrors?: readonly {
    readonly destination: { readonly host: string };
    readonly percentage?: { readonly value: number };
  }[];
}

export function hostsOf({ spec }: KubeObject): readonly string[] {
  return (spec as { readonly hosts?: readonly string[] }).hosts ?? [];
}

/** Of all its routes; one with a weight of 0 gets nothing. */
export function destinationsOf({ spec }: KubeObject): readonly Destination[] {
  const { http = [] } = spec as { readonly http?: readonly Route[] };
  return http
    .flatMap(({ route = [], mirrors = [] }) => [
      ...route.map(({ destination, weight = 100 }) => ({
        service: serviceOf(destination.host),
        weight,
        isCopy: false,
      })),
      ...mirrors.map(({ destination, percentage }) => ({
        service: serviceOf(destination.host),
        weight: percentage?.value ?? 100,
        isCopy: true,
      })),
    ])
    .filter(({ weight }) => weight > 0);
}

/** `web.shop.svc.cluster.local` → `shop/web`. */
export function serviceOf(fqdn: string): string {
  const [name = '', namespace = ''] = fqdn.split('.');
  return `${namespace}/${name}`;
}
