import { join } from 'node:path';
import { openApiGate } from '../../cluster/parts/api-gate.ts';
import type { ApiGate, Write } from '../../cluster/parts/api-gate.ts';
import type { Cluster, Images } from '../../cluster/types.ts';
import { someLeader } from '../waymark-pods.ts';
import { SYSTEM } from '../world.ts';
import type { World } from '../world.ts';
import type { Scene } from './scene.ts';

const CLOCK_AHEAD = join(import.meta.dirname, '../../cluster/clock-ahead.ts');

/** Waymark reaches the API server through a gate, and its clock can be set wrong by the variable `CLOCK_AHEAD`. */
export async function gatedImages(
  images: Images,
  cluster: Cluster,
): Promise<{ readonly images: Images; readonly gate: ApiGate }> {
  const gate = await openApiGate(cluster);
  const [node = '', ...rest] = images['waymark']?.command ?? [];
  const command = ['env', `KUBERNETES_SERVICE_PORT=${gate.port}`, node, '--import', CLOCK_AHEAD, ...rest];
  return { gate, images: { ...images, waymark: { command } } };
}

/** Whether a write is about a scene, and was accepted. */
export function concerns({ namespace, host }: Scene, { path, body, status }: Write): boolean {
  if (status >= 300) return false;
  if (path.includes(`/namespaces/${namespace}/`) || path.includes(`/hosts/${host}`)) return true;
  return path.endsWith('/hosts') && body.includes(`"${host}"`);
}

/** `PATCH virtualservices/web.example.org`: what the writes of a run have in common with those of another is told apart by it. */
export function brief({ method, path }: Write): string {
  return `${method} ${path.split('/').slice(-3).join('/')}`;
}

const KINDS = ['services', 'hosts', 'virtualservices', 'deployments', 'events'];

/** Of what `brief` says. */
export function kindOf(write: string): string | undefined {
  return KINDS.find(kind => write.split(/[ /]/).includes(kind));
}

export interface Killing {
  /** What had just been written when the controller was killed, in order. */
  readonly after: readonly string[];
  stop(): void;
}

/** One of the writes of a run: the `nth` of its kind, from 1. How many there are of the others depends on who is killed when. */
export interface WriteOfRun {
  readonly kind: string | undefined;
  readonly nth: number;
}

/** All of a run in turn. */
export function eachOf(writes: readonly string[]): readonly WriteOfRun[] {
  return writes.map((write, index) => {
    const kind = kindOf(write);
    return { kind, nth: writes.slice(0, index + 1).filter(one => kindOf(one) === kind).length };
  });
}

/**
 * From now on the controller is killed for each scene once, right after one of the writes for it: the API server has stored what was
 * written, and the controller never hears of it.
 */
export function killAfterWrites(
  world: World,
  gate: ApiGate,
  plan: readonly { readonly scene: Scene; readonly write: WriteOfRun }[],
): Killing {
  const counts = plan.map(() => 0);
  const after: string[] = [];
  const stop = gate.listen(async write => {
    const index = plan.findIndex(({ scene }) => concerns(scene, write));
    const due = plan[index]?.write;
    if (due === undefined || kindOf(brief(write)) !== due.kind) return;
    counts[index] = (counts[index] ?? 0) + 1;
    if (counts[index] !== due.nth) return;
    after.push(brief(write));
    await world.kubelet.crash(SYSTEM, await someLeader(world.cluster));
  });
  return { after, stop };
}

/**
 * Kills the leader with the first renewal of its Lease from now on: the API server has stored it, and the leader does nothing more.
 * Resolves when it has been killed.
 */
export function killAfterRenewal(world: World, gate: ApiGate): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = gate.listen(async ({ path, status }) => {
      if (!path.includes('/leases/') || status >= 300) return;
      stop();
      await world.kubelet.crash(SYSTEM, await someLeader(world.cluster)).then(resolve, reject);
    });
  });
}
