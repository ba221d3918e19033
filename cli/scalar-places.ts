import { Scalar } from 'yaml';
import type { Range } from '../shared/source.ts';

/**
 * Where the units of a scalar's value stand in the source: unit i of the value is written at [starts[i], ends[i]).
 * Both arrays are as long as the value.
 */
interface UnitPlaces {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/**
 * Turns a range inside a scalar's value into the range of the file's text that it was written as.
 * Exact in literal blocks, plain and quoted scalars; in folded blocks it is the start of the scalar.
 */
export function rangeInSource(text: string, scalar: Scalar<string>, range: Range): Range {
  const [start, end] = scalar.range ?? [0, 0];
  const places = placesOf(text.slice(start, end), scalar);
  if (places === undefined) return { start, end: Math.min(start + 1, end) };

  const last = scalar.value.length - 1;
  const endOf = (unit: number) => start + (places.ends[Math.min(unit, last)] ?? 0);
  const startOf = (unit: number) => (unit > last ? endOf(last) : start + (places.starts[unit] ?? 0));
  const from = startOf(range.start);
  // The end of the last unit, not the start of the next one: that may be on the next line, behind its indentation.
  return { start: from, end: range.end > range.start ? Math.max(from, endOf(range.end - 1)) : from };
}

const remembered = new WeakMap<Scalar<string>, UnitPlaces | undefined>();

function placesOf(source: string, scalar: Scalar<string>): UnitPlaces | undefined {
  if (remembered.has(scalar)) return remembered.get(scalar);
  const places = unitPlaces(source, scalar);
  remembered.set(scalar, places);
  return places;
}

function unitPlaces(source: string, { type, value }: Scalar<string>): UnitPlaces | undefined {
  switch (type) {
    case Scalar.BLOCK_LITERAL:
      return literalPlaces(source, value);
    case Scalar.PLAIN:
    case Scalar.QUOTE_SINGLE:
    case Scalar.QUOTE_DOUBLE:
      return flowPlaces(source, type, value);
    default:
      return undefined;
  }
}

/**
 * A line of a literal block is its indentation followed by the line of the value, whatever the indentation indicator
 * and the chomping say: so the value's line is the tail of the source's.
 */
function literalPlaces(source: string, value: string): UnitPlaces | undefined {
  const starts: number[] = [];
  const ends: number[] = [];
  // The header (`|2-  # comment`) ends with its line.
  let lineStart = source.indexOf('\n') + 1;

  for (const line of value.split('\n')) {
    const lineEnd = indexOrEnd(source, '\n', lineStart);
    const contentEnd = source[lineEnd - 1] === '\r' && lineEnd > lineStart ? lineEnd - 1 : lineEnd;
    const contentStart = contentEnd - line.length;
    if (contentStart < lineStart || source.slice(contentStart, contentEnd) !== line) return undefined;
    for (let unit = contentStart; unit < contentEnd; unit++) {
      starts.push(unit);
      ends.push(unit + 1);
    }
    starts.push(contentEnd);
    ends.push(lineEnd + 1);
    lineStart = lineEnd + 1;
  }
  // Every line but the last one has its end in the value.
  starts.pop();
  ends.pop();
  return { starts, ends };
}

function indexOrEnd(text: string, what: string, from: number): number {
  const index = text.indexOf(what, from);
  return index === -1 ? text.length : index;
}

const FOLD = /[ \t]*(?:\r?\n[ \t]*)+/y;
const ESCAPED_LINE_END = /\\\r?\n[ \t]*/y;
const ESCAPE_LENGTH: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

/** Plain and quoted scalars: escapes are longer than what they stand for, and line ends are folded. */
function flowPlaces(source: string, type: Scalar.Type, value: string): UnitPlaces | undefined {
  const quoted = type !== Scalar.PLAIN;
  const starts: number[] = [];
  const ends: number[] = [];
  const add = (start: number, end: number, units = 1) => {
    for (let i = 0; i < units; i++) {
      starts.push(start);
      ends.push(end);
    }
  };

  let at = quoted ? 1 : 0;
  const end = source.length - at;
  while (at < end) {
    const fold = matchAt(FOLD, source, at);
    if (fold !== undefined) {
      // One line end is a space; n of them are n - 1 line ends.
      add(at, at + fold.length, Math.max(1, fold.split('\n').length - 2));
      at += fold.length;
      continue;
    }
    const escapedEnd = type === Scalar.QUOTE_DOUBLE ? matchAt(ESCAPED_LINE_END, source, at) : undefined;
    if (escapedEnd !== undefined) {
      at += escapedEnd.length;
      continue;
    }
    const length = writtenLength(source, type, at);
    if (length === 1 && source[at] !== value[starts.length]) return undefined;
    add(at, at + length, length === 10 ? unitsOfEscape(source, at) : 1);
    at += length;
  }
  return starts.length === value.length ? { starts, ends } : undefined;
}

function writtenLength(source: string, type: Scalar.Type, at: number): number {
  if (type === Scalar.QUOTE_SINGLE && source.startsWith("''", at)) return 2;
  if (type === Scalar.QUOTE_DOUBLE && source[at] === '\\') return ESCAPE_LENGTH[source[at + 1] ?? ''] ?? 2;
  return 1;
}

/** `\U0001F600` is two UTF-16 units. */
function unitsOfEscape(source: string, at: number): number {
  return Number.parseInt(source.slice(at + 2, at + 10), 16) > 0xffff ? 2 : 1;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
