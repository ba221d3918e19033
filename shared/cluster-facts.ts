import type { Host } from './host.ts';
import type { ExistingObject } from './snapshot.ts';

/**
 * What is known of the cluster beside Deployments and Namespaces: plain data and lookups in memory. The controller has
 * all of it from its watches, the webhook what its account may see, the command line nothing.
 */
export interface ClusterFacts {
  /** Of the API server; absent = not known. */
  readonly version?: KubernetesVersion | undefined;
  readonly addresses: ClusterAddresses;
  readonly externalIds: ExternalIds;
  /** Whether an autoscaler that Waymark made for this very Deployment (by uid) exists, whatever its conditions. */
  isAutoscaled(namespace: string, name: string, uid: string): boolean;
  /** Autoscalers that are not Waymark's and have the Deployment as their target, in a stable order. */
  scalersOf(namespace: string, name: string): readonly Scaler[];
  readonly traffic: TrafficFacts;
}

/** Who owns which host, who can take requests, and what the gateways have been told. */
export interface TrafficFacts {
  /** Whether the kind Host is served; without it nobody owns a host, nobody takes one over and nobody is retired. */
  readonly areHostsServed: boolean;
  host(host: string): Host | undefined;
  /** The namespaces that are looked at; absent = all. Of the others it is not known whether anybody is there. */
  readonly watched?: ReadonlySet<string>;
  /** `undefined` = there is none. */
  service(namespace: string, name: string): TargetService | undefined;
  /** A digest of the Pod template of an annotated Deployment: equal digests, equal Pods. */
  templateOf(namespace: string, name: string): string | undefined;
  /** Since when our watch has shown the VirtualService of a host as it stands; `undefined` = it does not yet. */
  routeSeenSince(host: string): number | undefined;
  /** Hosts whose live VirtualServices of ours send requests or copies to a Service, its own built-in host left out. */
  hostsServedBy(namespace: string, name: string): readonly string[];
  /** Annotated Deployments that name a Service in `split` or `mirror`. */
  namersOf(namespace: string, name: string): readonly Namer[];
  /** The last interruption of our own watches: others' may have been interrupted too. `undefined` = there was none. */
  readonly interruption: Interruption | undefined;
  /**
   * Who changes the VirtualService of a host whenever it is written, so that it is left alone for a while: a field
   * manager, or what is known of him; `undefined` = nobody does.
   */
  contendedBy(host: string): string | undefined;
  /** The live routes of ours that send requests or copies to a host (its whole name), and those that did until just now. */
  sendersTo(host: string): readonly Sender[];
  /** What our watches have shown of our own objects for a host that is sent to; `undefined` = nothing is known, as offline. */
  upstream(host: string): SeenUpstream | undefined;
}

/** One Mapping of a Deployment, as the name of its route says. */
export interface Sender {
  readonly namespace: string;
  readonly deployment: string;
  readonly route: string;
  readonly port: number;
  /** Milliseconds since the epoch: it was seen to send there no more; absent = it does. */
  readonly until?: number;
}

export interface SeenUpstream {
  readonly objects: readonly ExistingObject[];
  /** Milliseconds since the epoch: since when they have been as they are. */
  readonly since: number;
}

/** A Service that requests may be sent to, or not. */
export interface TargetService {
  /** The first; absent = it has no port. */
  readonly port?: number;
  /** All of them; absent = that is not known. */
  readonly ports?: readonly number[];
  /** It selects Pods, and is no ExternalName. */
  readonly selects: boolean;
  /** Endpoints that take requests. */
  readonly ready: number;
  /** Another text whenever an endpoint came, went, or changed its readiness. */
  readonly endpoints: string;
}

export interface Namer {
  readonly namespace: string;
  readonly name: string;
  /** Its own hosts; empty = it shares its built-in host. */
  readonly hosts: readonly string[];
}

/** Milliseconds since the epoch, by the API server's clock. `until` absent = it lasts. */
export interface Interruption {
  readonly since: number;
  readonly until?: number;
}

export interface KubernetesVersion {
  readonly major: number;
  readonly minor: number;
}

/** Addresses that belong to the cluster itself. */
export interface ClusterAddresses {
  /** Canonical address → what has it, as `Node worker-1`. */
  readonly byAddress: ReadonlyMap<string, string>;
  /** Canonical blocks and what they are for, as `Pods of Node worker-1`, `Services`. */
  readonly blocks: ReadonlyMap<string, string>;
}

/** Who has which number of access by address and port. Holders are `<namespace>/<name>` of a Deployment. */
export interface ExternalIds {
  /** Those that are in use: wanted by a Deployment that is there, or served by a Service that is there. */
  readonly held: ReadonlyMap<number, string>;
  /** Those that some annotation writes: nobody else gets one of them by itself. */
  readonly wanted: ReadonlySet<number>;
  /** Those of `held` that one holder has, the one in use first: two only while it moves from one to the other. */
  idsOf(holder: string): readonly number[];
  /** The number that a Deployment had last and that nobody has got since. */
  remembered(holder: string): number | undefined;
}

/** Another autoscaler: a HorizontalPodAutoscaler, or a ScaledObject of KEDA. */
export interface Scaler {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Where nothing is known, nothing stands in the way. */
export const NO_FACTS: ClusterFacts = {
  addresses: { byAddress: new Map(), blocks: new Map() },
  externalIds: { held: new Map(), wanted: new Set(), idsOf: () => [], remembered: () => undefined },
  isAutoscaled: () => false,
  scalersOf: () => [],
  traffic: {
    areHostsServed: false,
    host: () => undefined,
    service: () => undefined,
    templateOf: () => undefined,
    routeSeenSince: () => undefined,
    hostsServedBy: () => [],
    namersOf: () => [],
    interruption: undefined,
    contendedBy: () => undefined,
    sendersTo: () => [],
    upstream: () => undefined,
  },
};
