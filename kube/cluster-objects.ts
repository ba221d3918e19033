import type { KubernetesVersion } from '../shared/cluster-facts.ts';
import type { NodeAddresses } from '../shared/cluster-addresses.ts';
import type { Logger } from '../runtime/log.ts';
import type { Namespace } from '../shared/snapshot.ts';
import type { KubeClient, KubeObject } from './types.ts';

/** What objects of the cluster itself say, as far as Waymark asks. */

export function addressesOfNode({ metadata, spec, status }: KubeObject): NodeAddresses {
  const { podCIDRs = [] } = (spec ?? {}) as { readonly podCIDRs?: readonly string[] };
  const { addresses = [] } = (status ?? {}) as {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
  };
  const own = addresses.filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP');
  return { name: metadata.name, addresses: own.map(({ address }) => address), podCIDRs };
}

/** Of a ServiceCIDR. */
export function blocksOfServices({ spec }: KubeObject): readonly string[] {
  return (spec as { readonly cidrs?: readonly string[] } | undefined)?.cidrs ?? [];
}

/** Of an EndpointSlice, ready or not. */
export function addressesOfEndpoints({ endpoints }: KubeObject): readonly string[] {
  const list = (endpoints ?? []) as readonly { readonly addresses: readonly string[] }[];
  return list.flatMap(({ addresses }) => addresses);
}

/** Of a Namespace: what its settings are read from. */
export function namespaceOf({ metadata: { name, labels, annotations } }: KubeObject): Namespace {
  return { metadata: { name, ...(labels && { labels }), ...(annotations && { annotations }) } };
}

/** The API server's version; undefined where it does not say. Never rejects: nothing depends on it. */
export async function readVersion(client: KubeClient, log: Logger): Promise<KubernetesVersion | undefined> {
  try {
    return versionOf(await client.request({ path: '/version' }));
  } catch (error) {
    log.debug({ err: error }, 'version of the API server not read');
    return undefined;
  }
}

/** `GET /version`; undefined for an answer that is none. Clouds write such as `36+`. */
export function versionOf(answer: unknown): KubernetesVersion | undefined {
  const { major, minor } = (answer ?? {}) as { readonly major?: unknown; readonly minor?: unknown };
  const numbers = [major, minor].map(part => Number.parseInt(String(part), 10));
  const [first = NaN, second = NaN] = numbers;
  return Number.isNaN(first) || Number.isNaN(second) ? undefined : { major: first, minor: second };
}
