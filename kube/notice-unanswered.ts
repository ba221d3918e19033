import type { Interruption } from '../shared/cluster-facts.ts';
import { KubeError } from './kube-error.ts';
import type { KubeClient } from './types.ts';

/**
 * The same client, that tells of each request to which no answer came: from when it was sent until it was given up, in
 * milliseconds since the epoch by the API server's clock.
 */
export function noticeUnanswered(
  client: KubeClient,
  onUnanswered: (interruption: Required<Interruption>) => void,
): KubeClient {
  return {
    ...client,
    async request(options) {
      const since = client.serverTime();
      try {
        return await client.request(options);
      } catch (error) {
        const isUnanswered = error instanceof KubeError && (error.code === 'timeout' || error.code === 'unreachable');
        if (isUnanswered) onUnanswered({ since, until: client.serverTime() });
        throw error;
      }
    },
  };
}
