import { getHeapStatistics } from 'node:v8';
import type { Dictionary } from './dictionary.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import type { Target } from './target.ts';

/** What tells a new way through the program from one that is known. Absent = inputs are made from the seeds alone. */
export interface Guide {
  begin(): void;
  news(): number;
}

export interface ExploreOptions {
  readonly target: Target;
  /** Inputs that are tried, beside the seeds. */
  readonly inputs: number;
  readonly seed: number;
  readonly words: Dictionary;
  readonly guide?: Guide;
  /** Told of every input before it is run, so that it is known if it never ends. */
  readonly onInput?: (input: string) => void;
  /** Broken promises after which to stop. */
  readonly most?: number;
}

export interface Exploration {
  readonly target: string;
  readonly inputs: number;
  /** Inputs that were kept because they took a new way. */
  readonly corpus: number;
  /** Milliseconds of all inputs, and of the slowest. */
  readonly took: number;
  readonly slowest: { readonly took: number; readonly input: string };
  /** Bytes. */
  readonly peakHeap: number;
  readonly broken: readonly Broken[];
}

export interface Broken {
  readonly input: string;
  readonly message: string;
}

/** Milliseconds of this thread's work that an answer may take: another program on the machine must not count. */
const LIMIT = 1_000;
/** In one corpus; the oldest of what was found goes first. */
const LARGEST_CORPUS = 4_096;
/** UTF-16 units; what is longer is tried, and never kept. */
const LONGEST_KEPT = 4_096;
const HEAP_EVERY = 64;

/**
 * Tries inputs, each made by changing one that is known. What takes a new way through the program is known from then
 * on. Equal options give equal inputs.
 */
export async function explore(options: ExploreOptions): Promise<Exploration> {
  const { target, inputs, seed, words, guide, onInput, most = 5 } = options;
  const random = createRandom(seed);
  const corpus: string[] = [];
  const broken = new Map<string, Broken>();
  let slowest = { took: 0, input: '' };
  let peakHeap = 0;
  let tried = 0;
  const begin = performance.now();

  const judged = (input: string) => {
    onInput?.(input);
    return judge(target, input);
  };
  async function attempt(input: string): Promise<boolean> {
    guide?.begin();
    const outcome = await judged(input);
    const isNew = (guide?.news() ?? 0) > 0;
    if (outcome.took > slowest.took) slowest = { took: outcome.took, input };
    if (++tried % HEAP_EVERY === 0) peakHeap = Math.max(peakHeap, getHeapStatistics().used_heap_size);
    if (outcome.message === undefined) return isNew;
    const kind = kindOf(outcome.message);
    if (!broken.has(kind)) broken.set(kind, await smallest({ input, message: outcome.message }, kind, judged));
    return false;
  }

  const seeds = target.seeds();
  for (const input of seeds) {
    corpus.push(input);
    await attempt(input);
    if (broken.size >= most) break;
  }
  for (let i = 0; i < inputs && broken.size < most; i++) {
    const input = target.mutate(chosen(corpus, random), random, words, () => random.pick(corpus));
    if (!(await attempt(input)) || input.length > LONGEST_KEPT) continue;
    corpus.push(input);
    if (corpus.length > LARGEST_CORPUS) corpus.splice(seeds.length, 1);
  }
  return {
    target: target.name,
    inputs: tried,
    corpus: corpus.length,
    took: performance.now() - begin,
    slowest,
    peakHeap,
    broken: [...broken.values()],
  };
}

/** Half of them among the youngest, which have led furthest; of two, mostly the shorter one. */
function chosen(corpus: readonly string[], random: Random): string {
  const young = corpus.slice(-64);
  const one = random.pick(random.once(2) ? young : corpus);
  const other = random.pick(corpus);
  return other.length < one.length && !random.once(3) ? other : one;
}

interface Judgement {
  readonly took: number;
  /** Absent when all promises were kept. */
  readonly message?: string;
}

function millisecondsSince(begin: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(begin);
  return (user + system) / 1_000;
}

/** What is slow is asked again: a collection of garbage may have been due. */
async function judge(target: Target, input: string): Promise<Judgement> {
  const { limit = LIMIT } = target;
  let took = Infinity;
  for (let round = 0; round < 3 && took > limit; round++) {
    const begin = process.threadCpuUsage();
    try {
      await target.run(input);
    } catch (error) {
      return { took: millisecondsSince(begin), message: messageOf(error) };
    }
    took = Math.min(took, millisecondsSince(begin));
  }
  return took <= limit ? { took } : { took, message: `no answer is slower than ${limit} ms: ${Math.round(took)} ms` };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return `nothing is thrown: ${String(error)}`;
  return error.name === 'BrokenPromise' ? error.message : `nothing is thrown: ${error.stack ?? error.message}`;
}

/** Of several inputs that break one promise in one way the first is enough. */
function kindOf(message: string): string {
  return message.replace(/[^a-zA-Z ]+/g, ' ').slice(0, 60);
}

const MOST_CUTS = 400;
/** Milliseconds after which what has been found is short enough. */
const LONGEST_CUTTING = 10_000;

/** Leaves out what the mistake does not need: pieces that get shorter and shorter. */
async function smallest(found: Broken, kind: string, judged: (input: string) => Promise<Judgement>): Promise<Broken> {
  let best = found;
  const begin = performance.now();
  let cuts = 0;
  const goesOn = () => cuts++ < MOST_CUTS && performance.now() - begin < LONGEST_CUTTING;
  for (let size = Math.ceil(best.input.length / 2); size >= 1; size = size >> 1) {
    for (let at = 0; at < best.input.length && goesOn();) {
      const input = best.input.slice(0, at) + best.input.slice(at + size);
      const { message } = await judged(input);
      if (message !== undefined && kindOf(message) === kind) best = { input, message };
      else at += size;
    }
  }
  return best;
}
