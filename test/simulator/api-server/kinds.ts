import { isDeepStrictEqual } from 'node:util';
import { RESOURCES } from '../../../kube/resources.ts';
import type { KubeObject, Resource } from '../../../kube/types.ts';
import { isMap, leaveOut } from './json.ts';
import type { Json, JsonMap } from './json.ts';
import { PLAIN, SHAPES } from './shape.ts';
import type { Shape } from './shape.ts';

/** What the API server does with one kind, beyond what it does with all. */
export interface Kind {
  readonly resource: Resource;
  readonly shape: Shape;
  /** `<plural>.<group>`, as messages and `details` name it. */
  readonly qualified: string;
  readonly group: string;
  /** Of a CustomResourceDefinition. */
  readonly isCustom: boolean;
  /** Its `status` is written by a subresource of its own, and by nothing else. */
  readonly hasStatus: boolean;
  /** A replacement may leave out the version that it replaces. */
  readonly takesAnyVersion: boolean;
  /** Whether its objects count generations, and which changes count. */
  readonly isNewGeneration?: ((before: KubeObject, after: KubeObject) => boolean) | undefined;
  /** What the status of a new object is; absent = there is none. */
  readonly firstStatus?: Json;
  /** Fills in defaults; they belong to who left them open by a write other than apply. */
  readonly complete: (object: KubeObject) => KubeObject;
  /** Fills in what the server chooses; that belongs to nobody. */
  readonly allocate: (object: KubeObject, before: KubeObject | undefined, count: () => number) => KubeObject;
  /** What is wrong with it: one text for each field. */
  readonly complaints: (after: KubeObject, before: KubeObject | undefined) => readonly string[];
}

type Rules = Partial<Omit<Kind, 'resource' | 'shape' | 'qualified' | 'group'>>;

const CUSTOM: Rules = {
  isCustom: true,
  hasStatus: true,
  takesAnyVersion: false,
  isNewGeneration: (before, after) => !isDeepStrictEqual(meant(before), meant(after)),
};

const RULES: Readonly<Record<string, Rules>> = {
  Deployment: {
    hasStatus: true,
    firstStatus: {},
    isNewGeneration: (before, after) =>
      !isDeepStrictEqual(before['spec'], after['spec']) ||
      !isDeepStrictEqual(before.metadata.annotations ?? {}, after.metadata.annotations ?? {}),
    complete: object => withSpec(object, completeDeployment),
    complaints: complainOfDeployment,
  },
  Service: {
    hasStatus: true,
    firstStatus: { loadBalancer: {} },
    complete: object => withSpec(object, completeService),
    allocate: allocateService,
    complaints: complainOfService,
  },
  EndpointSlice: {
    isNewGeneration: (before, after) =>
      !isDeepStrictEqual(leaveOut(before, 'metadata'), leaveOut(after, 'metadata')) ||
      !isDeepStrictEqual(before.metadata.labels ?? {}, after.metadata.labels ?? {}),
  },
  HorizontalPodAutoscaler: {
    hasStatus: true,
    firstStatus: { currentMetrics: null, desiredReplicas: 0 },
    complete: object => withSpec(object, spec => ({ minReplicas: 1, ...spec })),
    complaints: complainOfAutoscaler,
  },
  Lease: { takesAnyVersion: false },
  Namespace: { hasStatus: true },
  Node: { hasStatus: true },
  ServiceCIDR: { hasStatus: true },
  MutatingWebhookConfiguration: { isNewGeneration: webhooksChanged },
  ValidatingWebhookConfiguration: { isNewGeneration: webhooksChanged },
  CustomResourceDefinition: { hasStatus: true, isNewGeneration: CUSTOM.isNewGeneration },
  VirtualService: CUSTOM,
  ServiceEntry: CUSTOM,
  DestinationRule: CUSTOM,
  ScaledObject: CUSTOM,
  Host: {
    ...CUSTOM,
    complete: object => withSpec(object, spec => ({ reserved: false, ...spec })),
    complaints: complainOfHost,
  },
};

export function kindOf(resource: Resource): Kind {
  const group = resource.apiVersion.includes('/') ? (resource.apiVersion.split('/')[0] ?? '') : '';
  return {
    resource,
    group,
    qualified: group === '' ? resource.plural : `${resource.plural}.${group}`,
    shape: SHAPES[resource.kind] ?? PLAIN,
    isCustom: false,
    hasStatus: false,
    takesAnyVersion: true,
    complete: object => object,
    allocate: object => object,
    complaints: () => [],
    ...RULES[resource.kind],
  };
}

export const KINDS: readonly Kind[] = Object.values(RESOURCES).map(kindOf);

function meant(object: KubeObject): unknown {
  return leaveOut(object, 'metadata', 'status');
}

function webhooksChanged(before: KubeObject, after: KubeObject): boolean {
  return !isDeepStrictEqual(before['webhooks'], after['webhooks']);
}

