import { createLog } from '../runtime/log.ts';
import type { LogLevel } from '../runtime/log.ts';
import { runUntilSignal } from '../runtime/shutdown.ts';
import { DRAIN, startWebhook } from '../webhook/start.ts';
import { Failure } from './failure.ts';
import { loadSettings } from './settings.ts';
import { startFailure } from './start-failure.ts';
import type { Terminal } from './terminal.ts';

/** The flags of `waymark webhook`. */
export interface WebhookFlags {
  readonly config?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: readonly string[];
  readonly logLevel: LogLevel;
  readonly port: number;
  readonly metricsPort: number;
  readonly tlsCertFile?: string;
  readonly tlsKeyFile?: string;
  readonly tlsSecret: string;
  readonly onMissingMutation: 'deny' | 'warn';
}

/** What the drain may take beyond its own times before the process ends, in milliseconds. */
const GRACE = 5000;

/** Serves until SIGTERM or SIGINT. Resolves with the exit code; rejects with a Failure when it cannot start. */
export async function webhook(flags: WebhookFlags, terminal: Terminal): Promise<number> {
  const { tlsCertFile, tlsKeyFile, config, kubeconfig, context } = flags;
  if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined)) {
    throw new Failure('error: --tls-cert-file and --tls-key-file must be given together');
  }
  const settings = await loadSettings(config, terminal);
  const log = createLog({ level: flags.logLevel, component: 'webhook' });
  const running = await startWebhook({
    settings,
    port: flags.port,
    metricsPort: flags.metricsPort,
    ...(tlsCertFile !== undefined &&
      tlsKeyFile !== undefined && { tlsFiles: { certFile: tlsCertFile, keyFile: tlsKeyFile } }),
    tlsSecret: flags.tlsSecret,
    onMissingMutation: flags.onMissingMutation,
    namespaces: flags.namespace,
    kubeconfig,
    context,
    log,
  }).catch(startFailure('webhook'));
  return runUntilSignal(running, { deadline: DRAIN.quiet + DRAIN.linger + DRAIN.deadline + GRACE, log });
}
