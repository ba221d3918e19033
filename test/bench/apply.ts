import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { availableParallelism, cpus } from 'node:os';
import { deployment, inferenceService } from '../integration/manifests.ts';
import { pathOf } from '../integration/objects.ts';
import { metric, scaleWaymark, waymarkPods } from '../integration/waymark-pods.ts';
import { startWorld, stopWorlds } from '../integration/world.ts';
import type { Cluster } from '../cluster/types.ts';
import type { Manifest } from '../integration/manifests.ts';

/** Annotated Deployments that are stored. */
const SIZES = [0, 1000, 5000];
const ROUNDS = Number(process.env['ROUNDS'] ?? 6);
/** Deployments a round, each created and then updated. */
const PAIRS = Number(process.env['PAIRS'] ?? 50);
const NAMESPACES = 20;
/** Connections that store Deployments. */
const STORING = 16;

const CONFIGURATIONS = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'].map(
  plural => `/apis/admissionregistration.k8s.io/v1/${plural}`,
);

const APPLY = 'application/apply-patch+yaml';
const OPERATIONS = ['create', 'update'] as const;
/** The tenth percentile is what an apply takes where nothing else on the machine is in its way. */
const PERCENTILES = [0.1, 0.5, 0.99];

type Operation = (typeof OPERATIONS)[number];
type Mode = 'without' | 'with';

/** Milliseconds of every apply, by what was applied and whether Waymark was asked. */
type Latencies = Readonly<Record<Operation, Readonly<Record<Mode, number[]>>>>;

await main().finally(stopWorlds);

async function main(): Promise<void> {
  const world = await startWorld();
  const { cluster } = world;
  const api = createClient(cluster);
  for (let i = 0; i < NAMESPACES; i++) {
    await api.send('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: `ns-${i}` },
    });
  }
  // Once the certificate is there: what the controller builds is not what is measured.
  await scaleWaymark(world, 'controller', 0);
  const webhook = await takeWebhook(api);

  console.log(`${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores, Node ${process.version}`);
  console.log(`${ROUNDS} rounds of ${PAIRS} Deployments each, created and updated; milliseconds of one apply`);
  console.log(line(['stored', '', ...['without', 'with', 'added'].flatMap(mode => [`${mode} p10`, 'p50', 'p99'])]));
  let stored = 0;
  for (const size of SIZES) {
    await webhook.turn('without');
    await store(api, stored, size);
    stored = size;
    const before = await spent(cluster);
    report(size, await measure(api, webhook));
    const after = await spent(cluster);
    const each = ((after.seconds - before.seconds) * 1e6) / (after.reviews - before.reviews);
    console.log(`${size} stored: ${each.toFixed(0)} µs of the webhook's CPU a review`);
  }
  api.close();
}

/** By the webhook's own count: its CPU, and the reviews that it has answered. */
async function spent(cluster: Cluster): Promise<{ readonly seconds: number; readonly reviews: number }> {
  const [pod] = await waymarkPods(cluster, 'webhook');
  if (pod === undefined) throw new Error('the webhook has no Pod');
  const seconds = await metric(pod, 'webhook', 'process_cpu_seconds_total');
  return { seconds, reviews: await metric(pod, 'webhook', 'waymark_admission_requests_total') };
}

