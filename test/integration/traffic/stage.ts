import { afterAll, beforeAll } from '@jest/globals';
import { startWorld, stopWorlds } from '../world.ts';
import type { World, WorldOptions } from '../world.ts';
import { openScene } from './scene.ts';
import type { Scene } from './scene.ts';
import { startGenerator } from './traffic.ts';
import type { Generator } from './traffic.ts';

/** What happens in one scene; it tells what its test looks at. */
export type Story<T> = (scene: Scene) => Promise<T>;

export interface Stage {
  world(): World;
  scene(name: string): Promise<Scene>;
  /**
   * Has stories played as soon as the cluster is up, and gives for each what it told: a test waits for its own, and the others go
   * on meanwhile. Scenes of stories that ended well are struck at once, to make room.
   */
  perform<T extends Readonly<Record<string, unknown>>>(stories: { readonly [K in keyof T]: Story<T[K]> }): {
    readonly [K in keyof T]: () => Promise<T[K]>;
  };
}

export interface StageOptions extends Omit<WorldOptions, 'values' | 'istio'> {
  /** So many stories at once: each sends its requests and runs its Pods. Default 3. */
  readonly atOnce?: number;
  /** Once the cluster is up, and before the first story. */
  readonly prepare?: (world: World) => Promise<void>;
}

/** No scene shares more than the cluster with another: all of them have the same models. */
const VALUES = { settings: { ingressHost: '' } };

/** For the top of a test file: a cluster with a gateway, and what sends requests to it. */
export function setStage({ atOnce = 3, prepare, ...options }: StageOptions = {}): Stage {
  let world: World | undefined;
  let generator: Generator | undefined;
  const waiting: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    world = await startWorld({ ...options, values: VALUES, istio: true });
    await prepare?.(world);
    generator = startGenerator(world.cluster);
    for (let each = 0; each < atOnce; each++) void takeTurns();
  });
  afterAll(async () => {
    await generator?.close();
    await stopWorlds();
  });

  async function takeTurns(): Promise<void> {
    for (let play = waiting.shift(); play !== undefined; play = waiting.shift()) await play();
  }

  async function play<T>(name: string, story: Story<T>): Promise<T> {
    const scene = await stage.scene(name);
    const told = await story(scene);
    await scene.end();
    return told;
  }

  const stage: Stage = {
    world: () => opened(world),
    scene: name => openScene(opened(world), opened(generator), name),
    perform<T extends Readonly<Record<string, unknown>>>(stories: { readonly [K in keyof T]: Story<T[K]> }) {
      const asked = Object.entries<Story<unknown>>(stories).map(([name, story]) => {
        const ending = Promise.withResolvers<unknown>();
        // A story may fail before its test asks how it went.
        ending.promise.catch(() => undefined);
        if (!isAsked(name)) ending.reject(new Error('the story is left out'));
        else waiting.push(() => play(kebab(name), story).then(ending.resolve, ending.reject));
        return [name, () => ending.promise] as const;
      });
      return Object.fromEntries(asked) as { readonly [K in keyof T]: () => Promise<T[K]> };
    },
  };
  return stage;
}

function opened<T>(one: T | undefined): T {
  if (one === undefined) throw new Error('only inside a test');
  return one;
}

/** `STORIES=replace,gitOps` leaves the others out, and their tests fail. */
function isAsked(name: string): boolean {
  const asked = process.env['STORIES'];
  return asked === undefined || asked.split(',').includes(name);
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}
