import type { AuditEntry } from '../../cluster/types.ts';
import { CONTROLLER, sentence, writesOf } from '../audit.ts';
import { eventually } from '../eventually.ts';
import type { Scene } from './scene.ts';

/** What the controller wrote of a scene, oldest first, refused writes left out. */
export async function controllerWrites(scene: Scene, since = 0): Promise<readonly AuditEntry[]> {
  const { cluster } = scene.world;
  return writesOf(await cluster.audit(since)).filter(
    entry => entry.user === CONTROLLER && entry.code < 300 && belongsTo(entry, scene),
  );
}

/** A Host is made under no name: the collection of all Hosts is what the entry tells of. */
function belongsTo({ namespace, name, resource }: AuditEntry, scene: Scene): boolean {
  return namespace === scene.namespace || (resource === 'hosts' && name === scene.host);
}

export function movesIn(writes: readonly AuditEntry[], { host }: Scene): readonly AuditEntry[] {
  return writes.filter(
    ({ resource, name, verb }) => resource === 'virtualservices' && name === host && verb === 'patch',
  );
}

export function scalesIn(writes: readonly AuditEntry[]): readonly AuditEntry[] {
  return writes.filter(({ resource }) => resource === 'deployments');
}

/**
 * A newcomer that takes longer than this to be ready may be told of before: one more write. Milliseconds; what Kubernetes needs
 * to count its Pods comes on top.
 */
const PATIENCE = 700;

/** Writes of one takeover, at most, when the newcomer takes so many milliseconds to be ready. */
export function mostWrites(wait: number): number {
  return wait > PATIENCE ? 9 : 8;
}

export const sentences = (writes: readonly AuditEntry[]): readonly string[] => writes.map(sentence);

/** Lets so many milliseconds pass, for what must not happen meanwhile. */
export async function whilePasses(milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  const left = () => {
    if (performance.now() < end) throw new Error('time has not passed yet');
  };
  await eventually(left, { within: milliseconds + 1_000 });
}
