import { ensureAssets } from './assets.ts';
import type { Progress } from './assets/store.ts';
import { prepareModules } from './pack.ts';

/** Builds or downloads everything that a sandbox, which has no network, will need. At once when nothing is missing. */
export async function prepare(progress: Progress): Promise<void> {
  await Promise.all([ensureAssets({ progress }), prepareModules({ progress })]);
}
