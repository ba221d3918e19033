import type { Cluster } from '../cluster/types.ts';
import { inferenceService, deployment } from './manifests.ts';
import { find, pathOf } from './objects.ts';

export interface Load {
  /** Requests that were answered well so far. */
  succeeded(): number;
  /** Ends the load; resolves with what went wrong, a line for each failed request. */
  stop(): Promise<readonly string[]>;
}

/**
 * Updates an annotated Deployment over and over, two requests at a time: each one is two calls of the webhook. The pause
 * between them keeps them coming without taking a core.
 */
export async function steadyLoad(cluster: Cluster, namespace: string): Promise<Load> {
  const workers = ['one', 'two'].map(model =>
    deployment(`${namespace}/serving-${model}-1`, { config: inferenceService(model, 'v1') }),
  );
  for (const manifest of workers) {
    if ((await find(cluster, 'Deployment', namespace, manifest.metadata.name)) !== undefined) continue;
    const { status, body } = await cluster.api('POST', pathOf('Deployment', namespace), manifest);
    if (status !== 201) throw new Error(`the load could not begin: ${status} ${JSON.stringify(body)}`);
  }

  const failures: string[] = [];
  const ending = new AbortController();
  let succeeded = 0;
  const running = workers.map(async ({ metadata }) => {
    for (let round = 0; !ending.signal.aborted; round++) {
      const change = { metadata: { annotations: { round: String(round) } } };
      const path = pathOf('Deployment', namespace, metadata.name);
      const at = new Date().toISOString();
      try {
        const { status, body } = await cluster.api('PATCH', path, change, 'application/merge-patch+json');
        if (status === 200) succeeded++;
        else failures.push(`${at} ${status} ${(body as { readonly message?: string }).message ?? ''}`);
      } catch (error) {
        failures.push(`${at} ${error instanceof Error ? error.message : String(error)}`);
      }
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  });

  return {
    succeeded: () => succeeded,
    async stop() {
      ending.abort();
      await Promise.all(running);
      return failures;
    },
  };
}
