import { createApplier } from '../kube/apply.ts';
import type { Clock } from '../kube/clock.ts';
import { createRecorder } from '../kube/events.ts';
import { guardWrites } from '../kube/guard-writes.ts';
import { NotLeading, alwaysLeading, createLeader } from '../kube/leader.ts';
import type { Leader } from '../kube/leader.ts';
import { noticeUnanswered } from '../kube/notice-unanswered.ts';
import { createTokenBucket, limitWrites } from '../kube/token-bucket.ts';
import type { KubeClient } from '../kube/types.ts';
import { createWorkQueue } from '../kube/work-queue.ts';
import type { Logger } from '../runtime/log.ts';
import { apiMetrics, certificateExpiryMetric, controllerMetrics, findingsMetric } from '../runtime/metrics.ts';
import type { Registry } from '../runtime/metrics.ts';
import type { ClosingStep } from '../runtime/shutdown.ts';
import type { Compilation } from '../shared/compilation.ts';
import { severityOf } from '../shared/findings/finding.ts';
import { hostGroup } from '../shared/plan/hosts.ts';
import { FIELD_MANAGER } from '../shared/render/labels.ts';
import type { Settings } from '../shared/settings.ts';
import type { GroupKey, Snapshot } from '../shared/snapshot.ts';
import { createCertificates } from './certificates.ts';
import { createContention } from './contention.ts';
import { warnOfDeprecation } from './deprecation.ts';
import { createExternalIds } from './external-ids.ts';
import { createExternalWants } from './external-wants.ts';
import { createWorld } from './observe.ts';
import { reconcile } from './reconcile.ts';
import { createReporter } from './report.ts';
import { createResizer } from './resize.ts';
import { createHostWriter } from './write-hosts.ts';
import { createWriter, retryAfterOf } from './write.ts';

/** What the controller is to do, whatever it runs in. */
export interface AssemblyOptions {
  readonly settings: Settings;
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
  readonly log: Logger;
  /** Writes a second on the long run, and at once. */
  readonly speed?: { readonly rate: number; readonly burst: number };
}

/** Everything that reaches out of the process, and the core. */
export interface Surroundings {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly registry: Registry;
  /** Among the candidates for the Lease. */
  readonly identity: string;
  readonly compile: (snapshot: Snapshot) => Compilation;
}

/** Groups that are worked on at the same time: enough to keep the API server busy while each waits for answers. */
const WORKERS = 16;

/**
 * Writes a second: more than these workers come to, so that only a fault of our own would ever be slowed by it. How much
 * it takes is for the API server to say, which has its ways. The Lease is not counted.
 */
const SPEED = { rate: 1000, burst: 2000 };

/** Every group is looked at anew within this time, from the caches: what a lost event would have cost is mended. */
const RESYNC = 600_000;

/** The controller, put together and not begun. */
export interface Assembly {
  readonly leader: Leader;
  /** Resolves when every cache holds its first complete list. */
  readonly synced: Promise<unknown>;
  begin(): void;
  /** The running writes end, then the Lease is given up, then nothing is watched any more. */
  readonly closing: readonly ClosingStep[];
}

/** Milliseconds. An interruption that had ended no longer before a Lease was renewed may have lasted then. */
const MOMENT = 1000;

export function assemble(options: AssemblyOptions, surroundings: Surroundings): Assembly {
  const { settings, log, speed = SPEED } = options;
  const { clock, random, registry, identity, compile } = surroundings;
  const client = noticeUnanswered(surroundings.client, interruption => {
    // Before the first answers nobody knows the API server's clock; what was missed until then is told by the Lease.
    if (world.isSynced()) world.unanswered(interruption);
  });
  const metrics = controllerMetrics(registry);
  const { writes, watchRestarts } = apiMetrics(registry);
  const findings = findingsMetric(registry);
  const expiry = certificateExpiryMetric(registry);
  const onRestart = (kind: string) => watchRestarts.inc({ kind });
  const onWrite = (kind: string, verb: string) => writes.inc({ kind, verb });

  const leader = createLeadership(options, { ...surroundings, client }, onLeading, () => world.interruptedUntil());
  const writing = limitWrites(
    guardWrites(client, () => leader.isLeading()),
    createTokenBucket(speed.rate, speed.burst, clock),
  );
  const applier = createApplier({ client: writing, manager: FIELD_MANAGER, onWrite });

  const contention = createContention(clock, random, size => metrics.contended.set(size));
  const fence = () => leader.fence();
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
    contendedBy: host => contention.by(hostGroup(host)),
    onGroup: group => queue.add(group),
    onDeploymentGone: deployment => reporter.forget(deployment),
    onRestart,
    log,
    clock,
    random,
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
    lookAgain: (group, delay) => queue.addWithin(group, delay),
    log,
    random,
  });
  const writer = createWriter({
    world,
    applier,
    client: writing,
    permit: built => ids.permit(built),
    fence,
    contention,
    lookAgain: (group, delay) => (delay === 0 ? queue.add(group) : queue.addWithin(group, delay)),
    log,
  });
  const hosts = createHostWriter({
    world,
    client: writing,
    fence,
    onWrite,
    onTakeover: result => metrics.takeovers.inc({ result }),
    log,
  });
  const resizer = createResizer({ world, client: writing, fence, onWrite, log });

  const queue = createWorkQueue<GroupKey>({
    workers: WORKERS,
    async work(group) {
      const end = metrics.reconcileDuration.startTimer();
      try {
        const wakeAt = await reconcile(group, {
          observe: key => world.snapshot(key),
          compile,
          claim: claims => ids.claim(claims),
          ...hosts,
          ...resizer,
          apply: (key, objects) => writer.apply(key, objects),
          prune: (key, objects) => writer.prune(key, objects),
          settle: (key, compilation) => ids.settle(key, compilation),
          report: (key, compilation, isDone) =>
            reporter.report(key, compilation, { isDone, troubles: writer.troubles(key) }),
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
      void queue.pause().then(() => leader.isLeading() || reporter.clear());
      ids.follow();
      void certificates.follow();
      return;
    }
    void synced.then(async () => {
      // Another one may have written meanwhile.
      await world.caughtUp();
      const ledUntil = leader.ledUntil();
      if (ledUntil !== undefined) world.nobodyLookedSince(ledUntil);
      const interruptedUntil = leader.wasInterruptedUntil();
      if (interruptedUntil !== undefined) {
        world.othersWereInterrupted(interruptedUntil, interruptedUntil > (ledUntil ?? Infinity) - MOMENT);
      }
      if (!(await ids.lead()) || !leader.isLeading()) return;
      queue.resume();
      for (const group of groups()) queue.add(group);
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
  { leaderElection, settings, lease, log }: AssemblyOptions,
  { client, identity, clock, random }: Surroundings,
  onChange: (leading: boolean) => void,
  interruptedUntil: () => number | undefined,
): Leader {
  if (!leaderElection) return alwaysLeading(onChange);
  const namespace = settings.systemNamespace;
  return createLeader({ client, namespace, name: lease, identity, onChange, interruptedUntil, log, clock, random });
}
