import { NotLeading } from './leader.ts';
import type { KubeClient } from './types.ts';

/** The same client, that refuses to write from the moment when this process does not lead any more. */
export function guardWrites(client: KubeClient, isLeading: () => boolean): KubeClient {
  return {
    ...client,
    request(options) {
      const isRead = (options.method ?? 'GET') === 'GET';
      return isRead || isLeading() ? client.request(options) : Promise.reject(new NotLeading());
    },
  };
}
