import { existsSync } from 'node:fs';
import type { RequestOptions as HttpsOptions } from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { KubeConfig } from '@kubernetes/client-node';
import { systemClock } from './clock.ts';
import { inClusterCredentials, isInCluster } from './in-cluster.ts';
import { KubeError } from './kube-error.ts';
import type { Clock } from './clock.ts';
import type { Access, Credentials, TlsOptions } from './types.ts';

export interface CredentialsOptions {
  /** Path of a kubeconfig file; default: `$KUBECONFIG`, then the Pod's service account, then `~/.kube/config`. */
  readonly kubeconfig?: string | undefined;
  /** Default: the file's current context. */
  readonly context?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
}

/** How long an answer of the kubeconfig's user (files, exec plugin, OIDC) serves before it is asked for again. */
const REREAD = 30_000;

/** Rejects with KubeError `credentials` and one clear line when there is nothing to use. */
export async function loadCredentials(options: CredentialsOptions = {}): Promise<Credentials> {
  const { kubeconfig, context, env = process.env, clock = systemClock } = options;
  const named = kubeconfig ?? env['KUBECONFIG'];
  if (named === undefined && context === undefined && isInCluster(env)) return inClusterCredentials({ env, clock });

  const path = named ?? join(homedir(), '.kube', 'config');
  if (named === undefined && !existsSync(path)) {
    throw refusal(`no cluster is configured: set KUBECONFIG, or give --kubeconfig (there is no ${path})`);
  }
  return kubeconfigCredentials(await readKubeconfig(path, context), path, clock);
}

async function readKubeconfig(path: string, context: string | undefined): Promise<KubeConfig> {
  // Loaded only here, when it is needed: 0.7 s and 90 MB.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    // As kubectl does, the variable may list several files; they are merged.
    const [first = '', ...others] = path.split(':').filter(file => file !== '');
    config.loadFromFile(first);
    for (const file of others) {
      const more = new KubeConfig();
      more.loadFromFile(file);
      config.mergeConfig(more);
    }
    if (context !== undefined) config.setCurrentContext(context);
  } catch (cause) {
    throw refusal(`kubeconfig ${path} cannot be read: ${(cause as Error).message}`, cause);
  }
  return config;
}

function kubeconfigCredentials(config: KubeConfig, path: string, clock: Clock): Credentials {
  const contextName = config.getCurrentContext();
  if (config.getContextObject(contextName) === null) {
    throw refusal(`kubeconfig ${path} has no context '${contextName}'`);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw refusal(`kubeconfig ${path}: context '${contextName}' names no known cluster`);
  const { proxyUrl } = cluster;
  if (proxyUrl !== undefined && !/^https?:/.test(proxyUrl)) {
    throw refusal(`kubeconfig ${path}: only http and https proxies are supported, not '${proxyUrl}'`);
  }

  let last: { access: Access; readAt: number } | undefined;
  return {
    server: cluster.server.replace(/\/+$/, ''),
    ...(proxyUrl !== undefined && { proxy: proxyUrl }),
    async access(renew = false) {
      const now = clock.now();
      if (!renew && last !== undefined && now - last.readAt < REREAD) return last.access;
      const access = await askUser(config, path);
      const tls = last !== undefined && isDeepStrictEqual(last.access.tls, access.tls) ? last.access.tls : access.tls;
      last = { access: { ...access, tls }, readAt: now };
      return last.access;
    },
  };
}

async function askUser(config: KubeConfig, path: string): Promise<Access> {
  const options: HttpsOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (cause) {
    throw refusal(`kubeconfig ${path}: no credentials: ${(cause as Error).message}`, cause);
  }
  const { ca, cert, key, servername, rejectUnauthorized } = options as HttpsOptions & TlsOptions;
  return {
    headers: {
      ...Object.fromEntries(Object.entries(options.headers ?? {}).map(([name, value]) => [name, String(value)])),
      ...(typeof options.auth === 'string' && {
        authorization: `Basic ${Buffer.from(options.auth).toString('base64')}`,
      }),
    },
    tls: {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(servername !== undefined && { servername }),
      ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    },
  };
}

function refusal(message: string, cause?: unknown): KubeError {
  return new KubeError({ code: 'credentials', message, cause });
}
