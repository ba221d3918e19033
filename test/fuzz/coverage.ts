import { registerHooks } from 'node:module';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { instrument } from './instrument.ts';

/** How often each branch was taken, by classes: a loop that runs eight times is another way than one that runs twice. */
export interface Coverage {
  /** Words of the program texts that have been loaded so far. */
  readonly words: ReadonlySet<string>;
  /** Branches that there are in what has been loaded so far. */
  total(): number;
  covered(): number;
  begin(): void;
  /** How many branches were taken since `begin` that never were before, or never in this class of times. */
  news(): number;
}

const EDGES = '__waymarkFuzzEdges';
const MOST_EDGES = 1 << 16;

/** 1, 2, 3, 4–7, 8–15, 16–31, 32–127, 128 and more: one bit each. */
const CLASS = Uint8Array.from({ length: 256 }, (_, times) => {
  if (times < 4) return times === 0 ? 0 : 1 << (times - 1);
  return 1 << Math.min(7, times < 8 ? 3 : times < 16 ? 4 : times < 32 ? 5 : times < 128 ? 6 : 7);
});

/**
 * From now on every TypeScript file that this thread loads from one of the folders counts its branches. Must be called
 * before the first of them is loaded.
 */
export function coverOf(folders: readonly string[]): Coverage {
  const edges = new Uint8Array(MOST_EDGES);
  const seen = new Uint8Array(MOST_EDGES);
  const words = new Set<string>();
  let used = 0;
  (globalThis as Record<string, unknown>)[EDGES] = edges;

  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (loaded.format !== 'module-typescript' || !loaded.source) return loaded;
      const path = fileURLToPath(url);
      if (!folders.some(folder => path.startsWith(folder + sep))) return loaded;
      const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
      const instrumented = instrument(source, path, used, EDGES);
      if (instrumented.nextEdge > MOST_EDGES) throw new Error('more branches than counters');
      used = instrumented.nextEdge;
      for (const word of instrumented.words) words.add(word);
      return { ...loaded, source: instrumented.code };
    },
  });

  return {
    words,
    total: () => used,
    covered: () => seen.subarray(0, used).reduce((sum, classes) => sum + (classes === 0 ? 0 : 1), 0),
    begin: () => void edges.fill(0, 0, used),
    news() {
      let found = 0;
      for (let i = 0; i < used; i++) {
        const times = edges[i] ?? 0;
        if (times === 0) continue;
        const bit = CLASS[times] ?? 0;
        const known = seen[i] ?? 0;
        if ((known & bit) !== 0) continue;
        seen[i] = known | bit;
        found++;
      }
      return found;
    },
  };
}
