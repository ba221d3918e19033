import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createApplier } from '../kube/apply.ts';
import { createClient } from '../kube/client.ts';
import { systemClock } from '../kube/clock.ts';
import { loadCredentials } from '../kube/credentials.ts';
import { createRecorder } from '../kube/events.ts';
import { guardWrites } from '../kube/guard-writes.ts';
import { isInCluster } from '../kube/in-cluster.ts';
import { KubeError } from '../kube/kube-error.ts';
import { NotLeading, alwaysLeading, createLeader } from '../kube/leader.ts';
import type { Leader } from '../kube/leader.ts';
import { createTokenBucket, limitWrites } from '../kube/token-bucket.ts';
import type { Credentials, KubeClient } from '../kube/types.ts';
import { createWorkQueue } from '../kube/work-queue.ts';
import { CannotStart } from '../runtime/listen.ts';
import type { Logger } from '../runtime/log.ts';
import {
  addProcessMetrics,
  apiMetrics,
  certificateExpiryMetric,
  controllerMetrics,
  createRegistry,
  findingsMetric,
} from '../runtime/metrics.ts';
import type { Registry } from '../runtime/metrics.ts';
import { startProbes } from '../runtime/probes.ts';
import { createReadiness } from '../runtime/readiness.ts';
import { closeInOrder } from '../runtime/shutdown.ts';
import type { ClosingStep, Running } from '../runtime/shutdown.ts';
import { severityOf } from '../shared/findings/finding.ts';
import { FIELD_MANAGER } from '../shared/render/labels.ts';
import type { Settings } from '../shared/settings.ts';
import type { GroupKey } from '../shared/snapshot.ts';
import { createCertificates } from './certificates.ts';
import { warnOfDeprecation } from './deprecation.ts';
import { createExternalIds } from './external-ids.ts';
import { createExternalWants } from './external-wants.ts';
import { createWorld } from './observe.ts';
import { reconcile } from './reconcile.ts';
import { createReporter } from './report.ts';
import { createWriter, retryAfterOf } from './write.ts';

/** `waymark controller`, flags already read. */
export interface ControllerOptions {
  readonly settings: Settings;
  /** 0 = any free port. */
  readonly metricsPort: number;
  /** Address of the metrics port; default: all of them. */
  readonly host?: string;
  readonly leaderElection: boolean;
  /** Names of objects in the system namespace. */
  readonly lease: string;
  readonly tlsSecret: string;
  readonly webhookService: string;
  /** Name of both webhook configurations. */
  readonly webhookConfiguration: string;
  /** Milliseconds. */
  readonly certificateValidity: number;
  /** The Namespaces to watch; empty = all. */
  readonly namespaces: readonly string[];
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly log: Logger;
  /** In place of `kubeconfig` and `context`. */
  readonly credentials?: Credentials;
  /** Writes a second on the long run, and at once. */
  readonly speed?: { readonly rate: number; readonly burst: number };
  /** Among the candidates for the Lease; default: the Pod's name in a cluster, else one made up. */
  readonly identity?: string;
}

export interface RunningController extends Running {
  readonly metricsPort: number;
  isLeading(): boolean;
}

/** Groups that are worked on at the same time: enough to keep the API server busy while each waits for answers. */
const WORKERS = 8;

/** Writes a second: what an API server takes from one controller without notice. The Lease is not counted. */
const SPEED = { rate: 300, burst: 600 };

/** Every group is looked at anew within this time, from the caches: what a lost event would have cost is mended. */
const RESYNC = 600_000;

/** Resolves when the metrics port is open; ready comes with the first complete lists. Rejects with CannotStart. */
export async function startController(options: ControllerOptions): Promise<RunningController> {
  const steps: ClosingStep[] = [];
  try {
    return await start(options, steps);
  } catch (error) {
    await closeInOrder(steps, options.log);
    throw error instanceof KubeError ? new CannotStart(error.message, { cause: error }) : error;
  }
}

/** Puts in front of `steps` what closes each part that it has opened: the last one first. */
async function start(options: ControllerOptions, steps: ClosingStep[]): Promise<RunningController> {
  const { log, host, kubeconfig, context } = options;
  const registry = createRegistry();
  addProcessMetrics(registry);
  const readiness = createReadiness(['caches', 'not stopping'], () => log.info('ready'));
  readiness.set('not stopping', true);
  const credentials = options.credentials ?? (await loadCredentials({ kubeconfig, context }));

  const probes = await startProbes({ port: options.metricsPort, ...(host && { host }), readiness, registry, log });
  steps.unshift({ name: 'probes', close: () => probes.close() });
  const client = createClient(credentials, { userAgent: 'waymark-controller' });
  steps.unshift({ name: 'client', close: () => client.close() });

  const parts = assemble(options, client, registry);
  steps.unshift(...parts.closing);
  void parts.synced.then(() => readiness.set('caches', true));
  parts.begin();

  return {
    metricsPort: probes.port,
    isLeading: () => parts.leader.isLeading(),
    async close() {
      readiness.set('not stopping', false);
      await closeInOrder(steps, log);
    },
  };
}

interface Parts {
  readonly leader: Leader;
  readonly synced: Promise<unknown>;
  begin(): void;
  /** The running writes end, then the Lease is given up, then nothing is watched any more. */
  readonly closing: readonly ClosingStep[];
}

