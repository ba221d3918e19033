import { CannotStart } from '../runtime/listen.ts';
import { addProcessMetrics, apiMetrics, certificateExpiryMetric, createRegistry } from '../runtime/metrics.ts';
import { startProbes } from '../runtime/probes.ts';
import { createReadiness } from '../runtime/readiness.ts';
import { closeInOrder } from '../runtime/shutdown.ts';
import { createAdmission } from './admission.ts';
import { createCertificateKeeper } from './certificate.ts';
import { readCertificateFiles } from './certificate-files.ts';
import { openCluster } from './cluster.ts';
import { createFacts } from './facts.ts';
import { startServer } from './server.ts';
import type { Credentials } from '../kube/types.ts';
import type { Logger } from '../runtime/log.ts';
import type { ClosingStep, Running } from '../runtime/shutdown.ts';
import type { Settings } from '../shared/settings.ts';
import type { Namespace } from '../shared/snapshot.ts';
import type { Cluster } from './cluster.ts';
import type { Timeouts } from './server.ts';

/** `waymark webhook`, flags already read. */
export interface WebhookOptions {
  readonly settings: Settings;
  /** 0 = any free port. */
  readonly port: number;
  readonly metricsPort: number;
  /** Address of both; default: all of them. */
  readonly host?: string;
  /** PEM files; absent = the Secret. */
  readonly tlsFiles?: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Name of the Secret, in the system namespace. */
  readonly tlsSecret: string;
  readonly onMissingMutation: 'deny' | 'warn';
  /** The Namespaces to watch; empty = all. */
  readonly namespaces: readonly string[];
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Absent: found as kubectl finds them. */
  readonly credentials?: Credentials | undefined;
  readonly log: Logger;
  readonly drain?: Partial<DrainTimes>;
  readonly timeouts?: Partial<Timeouts>;
  /** Milliseconds that a new process waits for its first complete lists before it is ready without them; default 5000. */
  readonly patience?: number;
}

/** Milliseconds; together they must end before the Pod's grace period does. */
export interface DrainTimes {
  /** Not ready, but serving as ever, until no API server sends anything here any more. */
  readonly quiet: number;
  /** Answers ask their clients to close the connection. */
  readonly linger: number;
  /** For what is still open then. */
  readonly deadline: number;
}

export const DRAIN: DrainTimes = { quiet: 8000, linger: 2000, deadline: 5000 };

export interface RunningWebhook extends Running {
  readonly port: number;
  readonly metricsPort: number;
}

/** A new Pod must not judge without the Namespaces' own settings for the moment that these take to arrive. */
const PATIENCE = 5000;

/** Resolves when both ports are open; ready comes with the first valid certificate. Rejects with CannotStart. */
export async function startWebhook(options: WebhookOptions): Promise<RunningWebhook> {
  const { log } = options;
  const steps: ClosingStep[] = [];
  try {
    return await start(options, steps);
  } catch (error) {
    await closeInOrder(steps, log);
    throw error;
  }
}

/** Puts in front of `steps` what closes each part that it has opened: the last one first. */
async function start(options: WebhookOptions, steps: ClosingStep[]): Promise<RunningWebhook> {
  const { settings, host, log } = options;
  const registry = createRegistry();
  addProcessMetrics(registry);
  const readiness = createReadiness(['port', 'certificate', 'caches', 'running'], () => log.info('ready'));
  readiness.set('running', true);

  const probes = await startProbes({ port: options.metricsPort, ...(host && { host }), readiness, registry, log });
  steps.unshift({ name: 'probes', close: () => probes.close() });

  const namespaces = new Map<string, Namespace>();
  const known = createFacts(() => admission.forget());
  const { facts } = known;
  const admission = createAdmission({ ...options, namespaces, facts, registry, inFlight: () => server.inFlight() });

  const { watchRestarts } = apiMetrics(registry);
  const cluster = await openCluster({
    ...options,
    watched: options.namespaces,
    namespaces,
    known,
    onNamespace: admission.forget,
    onRestart: kind => watchRestarts.inc({ kind }),
  });
  if (cluster === undefined) log.warn('no cluster is configured: every Namespace has the settings of the platform');
  else steps.unshift({ name: 'cluster', close: () => cluster.stop() });

  const server = await startServer({
    port: options.port,
    host,
    answer: admission.answer,
    log,
    timeouts: options.timeouts ?? {},
  });
  const { linger, deadline, quiet } = { ...DRAIN, ...options.drain };
  steps.unshift({ name: 'server', close: () => server.drain({ linger, deadline }) });
  readiness.set('port', true);

  const keep = createCertificateKeeper({
    use: pair => server.use(pair),
    onValid: () => readiness.set('certificate', true),
    expiry: certificateExpiryMetric(registry),
    log,
    now: Date.now,
  });
  if (options.tlsFiles !== undefined) {
    const files = await readCertificateFiles({ ...options.tlsFiles, onPair: keep, log });
    steps.unshift({ name: 'certificate files', close: () => files.stop() });
  } else {
    if (cluster === undefined)
      throw new CannotStart('no cluster to read the certificate from: give --tls-cert-file and --tls-key-file');
    cluster.watchSecret(settings.systemNamespace, options.tlsSecret, keep);
  }

  void firstLists(cluster, options.patience ?? PATIENCE, log).then(() => readiness.set('caches', true));

  return {
    port: server.port,
    metricsPort: probes.port,
    async close() {
      readiness.set('running', false);
      await pause(quiet);
      await closeInOrder(steps, log);
    },
  };
}

/** Resolves when they are there, or will not be for a while: an API server that is away must not matter. */
async function firstLists(cluster: Cluster | undefined, patience: number, log: Logger): Promise<void> {
  if (cluster === undefined) return;
  const synced = cluster.synced.then(() => true);
  const late = new Promise<false>(resolve => setTimeout(() => resolve(false), patience).unref());
  if (await Promise.race([synced, late])) return;
  log.warn('not all of the cluster is known yet: until then Namespaces have the settings of the platform');
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
