import type { ClusterAddresses } from './cluster-facts.ts';
import { canonicalAddress, canonicalBlock, holdsAddress } from './values/ip-address.ts';

/** The parts of a Node that say which addresses are its own. */
export interface NodeAddresses {
  readonly name: string;
  readonly addresses: readonly string[];
  /** Of its Pods. */
  readonly podCIDRs: readonly string[];
}

export interface AddressSources {
  readonly nodes: Iterable<NodeAddresses>;
  /** Blocks that Services get their addresses from. */
  readonly serviceCIDRs: Iterable<string>;
  readonly apiServer: Iterable<string>;
}

/** What of the cluster has which address. Of two that have the same, the later Node by name counts. */
export function clusterAddresses({ nodes, serviceCIDRs, apiServer }: AddressSources): ClusterAddresses {
  const byAddress = new Map<string, string>();
  const blocks = new Map<string, string>();
  for (const address of apiServer) put(byAddress, canonicalAddress(address), 'the API server');
  for (const { name, addresses, podCIDRs } of [...nodes].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    for (const address of addresses) put(byAddress, canonicalAddress(address), `Node ${name}`);
    for (const block of podCIDRs) put(blocks, canonicalBlock(block), `the Pods of Node ${name}`);
  }
  for (const block of serviceCIDRs) put(blocks, canonicalBlock(block), 'the Services');
  return { byAddress, blocks };
}

function put(map: Map<string, string>, key: string | undefined, value: string): void {
  if (key !== undefined) map.set(key, value);
}

/** What of the cluster has a canonical address, as it is said of one: `Node worker-1`. */
export function whoHasAddress({ byAddress, blocks }: ClusterAddresses, address: string): string | undefined {
  const one = byAddress.get(address);
  if (one !== undefined) return one;
  for (const [block, what] of blocks) if (holdsAddress(block, address)) return what;
  return undefined;
}
