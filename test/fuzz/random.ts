const { floor, imul } = Math;

/** Numbers that look random and are the same for the same seed: mulberry32. */
export interface Random {
  /** A whole number from 0, less than `limit`. */
  below(limit: number): number;
  /** True once in `times`. */
  once(times: number): boolean;
  /** Throws on an empty list. */
  pick<T>(list: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => floor(next() * limit);
  return {
    below,
    once: times => below(times) === 0,
    pick(list) {
      if (list.length === 0) throw new Error('nothing to pick from');
      return list[below(list.length)] as (typeof list)[number];
    },
  };
}
