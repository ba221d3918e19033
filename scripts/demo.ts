import { demonstrate } from './demo/story.ts';
import { isInSandbox } from '../test/cluster/isolation.ts';

/**
 * A whole cluster with Waymark and the examples in it, on this machine: `make demo`. Stays up until Ctrl-C;
 * with `--exit` it ends by itself, with 1 when anything did not work.
 */
async function main(): Promise<number> {
  if (!isInSandbox()) {
    console.error("the demo runs in a sandbox: 'make demo'");
    return 2;
  }
  try {
    await demonstrate({ stays: !process.argv.includes('--exit') });
    return 0;
  } catch (error) {
    console.error(`\nThe demo did not work: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

// What a failed step left running must not keep the demo alive: the sandbox ends it.
process.exit(await main());
