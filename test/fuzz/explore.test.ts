import { describe, expect, it } from '@jest/globals';
import { dictionaryOf } from './dictionary.ts';
import { explore } from './explore.ts';
import type { Guide } from './explore.ts';
import { must } from './target.ts';
import type { Target } from './target.ts';

const words = dictionaryOf();

/** Where it has come to, letter by letter: what coverage tells of a program. */
let steps = 0;

/** Breaks its promise on one text only, which nobody hits by chance. */
const maze: Target = {
  name: 'maze',
  share: 1,
  seeds: () => ['ABCDEF'],
  mutate: (input, random) => {
    const at = random.below(input.length);
    return input.slice(0, at) + String.fromCharCode(0x61 + random.below(26)) + input.slice(at + 1);
  },
  run(input) {
    steps = 0;
    for (const letter of 'wayout') {
      if (input[steps] !== letter) return;
      steps++;
    }
    must(false, 'nobody gets out', input);
  },
};

function guide(): Guide {
  const seen = new Set<number>();
  return {
    begin: () => (steps = 0),
    news() {
      const isNew = !seen.has(steps);
      seen.add(steps);
      return isNew ? 1 : 0;
    },
  };
}

describe('an exploration', () => {
  it('finds its way step by step to what no single change would reach', async () => {
    const { broken } = await explore({ target: maze, inputs: 20_000, seed: 1, words, guide: guide() });

    expect(broken).toEqual([{ input: 'wayout', message: 'nobody gets out: wayout' }]);
  });

  it('does not find it without a guide', async () => {
    const { broken } = await explore({ target: maze, inputs: 20_000, seed: 1, words });

    expect(broken).toEqual([]);
  });

  it('tries the same inputs for the same seed, others for another', async () => {
    const inputsOf = async (seed: number) => {
      const inputs: string[] = [];
      await explore({ target: maze, inputs: 50, seed, words, onInput: input => inputs.push(input) });
      return inputs.join(' ');
    };

    expect(await inputsOf(7)).toBe(await inputsOf(7));
    expect(await inputsOf(7)).not.toBe(await inputsOf(8));
  });

  it('shows the shortest input that breaks the promise, once', async () => {
    const needle: Target = {
      name: 'needle',
      share: 1,
      seeds: () => ['hay hay needle hay', 'more hay needle'],
      mutate: input => input,
      run: input => must(!input.includes('needle'), 'there is no needle'),
    };

    const { broken } = await explore({ target: needle, inputs: 10, seed: 1, words });

    expect(broken).toEqual([{ input: 'needle', message: 'there is no needle' }]);
  });

  it('takes an exception for a broken promise', async () => {
    const thrower: Target = {
      name: 'thrower',
      share: 1,
      seeds: () => ['x'],
      mutate: input => input,
      run: () => {
        throw new TypeError('x is not a function');
      },
    };

    const { broken } = await explore({ target: thrower, inputs: 0, seed: 1, words });

    expect(broken).toMatchObject([{ message: expect.stringContaining('nothing is thrown: TypeError') }]);
  });
});
