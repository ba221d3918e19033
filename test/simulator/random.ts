import { createRandom } from '../fuzz/random.ts';
import type { Random } from '../fuzz/random.ts';

/** Numbers that look random, from one seed; each purpose has its own, so that one more for one changes no other. */
export interface Dice extends Random {
  /** From 0 to below 1. */
  fraction(): number;
  /** From `low` to below `high`; short ones are more frequent. */
  delay(low: number, high: number): number;
  fork(purpose: string): Dice;
}

const STEPS = 2 ** 30;

export function createDice(seed: number): Dice {
  const random = createRandom(seed);
  const fraction = () => random.below(STEPS) / STEPS;
  return {
    ...random,
    fraction,
    delay: (low, high) => low + (high - low) * fraction() ** 2,
    fork(purpose) {
      let mixed = seed >>> 0;
      for (let i = 0; i < purpose.length; i++) mixed = Math.imul(mixed ^ purpose.charCodeAt(i), 0x01000193) >>> 0;
      return createDice(mixed);
    },
  };
}
