import { startController } from '../controller/start.ts';
import type { ControllerOptions } from '../controller/start.ts';
import { createLog } from '../runtime/log.ts';
import type { LogLevel } from '../runtime/log.ts';
import { runUntilSignal } from '../runtime/shutdown.ts';
import { loadSettings } from './settings.ts';
import { startFailure } from './start-failure.ts';
import type { Terminal } from './terminal.ts';

/** The flags of `waymark controller`. */
export interface ControllerFlags extends Pick<
  ControllerOptions,
  | 'metricsPort'
  | 'leaderElection'
  | 'lease'
  | 'tlsSecret'
  | 'webhookService'
  | 'webhookConfiguration'
  | 'certificateValidity'
> {
  readonly config?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: readonly string[];
  readonly logLevel: LogLevel;
}

/** Milliseconds for the writes that are under way and the Lease to be given up; the Pod's grace period is longer. */
const CLOSING_DEADLINE = 20_000;

/** Runs until SIGTERM or SIGINT. Resolves with the exit code; rejects with a Failure when it cannot start. */
export async function controller(flags: ControllerFlags, terminal: Terminal): Promise<number> {
  const { config, namespace, logLevel, ...rest } = flags;
  const settings = await loadSettings(config, terminal);
  const log = createLog({ level: logLevel, component: 'controller' });
  const running = await startController({ ...rest, settings, namespaces: namespace, log }).catch(
    startFailure('controller'),
  );
  return runUntilSignal(running, { deadline: CLOSING_DEADLINE, log });
}
