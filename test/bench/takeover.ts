import { availableParallelism, cpus } from 'node:os';
import { openScene } from '../integration/traffic/scene.ts';
import type { Scene } from '../integration/traffic/scene.ts';
import { startGenerator } from '../integration/traffic/traffic.ts';
import { startWorld, stopWorlds } from '../integration/world.ts';
import { BAKE, RATE, crashing, killedInTheMiddle, quiet, takeover, wayBack } from './takeover-measures.ts';
import type { Takeover } from './takeover-measures.ts';
import { rowsOf, tableOf } from './takeover-rows.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 3);

await main().finally(stopWorlds);

async function main(): Promise<void> {
  // Without a domain or a host for all paths a version has nothing but the shared host, as with the peers.
  const world = await startWorld({ istio: true, values: { settings: { domain: '', ingressHost: '' } } });
  const generator = startGenerator(world.cluster);
  console.log(`${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores, Node ${process.version}`);
  console.log(`3 replicas, ${RATE} requests/s, 0.5 s to start, bake ${BAKE / 1000} s; medians of ${ROUNDS}`);

  /** One measure in a scene of its own, which goes afterwards. */
  async function measured<T>(name: string, measure: (scene: Scene) => Promise<T>): Promise<T> {
    const scene = await openScene(world, generator, name);
    const result = await measure(scene);
    await scene.end();
    return result;
  }

  const takeovers: Takeover[] = [];
  const back: number[] = [];
  const killed: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    takeovers.push(await measured(`takeover-${round}`, takeover));
    back.push(await measured(`back-${round}`, wayBack));
    killed.push(await measured(`killed-${round}`, killedInTheMiddle));
  }
  const crash = await measured('crashing', crashing);
  const still = await measured('quiet', scene => quiet(world, scene));
  await generator.close();
  console.log(tableOf(rowsOf({ takeovers, back, killed, crash, quiet: still })));
}
