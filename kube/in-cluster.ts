import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from './clock.ts';
import { KubeError } from './kube-error.ts';
import type { Clock } from './clock.ts';
import type { Access, Credentials } from './types.ts';

const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The kubelet replaces a token after 80 % of its life, at the earliest after 8 minutes; client-go reads every minute. */
const REREAD = 60_000;

type Environment = Readonly<Record<string, string | undefined>>;

export interface InClusterOptions {
  readonly env?: Environment;
  /** Holds `token` and `ca.crt`. */
  readonly folder?: string;
  readonly clock?: Clock;
}

export function isInCluster(env: Environment = process.env, folder = ACCOUNT_FOLDER): boolean {
  return env['KUBERNETES_SERVICE_HOST'] !== undefined && existsSync(join(folder, 'token'));
}

/** A Pod's own service account. What was read last serves on while the files cannot be read. */
export function inClusterCredentials(options: InClusterOptions = {}): Credentials {
  const { env = process.env, folder = ACCOUNT_FOLDER, clock = systemClock } = options;
  const host = env['KUBERNETES_SERVICE_HOST'] ?? 'kubernetes.default.svc';
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  let last: { access: Access; readAt: number } | undefined;

  async function read(): Promise<Access> {
    const [token, ca] = await Promise.all([
      readFile(join(folder, 'token'), 'utf8'),
      readFile(join(folder, 'ca.crt'), 'utf8'),
    ]);
    const tls = last?.access.tls.ca === ca ? last.access.tls : { ca };
    return { headers: { authorization: `Bearer ${token.trim()}` }, tls };
  }

  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    async access(renew = false) {
      const now = clock.now();
      if (!renew && last !== undefined && now - last.readAt < REREAD) return last.access;
      try {
        last = { access: await read(), readAt: now };
      } catch (cause) {
        if (last === undefined) {
          const message = `the service account in ${folder} cannot be read`;
          throw new KubeError({ code: 'credentials', message, cause });
        }
      }
      return last.access;
    },
  };
}
