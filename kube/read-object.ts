import { isNotFound } from './kube-error.ts';
import type { KubeClient, KubeObject, RequestOptions } from './types.ts';

/** One object by its path; `undefined` = it is not there. Rejects with KubeError. */
export async function readObject(
  client: KubeClient,
  path: string,
  options: Pick<RequestOptions, 'timeout' | 'signal'> = {},
): Promise<KubeObject | undefined> {
  try {
    return (await client.request({ path, ...options })) as KubeObject;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
