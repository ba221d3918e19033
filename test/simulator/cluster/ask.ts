import { objectPath } from '../../../kube/resources.ts';
import type { KubeObject, Resource } from '../../../kube/types.ts';
import type { ApiServer } from '../api-server/server.ts';
import type { Dice } from '../random.ts';
import type { VirtualTime } from '../virtual-time.ts';

/** What the controllers around Waymark work with. They are always up, and the API server always answers them. */
export interface Surroundings {
  readonly server: ApiServer;
  readonly time: VirtualTime;
  readonly dice: Dice;
}

const KUBERNETES = 'kube-controller-manager';

export function patchStatus({ server }: Surroundings, resource: Resource, object: KubeObject, status: unknown): void {
  const { namespace = '', name } = object.metadata;
  write(server, 'PATCH', `${objectPath(resource, namespace, name)}/status`, { status });
}

export function patchSpec({ server }: Surroundings, resource: Resource, object: KubeObject, spec: unknown): void {
  const { namespace = '', name } = object.metadata;
  write(server, 'PATCH', objectPath(resource, namespace, name), { spec });
}

export function write(server: ApiServer, method: string, path: string, body: unknown): void {
  const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const { status, body: answer } = server.handle({ method, path, body, contentType, userAgent: KUBERNETES });
  // What is gone by now is no object of anybody's any more.
  if (status >= 300 && status !== 404) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
}

/** Something that is done a moment after it is asked for, once for all that ask meanwhile. */
export function createDelayed({ time, dice }: Surroundings, low: number, high: number, act: (key: string) => void) {
  const due = new Set<string>();
  return (key: string) => {
    if (due.has(key)) return;
    due.add(key);
    time.after(dice.delay(low, high), () => {
      due.delete(key);
      act(key);
    });
  };
}
