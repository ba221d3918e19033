import type { ClusterFacts } from './cluster-facts.ts';
import type { Deployment } from './deployment.ts';
import type { Settings } from './settings.ts';

/**
 * All that the core may know of the world: plain data, never mutated. The controller takes it from its caches, the CLI
 * from files, the webhook from one request.
 */
export interface Snapshot {
  readonly settings: Settings;
  /** Milliseconds since the epoch by the API server's clock; 0 offline. */
  readonly now: number;
  /** Those that carry one of our annotations. Without creation times a later one is newer. */
  readonly deployments: readonly Deployment[];
  /** By name. A namespace that is not here has the platform's settings. */
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** What exists under names that we might write: ours in full, foreign ones by their identity. */
  readonly existing: readonly ExistingObject[];
  /** Whether the kinds of networking.istio.io are served. */
  readonly istio: boolean;
  /** Absent = nothing is known, as offline. */
  readonly facts?: ClusterFacts;
  /** What to build; absent = everything. */
  readonly focus?: GroupKey;
}

export interface Namespace {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export interface ExistingObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly OwnerReference[];
  };
  /** Absent for foreign objects, whose content is none of our business; but for the host of a DestinationRule. */
  readonly spec?: unknown;
  /** What we applied of it and nobody has taken over since; absent = that is not known. */
  readonly owned?: unknown;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/**
 * The unit of work: what is built anew, from nothing, on a change.
 *
 *   Deployment   its Service, its HorizontalPodAutoscaler, the VirtualService of its built-in host
 *   Host         the one VirtualService of a host that a Deployment does not have by itself: an own host, `ingressHost`
 *   Upstream     the ServiceEntry and the DestinationRule of a host that requests are sent to
 */
export type GroupKey = `Deployment/${string}/${string}` | `Host/${string}` | `Upstream/${string}`;

/** A Kubernetes object that we build: plain JSON, keys in the order apiVersion, kind, metadata, spec. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly OwnerReference[];
  };
  readonly spec: Readonly<Record<string, unknown>>;
}
