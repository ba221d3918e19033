import type { Deployment } from '../../shared/deployment.ts';
import type { OwnerReference } from '../../shared/snapshot.ts';
import type { Cluster } from '../cluster/types.ts';

/** Where the API server keeps the kinds that these tests read. */
const COLLECTIONS = {
  ConfigMap: ['/api/v1', 'configmaps'],
  Deployment: ['/apis/apps/v1', 'deployments'],
  DestinationRule: ['/apis/networking.istio.io/v1', 'destinationrules'],
  EndpointSlice: ['/apis/discovery.k8s.io/v1', 'endpointslices'],
  Event: ['/api/v1', 'events'],
  HorizontalPodAutoscaler: ['/apis/autoscaling/v2', 'horizontalpodautoscalers'],
  Host: ['/apis/waymark.dev/v1', 'hosts'],
  Lease: ['/apis/coordination.k8s.io/v1', 'leases'],
  Pod: ['/api/v1', 'pods'],
  ReplicaSet: ['/apis/apps/v1', 'replicasets'],
  Secret: ['/api/v1', 'secrets'],
  Service: ['/api/v1', 'services'],
  ServiceEntry: ['/apis/networking.istio.io/v1', 'serviceentries'],
  VirtualService: ['/apis/networking.istio.io/v1', 'virtualservices'],
} as const;

export type Kind = keyof typeof COLLECTIONS;

/** The kinds that Waymark builds. */
export const BUILT_KINDS = [
  'Service',
  'HorizontalPodAutoscaler',
  'VirtualService',
  'ServiceEntry',
  'DestinationRule',
] as const satisfies readonly Kind[];

/** An object as the API server stores it. */
export interface LiveObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly OwnerReference[];
    readonly managedFields?: readonly { readonly manager: string; readonly subresource?: string }[];
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: object;
}

export type LiveDeployment = Deployment & LiveObject & { readonly spec: Deployment['spec'] };

/** Path of an object, or of a namespace's collection, or of the whole cluster's. */
export function pathOf(kind: Kind, namespace?: string, name?: string): string {
  const [root, plural] = COLLECTIONS[kind];
  const within = namespace === undefined ? root : `${root}/namespaces/${namespace}`;
  return `${within}/${plural}${name === undefined ? '' : `/${name}`}`;
}

/** `undefined` = there is none. */
export async function find<T extends LiveObject = LiveObject>(
  cluster: Cluster,
  kind: Kind,
  namespace: string,
  name: string,
): Promise<T | undefined> {
  const path = pathOf(kind, namespace, name);
  const { status, body } = await cluster.api('GET', path);
  if (status === 404) return undefined;
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
  return body as T;
}

/** As `find`, but rejects when there is none. */
export async function read<T extends LiveObject = LiveObject>(
  cluster: Cluster,
  kind: Kind,
  namespace: string,
  name: string,
): Promise<T> {
  const found = await find<T>(cluster, kind, namespace, name);
  if (found === undefined) throw new Error(`there is no ${kind} ${namespace}/${name}`);
  return found;
}

export async function readDeployment(cluster: Cluster, namespace: string, name: string): Promise<LiveDeployment> {
  return read<LiveDeployment>(cluster, 'Deployment', namespace, name);
}

/** By name. A kind that is not served has no objects. */
export async function list<T extends LiveObject = LiveObject>(
  cluster: Cluster,
  kind: Kind,
  namespace?: string,
  query = '',
): Promise<readonly T[]> {
  const path = `${pathOf(kind, namespace)}${query}`;
  const { status, body } = await cluster.api('GET', path);
  if (status === 404) return [];
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
  const { items } = body as { items: readonly T[] };
  return items.map(item => ({ ...item, kind })).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** `Service web`, `VirtualService shop.example.com`: all of the kinds that Waymark builds. */
export async function builtNames(cluster: Cluster, namespace: string): Promise<readonly string[]> {
  const lists = await Promise.all(BUILT_KINDS.map(kind => list(cluster, kind, namespace)));
  return lists.flat().map(({ kind, metadata }) => `${kind ?? ''} ${metadata.name}`);
}

/** All objects of the kinds that Waymark builds. */
export async function builtObjects(cluster: Cluster, namespace: string): Promise<readonly LiveObject[]> {
  return (await Promise.all(BUILT_KINDS.map(kind => list(cluster, kind, namespace)))).flat();
}

export interface StoredEvent extends LiveObject {
  readonly reason: string;
  readonly type: string;
  readonly message: string;
  readonly count?: number;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

export async function eventsOf(
  cluster: Cluster,
  namespace: string,
  deployment: string,
): Promise<readonly StoredEvent[]> {
  const query = `?fieldSelector=involvedObject.kind%3DDeployment,involvedObject.name%3D${deployment}`;
  const events = await list<StoredEvent>(cluster, 'Event', namespace, query);
  // The Deployment controller tells its own stories on the same object.
  return events.filter(({ reason }) => reason !== 'ScalingReplicaSet');
}

/** Reasons of the Events on a Deployment, sorted. */
export async function eventReasons(
  cluster: Cluster,
  namespace: string,
  deployment: string,
): Promise<readonly string[]> {
  return (await eventsOf(cluster, namespace, deployment)).map(({ reason }) => reason).toSorted();
}

/**
 * What stays the same for as long as nobody writes the object itself. Kubernetes' autoscaler writes the status of ours
 * whenever it likes, and the resourceVersion moves with it.
 */
export function apartFromStatus(object: LiveObject): unknown {
  const { kind, metadata, spec } = object;
  const managers = metadata.managedFields?.filter(({ subresource }) => subresource === undefined);
  return { kind, metadata: { ...without(metadata, 'resourceVersion'), managedFields: managers }, spec };
}

/** A copy without some of its fields. */
export function without<T extends object, K extends string>(object: T, ...fields: readonly K[]): Omit<T, K> {
  const left = Object.entries(object).filter(([field]) => !(fields as readonly string[]).includes(field));
  return Object.fromEntries(left) as Omit<T, K>;
}
