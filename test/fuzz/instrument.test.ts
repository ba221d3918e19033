import { describe, expect, it } from '@jest/globals';
import { runInNewContext } from 'node:vm';
import { instrument } from './instrument.ts';

/** Runs an expression in a program text, and says what it is and which branches were taken how often. */
function run(source: string, expression: string): { value: unknown; taken: readonly number[] } {
  const { code, nextEdge } = instrument(source, 'sample.ts', 0, 'edges');
  const edges = new Uint8Array(nextEdge);
  const value: unknown = runInNewContext(`${code}\n${expression}`, { edges });
  return { value, taken: [...edges] };
}

describe('a program with counters', () => {
  it.each([
    ['a side of a condition', 'const f = a => (a ? 1 : 2)', 'f(1)', 'f(0)', 1, 2],
    ['an if without else', 'function f(a) { if (a) return 1; return 2 }', 'f(1)', 'f(0)', 1, 2],
    [
      'an else behind an if behind an if',
      'function f(a) { if (a > 0) if (a > 1) return 1; else return 2; return 3 }',
      'f(2)',
      'f(1)',
      1,
      2,
    ],
    ['the right side of &&', 'const f = a => a && 1', 'f(2)', 'f(0)', 1, 0],
    ['the right side of ??', 'const f = a => a ?? 1', 'f(null)', 'f(0)', 1, 0],
    ['a case', 'function f(a) { switch (a) { case 1: return 1; default: return 2 } }', 'f(1)', 'f(0)', 1, 2],
    ['a catch', 'function f(a) { try { if (a) throw 1; return 2 } catch { return 1 } }', 'f(1)', 'f(0)', 1, 2],
    ['a body that is an object', 'const f = a => ({ a })', 'f(1).a', 'f(0).a + f(0).a', 1, 0],
  ])('counts %s, and does what it did', (_, source, one, other, oneValue, otherValue) => {
    const [first, second] = [run(source, one), run(source, other)];

    expect([first.value, second.value]).toEqual([oneValue, otherValue]);
    expect(first.taken).not.toEqual(second.taken);
  });

  it('counts how often a loop runs', () => {
    const { taken } = run('function f(n) { for (let i = 0; i < n; i++) n; return n }', 'f(5)');

    expect(taken).toContain(5);
  });

  it('has as many lines as before, and no counter in a type', () => {
    const source =
      "type A = 'x' extends 'y' ? 1 : 2;\ninterface B { a: string }\nconst f = (a: A): B =>\n  a ? one : two;\n";

    const { code, nextEdge } = instrument(source, 'sample.ts', 10, 'edges');

    expect(code.split('\n')).toHaveLength(source.split('\n').length);
    expect(nextEdge).toBe(13);
  });

  it('tells which words stand in it', () => {
    const { words } = instrument(
      "const table = { strategy: { doc: 'how it goes', words: ['replace'] } };",
      'x.ts',
      0,
      'e',
    );

    expect(words).toEqual(expect.arrayContaining(['strategy', 'replace']));
  });
});