async function measure(api: Client, webhook: Webhook): Promise<Latencies> {
  const latencies: Latencies = { create: { without: [], with: [] }, update: { without: [], with: [] } };
  for (let round = -1; round < ROUNDS; round++) {
    for (const mode of ['without', 'with'] as const) {
      await webhook.turn(mode);
      const names = Array.from({ length: PAIRS }, (_, i) => `applied-m${i}-1`);
      for (const name of names) {
        const created = await timed(() => api.apply(manifestOf('ns-0', name)));
        const updated = await timed(() => api.apply(manifestOf('ns-0', name, { COLOR: String(round) })));
        // The first round only warms up.
        if (round < 0) continue;
        latencies.create[mode].push(created);
        latencies.update[mode].push(updated);
      }
      for (const name of names) await api.send('DELETE', pathOf('Deployment', 'ns-0', name));
    }
  }
  return latencies;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function report(size: number, latencies: Latencies): void {
  for (const operation of OPERATIONS) {
    const [without, asked] = (['without', 'with'] as const).map(mode =>
      PERCENTILES.map(part => percentile(latencies[operation][mode], part)),
    );
    const added = asked?.map((ms, i) => ms - (without?.[i] ?? NaN)) ?? [];
    console.log(
      line([String(size), operation, ...[without, asked, added].flatMap(all => all ?? []).map(ms => ms.toFixed(2))]),
    );
  }
}

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

function line([stored = '', operation = '', ...numbers]: readonly string[]): string {
  return stored.padEnd(8) + operation.padEnd(8) + numbers.map(number => number.padStart(11)).join('');
}

/** Paused, so that no other controller has work with it. */
function manifestOf(namespace: string, name: string, env: Readonly<Record<string, string>> = {}): Manifest {
  const [type = '', model = ''] = name.split('-');
  const config = inferenceService(model, 'v1').replace('type: serving', `type: ${type}`);
  const entries = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  const manifest = deployment(`${namespace}/${name}`, { config, env: entries });
  return { ...manifest, spec: { ...manifest.spec, paused: true } } as Manifest;
}

async function store(api: Client, from: number, to: number): Promise<void> {
  let next = from;
  const workers = Array.from({ length: STORING }, async () => {
    while (next < to) {
      const i = next++;
      const namespace = `ns-${i % NAMESPACES}`;
      const { status } = await api.send(
        'POST',
        pathOf('Deployment', namespace),
        manifestOf(namespace, `stored-m${i}-1`),
      );
      if (status !== 201) throw new Error(`a Deployment could not be stored: ${status}`);
    }
  });
  await Promise.all(workers);
}

interface Webhook {
  /** Resolves when the API server goes by it. */
  turn(mode: Mode): Promise<void>;
}

interface Configuration {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly webhooks: unknown;
}

/** Keeps the configurations that the chart has installed, and takes them away or brings them back. */
async function takeWebhook(api: Client): Promise<Webhook> {
  const kept: { path: string; configuration: Configuration }[] = [];
  for (const path of CONFIGURATIONS) {
    const { items } = (await api.send('GET', path)).body as { items: readonly Configuration[] };
    for (const one of items.filter(({ metadata }) => metadata.name.includes('waymark'))) {
      const { name } = one.metadata;
      const kind = path.includes('mutating') ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration';
      const configuration = {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind,
        metadata: { name },
        webhooks: one.webhooks,
      };
      kept.push({ path, configuration });
    }
  }
  if (kept.length !== CONFIGURATIONS.length) throw new Error(`${kept.length} configurations of Waymark are installed`);

  /** Whether both hooks are asked, or neither is; undefined = one of them. */
  async function current(): Promise<Mode | undefined> {
    const good = await api.send(
      'PATCH',
      `${pathOfApply('ns-0', 'probe-m-1')}&dryRun=All`,
      manifestOf('ns-0', 'probe-m-1'),
      APPLY,
    );
    const bad = await api.send(
      'PATCH',
      `${pathOfApply('ns-0', 'probe')}&dryRun=All`,
      manifestOf('ns-0', 'probe'),
      APPLY,
    );
    const isMutated = JSON.stringify(good.body).includes('KUBEFLOW_ENV');
    if (isMutated !== (bad.status === 403)) return undefined;
    return isMutated ? 'with' : 'without';
  }

  let now: Mode = 'with';
  return {
    async turn(mode) {
      if (mode !== now) {
        for (const { path, configuration } of kept) {
          if (mode === 'with') await api.send('POST', path, configuration);
          else await api.send('DELETE', `${path}/${configuration.metadata.name}`);
        }
      }
      now = mode;
      const deadline = performance.now() + 30_000;
      while ((await current()) !== mode) {
        if (performance.now() > deadline) throw new Error(`the API server does not go on ${mode} Waymark`);
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    },
  };
}

function pathOfApply(namespace: string, name: string): string {
  return `${pathOf('Deployment', namespace, name)}?fieldManager=bench&force=true`;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Client {
  /** Resolves for every status. */
  send(method: string, path: string, body?: unknown, type?: string): Promise<Answer>;
  /** Server-side apply; rejects when it is refused. */
  apply(manifest: Manifest): Promise<Answer>;
  close(): void;
}

/** As administrator, over connections that stay open. */
function createClient({ apiServer }: Cluster): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: STORING, ca: readFileSync(apiServer.caFile) });
  const send: Client['send'] = (method, path, body, type = 'application/json') =>
    new Promise((resolve, reject) => {
      const headers = { Authorization: `Bearer ${apiServer.token}`, 'Content-Type': type };
      const sent = request(`${apiServer.url}${path}`, { agent, method, headers }, answer => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (piece: string) => (text += piece));
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) as unknown }));
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  return {
    send,
    async apply(manifest) {
      const { namespace, name } = manifest.metadata;
      const answer = await send('PATCH', pathOfApply(namespace, name), manifest, APPLY);
      if (answer.status !== 200 && answer.status !== 201)
        throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`);
      return answer;
    },
    close: () => agent.destroy(),
  };
}
