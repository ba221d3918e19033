import type { NodeContext } from './node-context.ts';
import { keyOf } from './objects.ts';
import type { Pod } from './objects.ts';
import { pause } from './timing.ts';

const RETRY = 200;

/** The scheduler of a cluster with one node: every pod that is free to go is bound to it. */
export async function bind({ api, nodeName, report, signal }: NodeContext, pod: Pod): Promise<void> {
  const { name, namespace, uid, deletionTimestamp } = pod.metadata;
  const isGated = (pod.spec.schedulingGates ?? []).length > 0;
  if (isGated || deletionTimestamp !== undefined) return;
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace, uid },
    target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
  };
  while (!signal.aborted) {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/binding`;
    const answer = await api.request('POST', path, binding).catch(() => undefined);
    const status = answer?.status ?? 0;
    // 404 and 409: it went, or was bound by an earlier try whose answer was lost.
    if (status === 201 || status === 404 || status === 409) return;
    if (status >= 400 && status < 500 && status !== 429) {
      report(`pod ${keyOf(pod.metadata)} cannot be bound: ${status} ${JSON.stringify(answer?.body)}`);
      return;
    }
    await pause(RETRY, signal);
  }
}
