import type { Position } from '../shared/source.ts';

/** The lines of one file, indexed once, so that many places in a large file cost little. Counts as `positionAt` does. */
export interface Lines {
  positionAt(offset: number): Position;
  /** Text of a line, counted from 1, without its end. */
  line(number: number): string;
}

export function indexLines(text: string): Lines {
  const starts = [0];
  for (const lineEnd of text.matchAll(/\r\n?|\n/g)) starts.push(lineEnd.index + lineEnd[0].length);

  return {
    positionAt(offset) {
      const limit = Math.min(offset, text.length);
      const line = lastNotAfter(starts, limit);
      return { line: line + 1, column: limit - (starts[line] ?? 0) + 1 };
    },
    line(number) {
      const start = starts[number - 1] ?? text.length;
      const end = starts[number] ?? text.length;
      return text.slice(start, end).replace(/[\r\n]+$/, '');
    },
  };
}

/** Index of the last entry that is not greater than `value`; `sorted` starts with 0. */
function lastNotAfter(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
