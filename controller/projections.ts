import { AMBASSADOR_CONFIG, CONFIG, PREFIX } from '../shared/annotation-keys.ts';
import type { Container, Deployment } from '../shared/deployment.ts';
import type { Host, HostSpec } from '../shared/host.ts';
import { readHostStatus } from '../shared/host-status.ts';
import { INJECTED } from '../shared/inject/record.ts';
import { FIELD_MANAGER, isLabelledOurs } from '../shared/render/labels.ts';
import { controllerOf } from '../shared/plan/live.ts';
import type { ExistingObject, Namespace } from '../shared/snapshot.ts';
import { ownedPart } from '../kube/owned.ts';
import type { KubeObject } from '../kube/types.ts';
import type { NumberedService } from '../shared/values/external-ports.ts';
import { digestOf } from './digest.ts';
import { isExternalName } from './external-services.ts';
import { targetOfAutoscaler } from './scalers.ts';
import type { ScaleTarget } from './scalers.ts';

/** What the caches keep: the fields that the core reads, and nothing else. */

/** What makes a Deployment ours to look at. One that holds our record alone lost its text while nobody was to act on it. */
const MARKS = [CONFIG, AMBASSADOR_CONFIG, INJECTED];

/** A Deployment, and what is known of its Pod template beside the few fields of it that are kept. */
export interface KeptDeployment {
  readonly deployment: Deployment;
  /** A digest of the whole Pod template. */
  readonly template: string;
}

export function keepDeployment(object: KubeObject): KeptDeployment | undefined {
  const deployment = projectDeployment(object);
  if (deployment === undefined) return undefined;
  const { template } = object['spec'] as { readonly template: unknown };
  return { deployment, template: digestOf(template) };
}

/** Marked Deployments only. The environment of containers is left out: what is stored is not admitted again. */
export function projectDeployment(object: KubeObject): Deployment | undefined {
  const { annotations = {} } = object.metadata;
  if (!MARKS.some(mark => Object.hasOwn(annotations, mark))) return undefined;
  const { metadata, spec, status } = object as unknown as Deployment;
  const { containers, initContainers } = spec.template.spec;
  return {
    metadata: {
      ...pick(metadata, ['name', 'namespace', 'uid', 'generation', 'creationTimestamp', 'deletionTimestamp']),
      annotations: keep(annotations, key => key.startsWith(PREFIX) || key === AMBASSADOR_CONFIG),
    },
    spec: {
      ...pick(spec, ['replicas', 'selector']),
      template: {
        spec: {
          containers: containers.map(projectContainer),
          ...(initContainers && { initContainers: initContainers.map(projectContainer) }),
        },
      },
    },
    ...(status && {
      status: pick(status, ['observedGeneration', 'replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas']),
    }),
  };
}

function projectContainer(container: Container): Container {
  const { ports, resources } = container;
  return {
    ...pick(container, ['name', 'image', 'restartPolicy']),
    ...(ports && { ports: ports.map(port => pick(port, ['name', 'containerPort', 'protocol'])) }),
    ...(resources && { resources: pick(resources, ['requests', 'limits']) }),
  };
}

export function projectHost({ metadata, spec, status: said }: KubeObject): Host {
  const { name, uid, labels } = metadata;
  const status = readHostStatus(said);
  const { generation, creationTimestamp, deletionTimestamp } = metadata as unknown as Host['metadata'];
  return {
    metadata: {
      name,
      ...(uid !== undefined && { uid }),
      ...(generation !== undefined && { generation }),
      ...(creationTimestamp !== undefined && { creationTimestamp }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
      ...(labels && { labels }),
    },
    spec: spec as HostSpec,
    ...(status && { status }),
  };
}

export function projectNamespace({ metadata }: KubeObject): Namespace {
  const isRead = (key: string) => key.startsWith(PREFIX);
  return {
    metadata: {
      name: metadata.name,
      labels: keep(metadata.labels ?? {}, isRead),
      annotations: keep(metadata.annotations ?? {}, isRead),
    },
  };
}

/** An object of a kind that we build. */
export interface Child extends ExistingObject {
  /** What we applied and still own; absent for foreign objects and for those that nobody applied. */
  readonly owned?: unknown;
  /** Of an autoscaler that is somebody else's. */
  readonly scales?: ScaleTarget;
  /** Of a Service, whoever made it. */
  readonly target?: ServiceTarget;
}

/** A Service as something that requests are sent to. */
export interface ServiceTarget {
  /** The first; absent = it has no port. */
  readonly port?: number;
  readonly ports: readonly number[];
  /** It selects Pods, and is no ExternalName. */
  readonly selects: boolean;
}

function targetOfService({ spec }: KubeObject): ServiceTarget {
  const { ports, selector, type } = (spec ?? {}) as {
    readonly ports?: readonly { readonly port: number }[] | null;
    readonly selector?: object | null;
    readonly type?: string;
  };
  const numbers = (ports ?? []).map(({ port }) => port);
  const [port] = numbers;
  return {
    ...(port !== undefined && { port }),
    ports: numbers,
    selects: type !== 'ExternalName' && Object.keys(selector ?? {}).length > 0,
  };
}

const CARRIED: ReadonlySet<string> = new Set(['VirtualService', 'ServiceEntry', 'DestinationRule']);

/** Ours with what we own of it; a foreign one by its identity and the Deployment that it belongs to. */
export function projectChild(object: KubeObject): Child {
  const { apiVersion = '', kind = '', metadata, spec } = object;
  const { name, namespace = '', uid, labels, ownerReferences } = metadata;
  const identity = { name, namespace, ...(uid !== undefined && { uid }) };
  const target = kind === 'HorizontalPodAutoscaler' ? targetOfAutoscaler(object) : undefined;
  const more = {
    ...(target && { scales: target }),
    ...(kind === 'Service' && { target: targetOfService(object) }),
  };
  if (!isLabelledOurs(labels)) {
    const owner = controllerOf(object);
    const references = owner?.kind === 'Deployment' && { ownerReferences: [owner] };
    const host = kind === 'DestinationRule' && { spec: pick((spec ?? {}) as { readonly host?: unknown }, ['host']) };
    return { apiVersion, kind, metadata: { ...identity, ...references }, ...host, ...more };
  }
  const owned = ownedPart(object, FIELD_MANAGER);
  return {
    apiVersion,
    kind,
    metadata: { ...identity, ...(labels && { labels }), ...(ownerReferences && { ownerReferences }) },
    // Of a VirtualService the core carries entries over, and so it does ports of a place that requests are sent to.
    ...(CARRIED.has(kind) && { spec }),
    // A Service has its number by its ports.
    ...(kind === 'Service' && isExternalName(name) && { spec: pick(spec as NumberedService, ['type', 'ports']) }),
    ...(owned !== undefined && { owned }),
    ...more,
  };
}

/** Absent fields stay absent: `undefined` would not be deeply equal to them. */
function pick<T extends object, K extends keyof T>(map: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(
    names.filter(name => map[name] !== undefined && map[name] !== null).map(name => [name, map[name]]),
  ) as Pick<T, K>;
}

function keep(map: Readonly<Record<string, string>>, isKept: (key: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => isKept(key)));
}
