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
  let line = 1;
  let lineStart = 0;
  for (let i = 0; i < limit; i++) {
    const unit = text.charCodeAt(i);
    const breaks = unit === 0x0a || (unit === 0x0d && text.charCodeAt(i + 1) !== 0x0a);
    if (!breaks) continue;
    line++;
    lineStart = i + 1;
  }
  return { line, column: limit - lineStart + 1 };
}
