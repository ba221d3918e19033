/** Where the user wrote something. Offsets inside, lines and columns only at the edge. */

/** Offsets into the text of one annotation, in UTF-16 units; `end` is exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A value that remembers where it was written, until it is rendered. */
export interface Located<T> {
  readonly value: T;
  readonly at: Range;
}

/** Line and column count from 1; columns are UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Line ends are `\n`, `\r\n` and a lone `\r`, as YAML counts them. An offset past the end is at the end. */
export function positionAt(text: string, offset: number): Position {
  const limit = Math.min(offset, text.length);
  const starts = lineStarts(text);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: limit - (starts[low] ?? 0) + 1 };
}

/** Of the text asked about last: findings come in rows about one text, and there may be thousands of them. */
let remembered: { readonly text: string; readonly starts: readonly number[] } = { text: '', starts: [0] };

function lineStarts(text: string): readonly number[] {
  if (remembered.text === text) return remembered.starts;
  const starts = [0];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x0a || (unit === 0x0d && text.charCodeAt(i + 1) !== 0x0a)) starts.push(i + 1);
  }
  remembered = { text, starts };
  return starts;
}
