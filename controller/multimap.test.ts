import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createMultimap } from './multimap.ts';

const step = fc.record({
  what: fc.constantFrom('add', 'remove'),
  key: fc.constantFrom('a', 'b'),
  value: fc.constantFrom('1', '2', '3'),
});

describe('a multimap', () => {
  it('holds what a map of sets would hold, in the same order, after any steps', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), steps => {
        const multimap = createMultimap<string, string>();
        const sets = new Map<string, Set<string>>([
          ['a', new Set()],
          ['b', new Set()],
        ]);
        for (const { what, key, value } of steps) {
          multimap[what](key, value);
          if (what === 'add') sets.get(key)?.add(value);
          else sets.get(key)?.delete(value);

          for (const [one, values] of sets) expect(multimap.of(one)).toEqual([...values]);
          const filled = [...sets].filter(([, values]) => values.size > 0).map(([one]) => one);
          expect([...multimap.keys()].sort()).toEqual(filled);
        }
      }),
    );
  });
});
