import { admit } from '../../shared/admit.ts';
import type { Deployment } from '../../shared/deployment.ts';
import { defaultSettings } from '../../shared/settings-file.ts';
import { serviceName } from '../../shared/render/names.ts';
import { pathOf } from '../integration/objects.ts';
import { deployment, documents, inferenceService, mapping, withContainers } from '../integration/manifests.ts';
import type { Manifest } from '../integration/manifests.ts';
import { MERGE, inParallel } from './controller-client.ts';
import type { Client, Request } from './controller-client.ts';

const DOMAIN = 'service.example.com';
const NAMESPACES = 20;
const PODS = 2;

/** For the controller: without a shared `ingressHost`, whose one VirtualService would be beyond what etcd takes. */
export const SETTINGS = `domain: ${DOMAIN}\n`;

/** One Deployment of the stock. */
export interface Stocked {
  readonly namespace: string;
  readonly name: string;
  /** Name of the VirtualService of its own host, else of its built-in one: an edit of the timeout shows in it. */
  readonly route: string;
  /** With its timeout in seconds: what an edit changes. */
  readonly manifest: (timeout: number) => Manifest;
}

/**
 * The n-th Deployment. Ten are a team: four have a host of their own, one has a host that three others get a share or a
 * copy of and that two more have paths on; one is scaled by an autoscaler. All have their built-in host besides.
 */
export function stocked(n: number): Stocked {
  const team = Math.floor(n / 10);
  const namespace = namespaceOf(team);
  const name = nameOf(team, n % 10);
  const route = ownHostOf(team, n % 10) ?? name;
  return { namespace, name, route, manifest: timeout => manifestOf(namespace, name, textOf(team, n % 10, timeout)) };
}

export function namespacesOfStock(): readonly string[] {
  return Array.from({ length: NAMESPACES }, (_, i) => namespaceOf(i));
}

function namespaceOf(team: number): string {
  return `team-${team % NAMESPACES}`;
}

function nameOf(team: number, member: number): string {
  return `serving-t${team}m${member}-1`;
}

function sharedHostOf(team: number): string {
  return `t${team}.example.org`;
}

function ownHostOf(team: number, member: number): string | undefined {
  if (member > 4) return undefined;
  return member === 4 ? sharedHostOf(team) : `m${member}.${sharedHostOf(team)}`;
}

function textOf(team: number, member: number, timeout: number): string {
  const own = ownHostOf(team, member);
  const service = (...more: readonly string[]) =>
    inferenceService(`t${team}m${member}`, 'v1', `timeout: ${timeout}s`, ...more);
  if (member < 4) {
    const scaled = member === 0 ? ['replicas: {min: 2, max: 8}', 'metrics: cpu:60%'] : [];
    return service(`hosts: [${own}]`, ...scaled);
  }
  if (member === 4) {
    const [a, b, c] = [5, 6, 7].map(one => nameOf(team, one));
    return service(`hosts: [${own}]`, `split: "${a}:20%,${b}:30%"`, `mirror: "${c}:10%"`);
  }
  if (member < 8) return service();
  return documents(service(), mapping('api', `/v${member}/`, `host: ${sharedHostOf(team)}`, 'timeout_ms: 3000'));
}

/** As the webhook lets it in, so that nobody has anything to complain about. */
function manifestOf(namespace: string, name: string, config: string): Manifest {
  const env = [
    { name: 'MODEL_HOME', value: '/mnt/models' },
    { name: 'LOG_LEVEL', value: 'info' },
  ];
  const resources = { requests: { cpu: '500m', memory: '2Gi' }, limits: { cpu: '2', memory: '4Gi' } };
  const object = withContainers(deployment(`${namespace}/${name}`, { config, env, replicas: PODS }), one => ({
    ...one,
    resources,
  }));
  const settings = { ...defaultSettings, domain: DOMAIN };
  return admit({ operation: 'CREATE', object, settings, namespaces: new Map() }).admitted as Manifest;
}

/** Stores Deployments from the n-th on with what their Pods would have led to: the status, and their endpoints. */
export async function stock(client: Client, from: number, to: number, width: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, i) => from + i);
  await inParallel(numbers, width, async n => {
    const one = stocked(n);
    await client.send(post(pathOf('Deployment', one.namespace), one.manifest(60)));
    await bringUp(client, one, n);
  });
}

/** As the Deployment's controller and that of EndpointSlices would say. */
export async function bringUp(client: Client, { namespace, name }: Stocked, n: number): Promise<void> {
  const status: Deployment['status'] = {
    observedGeneration: 1,
    replicas: PODS,
    updatedReplicas: PODS,
    readyReplicas: PODS,
    availableReplicas: PODS,
  };
  await client.send({
    method: 'PATCH',
    path: `${pathOf('Deployment', namespace, name)}/status`,
    body: JSON.stringify({ status }),
    type: MERGE,
  });
  await client.send(post(pathOf('EndpointSlice', namespace), sliceOf(namespace, name, n)));
}

function sliceOf(namespace: string, name: string, n: number): unknown {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-x`,
      namespace,
      labels: {
        'kubernetes.io/service-name': serviceName(name),
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: Array.from({ length: PODS }, (_, pod) => ({
      addresses: [addressOf(n * PODS + pod)],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: 'node-1',
      targetRef: { kind: 'Pod', namespace, name: `${name}-${pod}` },
    })),
  };
}

function addressOf(n: number): string {
  return `10.${128 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
}

export function post(path: string, body: unknown): Request {
  return { method: 'POST', path, body: JSON.stringify(body) };
}
