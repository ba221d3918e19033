import { createClient } from '../kube/client.ts';
import { loadCredentials } from '../kube/credentials.ts';
import { KubeError } from '../kube/kube-error.ts';
import type { KubeClient } from '../kube/types.ts';
import { isDnsLabel } from '../shared/values/dns.ts';
import { Failure } from './failure.ts';
import { ownVersion } from './version.ts';

/** How a command reaches a cluster, and how much of it it looks at. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Names of the Namespaces to look at; empty = all. */
  readonly namespace: readonly string[];
}

/**
 * Lets `use` ask the cluster, as the command `name`. Rejects with a Failure when the cluster cannot be reached or does
 * not let us.
 */
export async function withCluster<T>(
  { namespace, kubeconfig, context }: ClusterOptions,
  name: string,
  use: (client: KubeClient) => Promise<T>,
): Promise<T> {
  const wrong = namespace.find(one => !isDnsLabel(one));
  if (wrong !== undefined) throw new Failure(`error: --namespace must be a DNS label, but is '${wrong}'`);
  try {
    const client = createClient(await loadCredentials({ kubeconfig, context }), {
      userAgent: `waymark-${name}/${ownVersion()}`,
    });
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  } catch (error) {
    throw error instanceof KubeError ? new Failure(`error: the cluster cannot be read: ${error.message}`) : error;
  }
}
