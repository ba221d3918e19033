import { afterAll, beforeAll } from '@jest/globals';
import { startWorld, stopWorlds } from '../world.ts';
import type { World, WorldOptions } from '../world.ts';
import { openScene } from './scene.ts';
import type { Scene } from './scene.ts';
import { startGenerator } from './traffic.ts';
import type { Generator } from './traffic.ts';

export type Story<T> = (scene: Scene) => Promise<T>;

export interface Stage {
  world(): World;
  /** A scene of its own, for stories that need the whole cluster. */
  scene(name: string): Promise<Scene>;
}

/** For the top of a test file: a cluster with a gateway, and what sends requests to it. */
export function setStage(options: WorldOptions = {}): Stage {
  let world: World | undefined;
  let generator: Generator | undefined;
  beforeAll(async () => {
    world = await startWorld({ ...options, istio: true });
    generator = startGenerator(world.cluster);
  });
  afterAll(async () => {
    await generator?.close();
    await stopWorlds();
  });

  function opened<T>(one: T | undefined): T {
    if (one === undefined) throw new Error('only inside a test');
    return one;
  }

  return {
    world: () => opened(world),
    scene: name => openScene(opened(world), opened(generator), name),
  };
}

/** So many stories at once: each sends its requests, and two cores are not many. */
const AT_ONCE = 4;

/**
 * Begins all stories after the stage is set, a few at a time, in their order, and gives for each what it told: a test waits for
 * its own, and the others go on meanwhile. Scenes of stories that went well are struck at once, to make room.
 */
export function perform<T extends Readonly<Record<string, unknown>>>(
  stage: Stage,
  stories: { readonly [K in keyof T]: Story<T[K]> },
): { readonly [K in keyof T]: () => Promise<T[K]> } {
  const names = Object.keys(stories) as (keyof T & string)[];
  const endings = new Map<keyof T, PromiseWithResolvers<T[keyof T]>>();
  for (const name of names) {
    const ending = Promise.withResolvers<T[keyof T]>();
    // A story may fail before its test asks how it went.
    ending.promise.catch(() => undefined);
    endings.set(name, ending);
  }

  async function play(name: keyof T & string): Promise<void> {
    const ending = endings.get(name);
    try {
      const scene = await stage.scene(kebab(name));
      const facts = await stories[name](scene);
      await scene.end();
      ending?.resolve(facts);
    } catch (error) {
      ending?.reject(error);
    }
  }

  beforeAll(() => {
    const waiting = [...names];
    const takeTurns = async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await play(name);
    };
    for (let each = 0; each < AT_ONCE; each++) void takeTurns();
  });

  const told = names.map(name => [name, () => endings.get(name)?.promise] as const);
  return Object.fromEntries(told) as { readonly [K in keyof T]: () => Promise<T[K]> };
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}
