import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createClient } from '../kube/client.ts';
import { systemClock } from '../kube/clock.ts';
import { loadCredentials } from '../kube/credentials.ts';
import { isInCluster } from '../kube/in-cluster.ts';
import { KubeError } from '../kube/kube-error.ts';
import type { Credentials } from '../kube/types.ts';
import { CannotStart } from '../runtime/listen.ts';
import { addProcessMetrics, createRegistry } from '../runtime/metrics.ts';
import { startProbes } from '../runtime/probes.ts';
import { createReadiness } from '../runtime/readiness.ts';
import { closeInOrder } from '../runtime/shutdown.ts';
import type { ClosingStep, Running } from '../runtime/shutdown.ts';
import { compile } from '../shared/compile.ts';
import { assemble } from './assemble.ts';
import type { AssemblyOptions } from './assemble.ts';

/** `waymark controller`, flags already read. */
export interface ControllerOptions extends AssemblyOptions {
  /** 0 = any free port. */
  readonly metricsPort: number;
  /** Address of the metrics port; default: all of them. */
  readonly host?: string;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** In place of `kubeconfig` and `context`. */
  readonly credentials?: Credentials;
  /** Among the candidates for the Lease; default: the Pod's name (`POD_NAME`, else the host's name in a cluster), else one made up. */
  readonly identity?: string;
}

export interface RunningController extends Running {
  readonly metricsPort: number;
  isLeading(): boolean;
}

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

  const parts = assemble(options, {
    client,
    clock: systemClock,
    random: Math.random,
    registry,
    identity: options.identity ?? identityOf(process.env),
    compile,
  });
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

/** Of a Pod its name, so that one that was killed takes its own Lease back at once; else one that nobody else has. */
function identityOf({ POD_NAME }: NodeJS.ProcessEnv): string {
  if (POD_NAME !== undefined && POD_NAME !== '') return POD_NAME;
  return isInCluster() ? hostname() : `${hostname()}_${randomUUID()}`;
}
