import { get } from 'node:http';
import type { Cluster } from '../cluster/types.ts';
import { eventually } from './eventually.ts';
import { find, list } from './objects.ts';
import type { LiveObject } from './objects.ts';
import { SYSTEM } from './world.ts';
import type { World } from './world.ts';

export type Program = 'webhook' | 'controller';

const METRICS_PORTS = { webhook: 8080, controller: 8081 } as const;

export interface WaymarkPod extends LiveObject {
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

export async function waymarkPods(cluster: Cluster, program: Program): Promise<readonly WaymarkPod[]> {
  const pods = await list<WaymarkPod>(cluster, 'Pod', SYSTEM);
  return pods.filter(({ metadata }) => metadata.name.startsWith(`waymark-${program}-`));
}

export function isReady({ status }: Pick<WaymarkPod, 'status'>): boolean {
  return status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

export function restartsOf({ status }: WaymarkPod): number {
  return (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
}

/** Scales a program of Waymark and waits until exactly so many Pods are there, all ready. */
export async function scaleWaymark(world: World, program: Program, replicas: number): Promise<void> {
  const { cluster } = world;
  await world.kubectl(['scale', `deployment/waymark-${program}`, `--replicas=${replicas}`, '-n', SYSTEM]);
  await eventually(
    async () => {
      const pods = await waymarkPods(cluster, program);
      if (pods.length !== replicas || !pods.every(isReady)) {
        throw new Error(`${pods.filter(isReady).length} of ${pods.length} Pods of the ${program} are ready`);
      }
    },
    { within: 30_000 },
  );
  if (program === 'webhook') await endpointsOfWebhook(cluster, replicas);
}

/** What the API server goes by. */
async function endpointsOfWebhook(cluster: Cluster, wanted: number): Promise<void> {
  await eventually(
    async () => {
      const addresses = await webhookAddresses(cluster);
      if (addresses.length !== wanted) throw new Error(`the webhook has ${addresses.length} endpoints`);
    },
    { within: 15_000 },
  );
}

interface EndpointSlice extends LiveObject {
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
  }[];
}

/** Addresses of the Pods behind a Service that are ready. */
export async function readyAddresses(cluster: Cluster, namespace: string, service: string): Promise<readonly string[]> {
  const query = `?labelSelector=kubernetes.io/service-name%3D${service}`;
  const slices = await list<EndpointSlice>(cluster, 'EndpointSlice', namespace, query);
  return slices
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ addresses }) => addresses)
    .toSorted();
}

export function webhookAddresses(cluster: Cluster): Promise<readonly string[]> {
  return readyAddresses(cluster, SYSTEM, 'waymark-webhook');
}

/** Name of the Pod that holds the Lease; `undefined` while none does. */
export async function leader(cluster: Cluster): Promise<string | undefined> {
  const lease = await find<LiveObject & { readonly spec?: { readonly holderIdentity?: string } }>(
    cluster,
    'Lease',
    SYSTEM,
    'waymark-controller',
  );
  const holder = lease?.spec?.holderIdentity;
  if (holder === undefined || holder === '') return undefined;
  // The identity may say more than the name: a process that is started again in the same Pod is another candidate.
  const pods = await waymarkPods(cluster, 'controller');
  return pods.map(({ metadata }) => metadata.name).find(name => holder.startsWith(name));
}

/** Waits for a leader. */
export function someLeader(cluster: Cluster, within = 30_000): Promise<string> {
  return eventually(
    async () => {
      const name = await leader(cluster);
      if (name === undefined) throw new Error('no controller leads');
      return name;
    },
    { within },
  );
}

/** Sum of a metric over its label sets that hold all of `labels`; NaN when there is none. */
export async function metric(
  pod: WaymarkPod,
  program: Program,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const text = await scrape(pod, program);
  return sumOf(text, name, labels);
}

export function sumOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const values = text
    .split('\n')
    .map(line => /^([a-zA-Z_:]+)(?:\{(.*)\})? (\S+)/.exec(line))
    .filter(match => match?.[1] === name)
    .filter(match => Object.entries(labels).every(([key, value]) => match?.[2]?.includes(`${key}="${value}"`) ?? false))
    .map(match => Number(match?.[3]));
  return values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0);
}

function scrape({ metadata, status }: WaymarkPod, program: Program): Promise<string> {
  return new Promise((resolve, reject) => {
    const { podIP } = status;
    if (podIP === undefined) throw new Error(`Pod ${metadata.name} has no address`);
    const request = get({ host: podIP, port: METRICS_PORTS[program], path: '/metrics', timeout: 5_000 }, response => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`no metrics from ${metadata.name} within 5 s`)));
    request.on('error', reject);
  });
}