function specOf(object: KubeObject | undefined): JsonMap {
  return isMap(object?.['spec']) ? object['spec'] : {};
}

function withSpec(object: KubeObject, change: (spec: JsonMap) => JsonMap): KubeObject {
  return { ...object, spec: change(specOf(object)) };
}

function listOf(value: Json): readonly JsonMap[] {
  return Array.isArray(value) ? (value as readonly JsonMap[]) : [];
}

/** Only what our programs read: a test that compares with the real server writes all the others out. */
function completeDeployment(spec: JsonMap): JsonMap {
  return { ...spec, replicas: spec['replicas'] ?? 1 };
}

function complainOfDeployment(after: KubeObject, before: KubeObject | undefined): readonly string[] {
  const { replicas, selector } = specOf(after);
  const old = specOf(before)['selector'];
  return [
    ...(typeof replicas === 'number' && replicas < 0
      ? [`spec.replicas: Invalid value: ${replicas}: must be greater than or equal to 0`]
      : []),
    ...(before !== undefined && !isDeepStrictEqual(selector, old)
      ? [`spec.selector: Invalid value: ${JSON.stringify(selector)}: field is immutable`]
      : []),
  ];
}

function completeService(spec: JsonMap): JsonMap {
  const isInside = spec['type'] !== 'ExternalName';
  return {
    type: 'ClusterIP',
    sessionAffinity: 'None',
    ...(isInside && { internalTrafficPolicy: 'Cluster' }),
    ...spec,
    ...(spec['ports'] !== undefined && {
      ports: listOf(spec['ports']).map(port => ({ protocol: 'TCP', targetPort: port['port'], ...port })),
    }),
  };
}

function allocateService(object: KubeObject, before: KubeObject | undefined, count: () => number): KubeObject {
  return withSpec(object, spec => {
    if (spec['type'] === 'ExternalName') return spec;
    const old = specOf(before);
    const chosen = old['clusterIP'] ?? spec['clusterIP'] ?? `10.96.${(count() >> 8) & 255}.${count() & 255}`;
    return {
      clusterIP: chosen,
      clusterIPs: [chosen],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ...spec,
    };
  });
}

function complainOfService(after: KubeObject, before: KubeObject | undefined): readonly string[] {
  const spec = specOf(after);
  const ports = listOf(spec['ports']);
  const names = ports.map(({ name }) => name);
  const addresses = ports.map(({ port, protocol }) => `${String(protocol)} ${String(port)}`);
  const address = specOf(before)['clusterIP'];
  return [
    ...(ports.length === 0 && spec['type'] !== 'ExternalName' ? ['spec.ports: Required value'] : []),
    ...ports.flatMap(({ name }, i) => [
      ...(names.indexOf(name) < i ? [`spec.ports[${i}].name: Duplicate value: ${JSON.stringify(name)}`] : []),
      ...(addresses.indexOf(addresses[i] ?? '') < i ? [`spec.ports[${i}]: Duplicate value`] : []),
      ...(ports.length > 1 && name === undefined ? [`spec.ports[${i}].name: Required value`] : []),
    ]),
    ...(address !== undefined && spec['clusterIP'] !== undefined && spec['clusterIP'] !== address
      ? [`spec.clusterIPs[0]: Invalid value: may not change once set`]
      : []),
  ];
}

function complainOfAutoscaler(after: KubeObject): readonly string[] {
  const { minReplicas, maxReplicas } = specOf(after);
  if (typeof maxReplicas !== 'number' || maxReplicas < 1) return ['spec.maxReplicas: Invalid value: must be above 0'];
  return Number(minReplicas) > maxReplicas ? ['spec.maxReplicas: Invalid value: must not be below `minReplicas`'] : [];
}

const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const HOST = new RegExp(`^(${LABEL}\\.)+${LABEL}$`);
const ADDRESS = /\.[0-9]+$/;
const NAMESPACE = new RegExp(`^${LABEL}$`);

function complainOfHost(after: KubeObject): readonly string[] {
  const { namespace } = specOf(after);
  const { name } = after.metadata;
  return [
    ...(HOST.test(name) && !ADDRESS.test(name) ? [] : ['<root>: Invalid value: metadata.name must be a host']),
    ...(typeof namespace === 'string' && NAMESPACE.test(namespace) ? [] : ['spec.namespace: Required value']),
    ...(after['status'] === undefined ? [] : complainOfStatus(after['status'] as JsonMap)),
  ];
}

function complainOfStatus({ conditions, members }: JsonMap): readonly string[] {
  const uids = listOf(members).map(({ uid }) => uid);
  return [
    ...(Array.isArray(conditions) ? [] : ['status.conditions: Required value']),
    ...(Array.isArray(members) ? [] : ['status.members: Required value']),
    ...uids.flatMap((uid, i) => (uids.indexOf(uid) < i ? [`status.members[${i}]: Duplicate value`] : [])),
  ];
}
