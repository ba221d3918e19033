import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createMemory } from './memory.ts';

function counted(limits = { entries: 2, length: 100, longestKey: 10 }) {
  const made: string[] = [];
  const memory = createMemory(key => {
    made.push(key);
    return { key };
  }, limits);
  return { memory, made };
}

describe('a memory', () => {
  it('makes an answer once', () => {
    const { memory, made } = counted();

    expect(memory.recall('a')).toBe(memory.recall('a'));
    expect(made).toEqual(['a']);
  });

  it('forgets what was not asked for longest', () => {
    const { memory, made } = counted();
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) memory.recall(key);

    expect(made).toEqual(['a', 'b', 'c', 'b']);
  });

  it('does not keep long keys', () => {
    const { memory } = counted();
    memory.recall('a'.repeat(11));

    expect(memory.size).toBe(0);
  });

  it('keeps within its limits, whatever is asked', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 12 })), keys => {
        const { memory } = counted({ entries: 5, length: 30, longestKey: 10 });
        for (const key of keys) expect(memory.recall(key)).toEqual({ key });
        expect(memory.size).toBeLessThanOrEqual(5);
      }),
    );
  });
});
