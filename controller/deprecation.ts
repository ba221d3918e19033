import { versionOf } from '../kube/cluster-objects.ts';
import type { KubeClient } from '../kube/types.ts';
import type { Logger } from '../runtime/log.ts';
import { deprecationOf, isDeprecated } from '../shared/plan/external-admission.ts';
import type { Settings } from '../shared/settings.ts';

/**
 * One line for the platform where its way of giving access has an end; users are told by the webhook. Never rejects:
 * nothing depends on it.
 */
export async function warnOfDeprecation({ external }: Settings, client: KubeClient, log: Logger): Promise<void> {
  if (external.strategy !== 'externalIPs') return;
  try {
    const version = versionOf(await client.request({ path: '/version' }));
    if (!isDeprecated(version)) return;
    log.warn(
      { version: `${version.major}.${version.minor}` },
      `external.strategy is externalIPs, ${deprecationOf(version)}: loadBalancer and nodePort go on, and Services are edited in place`,
    );
  } catch (error) {
    log.debug({ err: error }, 'version of the API server not read');
  }
}
