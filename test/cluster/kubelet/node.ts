import { availableParallelism, totalmem } from 'node:os';
import type { Api } from './api.ts';

const MOST_PODS = '250';

/**
 * Makes sure that the Node is there before any pod is bound to it: the EndpointSlice controller puts a pod whose node it
 * does not know into back-off. There is no heartbeat; the controllers that would miss it must be off.
 */
export async function ensureNode(api: Api, name: string, address: string): Promise<void> {
  const path = `/api/v1/nodes/${name}`;
  const { status } = await api.request('GET', path);
  if (status === 200) return;
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
  };
  const created = await api.request('POST', '/api/v1/nodes', node);
  if (created.status !== 201 && created.status !== 409) {
    throw new Error(`Node ${name} cannot be made: ${created.status} ${JSON.stringify(created.body)}`);
  }
  const capacity = { cpu: String(availableParallelism()), memory: String(totalmem()), pods: MOST_PODS };
  const now = new Date().toISOString();
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  };
  const patch = {
    status: {
      capacity,
      allocatable: capacity,
      addresses: [{ type: 'InternalIP', address }],
      conditions: [ready],
    },
  };
  const patched = await api.request('PATCH', `${path}/status`, patch, 'application/strategic-merge-patch+json');
  if (patched.status !== 200) throw new Error(`Node ${name} has no status: ${patched.status}`);
}