function assemble(options: ControllerOptions, client: KubeClient, registry: Registry): Parts {
  const { settings, log, speed = SPEED } = options;
  const clock = systemClock;
  const random = Math.random;
  const metrics = controllerMetrics(registry);
  const { writes, watchRestarts } = apiMetrics(registry);
  const findings = findingsMetric(registry);
  const expiry = certificateExpiryMetric(registry);
  const identity = options.identity ?? (isInCluster() ? hostname() : `${hostname()}_${randomUUID()}`);
  const onRestart = (kind: string) => watchRestarts.inc({ kind });
  const onWrite = (kind: string, verb: string) => writes.inc({ kind, verb });

  const leader = createLeadership(options, client, identity, onLeading);
  const writing = limitWrites(
    guardWrites(client, () => leader.isLeading()),
    createTokenBucket(speed.rate, speed.burst, clock),
  );
  const applier = createApplier({ client: writing, manager: FIELD_MANAGER, onWrite });

  const wants = createExternalWants();
  const ids = createExternalIds({
    client,
    writing,
    namespace: settings.systemNamespace,
    settings: settings.external,
    wants,
    onGroup: group => queue.add(group),
    onState: ({ held, free }) => {
      metrics.externalIds.set({ state: 'held' }, held);
      metrics.externalIds.set({ state: 'free' }, free);
    },
    onWrite,
    onRestart: () => onRestart('ConfigMap'),
    log,
    clock,
    random,
  });
  const world = createWorld({
    client,
    settings,
    namespaces: options.namespaces,
    external: { ids, wants },
    onGroup: group => queue.add(group),
    onDeploymentGone: deployment => reporter.forget(deployment),
    onRestart,
    log,
  });
  const reporter = createReporter({
    recorder: createRecorder({
      client: writing,
      component: 'waymark-controller',
      instance: identity,
      onWrite,
      log,
      clock,
    }),
    deployment: (namespace, name) => world.deployment(namespace, name),
    metrics,
    onFinding: finding => findings.inc({ code: finding.code, severity: severityOf(finding) }),
    log,
  });
  const writer = createWriter({
    world,
    applier,
    client: writing,
    permit: built => ids.permit(built),
    fence: () => leader.fence(),
    log,
  });

  const queue = createWorkQueue<GroupKey>({
    workers: WORKERS,
    async work(group) {
      const end = metrics.reconcileDuration.startTimer();
      try {
        const wakeAt = await reconcile(group, {
          observe: key => world.snapshot(key),
          claim: claims => ids.claim(claims),
          apply: objects => writer.apply(objects),
          prune: (key, objects) => writer.prune(key, objects),
          settle: (key, compilation) => ids.settle(key, compilation),
          report: (key, compilation) => reporter.report(key, compilation),
        });
        return wakeAt === undefined ? undefined : Math.max(0, wakeAt - client.serverTime());
      } finally {
        end();
      }
    },
    onFailure(group, error) {
      if (!(error instanceof NotLeading)) log.warn({ err: error, group }, 'reconcile failed: tried again');
      return retryAfterOf(error);
    },
    onDepth: depth => metrics.queueDepth.set(depth),
    clock,
    random,
  });

  const certificates = createCertificates({
    client,
    applier,
    namespace: settings.systemNamespace,
    secretName: options.tlsSecret,
    serviceName: options.webhookService,
    configurationName: options.webhookConfiguration,
    clusterDomain: settings.clusterDomain,
    validity: options.certificateValidity,
    onExpiry: at => expiry.set(at / 1000),
    onRestart,
    log,
    clock,
    random,
  });

  const synced = Promise.all([world.synced, certificates.synced, ids.synced]);
  let cancelResync: () => void = () => undefined;

  /** Those that hold a number and nothing else are of no world any more. */
  function* groups(): Iterable<GroupKey> {
    const isWatched = (group: GroupKey) =>
      options.namespaces.length === 0 || options.namespaces.includes(group.split('/')[1] ?? '');
    yield* new Set([...world.groups(), ...[...ids.groups()].filter(isWatched)]);
  }

  function resync(): void {
    for (const group of groups()) queue.addWithin(group, random() * RESYNC);
    cancelResync = clock.after(RESYNC, resync);
  }

  /** Nothing is written before every cache is complete: an empty one would look like a cluster without anything. */
  function onLeading(leading: boolean): void {
    metrics.leader.set(leading ? 1 : 0);
    if (!leading) {
      void queue.pause();
      ids.follow();
      void certificates.follow();
      return;
    }
    void synced.then(async () => {
      if (!(await ids.lead()) || !leader.isLeading()) return;
      for (const group of groups()) queue.add(group);
      queue.resume();
      certificates.lead();
    });
  }

  return {
    leader,
    synced,
    begin() {
      metrics.leader.set(0);
      world.start();
      ids.start();
      certificates.start();
      void warnOfDeprecation(settings, client, log);
      // A candidate that cannot see the cluster must not keep the Lease from one that can.
      void synced.then(() => {
        leader.start();
        cancelResync = clock.after(RESYNC, resync);
      });
    },
    closing: [
      {
        name: 'queue',
        close: async () => {
          cancelResync();
          await queue.stop();
        },
      },
      { name: 'certificates', close: () => certificates.stop() },
      { name: 'external ids', close: () => ids.stop() },
      { name: 'leader', close: () => leader.stop() },
      { name: 'watches', close: () => world.stop() },
    ],
  };
}

function createLeadership(
  { leaderElection, settings, lease, log }: ControllerOptions,
  client: KubeClient,
  identity: string,
  onChange: (leading: boolean) => void,
): Leader {
  if (!leaderElection) return alwaysLeading(onChange);
  return createLeader({
    client,
    namespace: settings.systemNamespace,
    name: lease,
    identity,
    onChange,
    log,
    clock: systemClock,
    random: Math.random,
  });
}
