import { readVersion } from '../kube/cluster-objects.ts';
import type { KubeClient } from '../kube/types.ts';
import type { Logger } from '../runtime/log.ts';
import { deprecationOf, isDeprecated } from '../shared/plan/external-admission.ts';
import type { Settings } from '../shared/settings.ts';

/**
 * One line for the platform where its way of giving access has an end; users are told by the webhook. Never rejects.
 */
export async function warnOfDeprecation({ external }: Settings, client: KubeClient, log: Logger): Promise<void> {
  if (external.strategy !== 'externalIPs') return;
  const version = await readVersion(client, log);
  if (!isDeprecated(version)) return;
  log.warn(
    { version: `${version.major}.${version.minor}` },
    `external.strategy is externalIPs, ${deprecationOf(version)}: loadBalancer and nodePort go on, and Services are edited in place`,
  );
}
