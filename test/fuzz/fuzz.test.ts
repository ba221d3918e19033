import { afterAll, describe, expect, it } from '@jest/globals';
import { dictionaryOf } from './dictionary.ts';
import { explore } from './explore.ts';
import { TARGETS } from './targets.ts';

/** A short part of `make fuzz`, the same every time, made from the seeds alone. */
const INPUTS: Readonly<Record<string, number>> = {
  annotation: 1_500,
  review: 1_500,
  settings: 1_200,
  file: 60,
  https: 40,
};

const words = dictionaryOf();

afterAll(async () => {
  for (const target of TARGETS) await target.close?.();
});

describe('S-01, S-06, S-20, S-22, W18, W19, W21, W22: whatever comes in, every promise is kept', () => {
  it.each(TARGETS)('for $name', async target => {
    const { broken, inputs } = await explore({ target, inputs: INPUTS[target.name] ?? 0, seed: 20_240_501, words });

    expect(broken.map(({ message, input }) => [message, input].map(text => text.slice(0, 2_000)))).toEqual([]);
    expect(inputs).toBeGreaterThan(INPUTS[target.name] ?? 0);
  });
});
