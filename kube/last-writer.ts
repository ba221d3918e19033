import { readObject } from './read-object.ts';
import type { KubeClient } from './types.ts';

/** Where an object does not say who. */
export const SOMEBODY = 'somebody';

interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly time?: string;
}

/**
 * The field manager other than `manager` that wrote an object last, its status left out. Of one that is gone nobody
 * knows. Rejects with KubeError.
 */
export async function lastWriter(client: KubeClient, path: string, manager: string): Promise<string> {
  const object = await readObject(client, path);
  if (object === undefined) return SOMEBODY;
  const entries = (object.metadata['managedFields'] ?? []) as readonly ManagedFieldsEntry[];
  const others = entries.filter(({ manager: name, subresource = '' }) => name !== manager && subresource === '');
  const times = others.map(({ time = '' }) => time);
  const last = times.reduce((latest, time) => (time > latest ? time : latest), '');
  return others.find(({ time = '' }) => time === last)?.manager ?? SOMEBODY;
}
