import { run } from '../command.ts';

const MOST_CLUSTERS = 200;

export interface NodeAddress {
  readonly address: string;
  release(): Promise<void>;
}

/**
 * Takes the first free one of 10.0.0.2, 10.0.0.3, … for a cluster. Everything of the cluster binds to it,
 * so that several clusters in one sandbox use the same ports.
 * The kernel refuses an address that is there already: adding it is the lock, across processes too.
 */
export async function claimNodeAddress(): Promise<NodeAddress> {
  for (let number = 0; number < MOST_CLUSTERS; number++) {
    const address = `10.0.0.${number + 2}`;
    const added = await run('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
    if (added.code === 0) return { address, release: () => release(address) };
    // Older iproute2 says "File exists", newer "Address already assigned".
    if (!/exists|assigned/.test(added.stderr)) throw new Error(`node address ${address}: ${added.stderr.trim()}`);
  }
  throw new Error(`more than ${MOST_CLUSTERS} clusters in one sandbox`);
}

async function release(address: string): Promise<void> {
  await run('ip', ['address', 'del', `${address}/32`, 'dev', 'lo']);
}
