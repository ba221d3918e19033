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
 * Turns a range inside a scalar's value into the range of the file's text that it was written as, whatever its style.
 * Where value and text do not agree it is the start of the scalar.
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
    case Scalar.BLOCK_FOLDED:
      return foldedPlaces(source, value);
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
    // The last line of a file may lack its end, which the value has all the same.
    if (lineStart > source.length && line === '') break;
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
  starts.length = value.length;
  ends.length = value.length;
  return { starts, ends };
}

function indexOrEnd(text: string, what: string, from: number): number {
  const index = text.indexOf(what, from);
  return index === -1 ? text.length : index;
}

/**
 * What is no blank stands in a folded block in the order of the value, and nothing else does: so each piece of a line
 * is found in the value behind the blanks that its line ends and its indentation became.
 */
function foldedPlaces(source: string, value: string): UnitPlaces | undefined {
  const written = new Written();
  let lineEnds: number[] = [];
  let lineStart = source.indexOf('\n') + 1;
  while (lineStart < source.length) {
    const lineEnd = indexOrEnd(source, '\n', lineStart);
    const contentEnd = source[lineEnd - 1] === '\r' && lineEnd > lineStart ? lineEnd - 1 : lineEnd;
    let contentStart = lineStart;
    while (contentStart < contentEnd && source[contentStart] === ' ') contentStart++;
    if (contentStart < contentEnd) {
      const content = source.slice(contentStart, contentEnd);
      addBlanks(written, value, lineEnds, contentStart);
      if (!value.startsWith(content, written.length)) return undefined;
      for (let unit = contentStart; unit < contentEnd; unit++) written.add(unit, unit + 1);
      lineEnds = [];
    }
    lineEnds.push(contentEnd);
    lineStart = lineEnd + 1;
  }
  addBlanks(written, value, lineEnds, source.length);
  return written.length === value.length ? written : undefined;
}

/**
 * The blanks of the value up to its next piece, which starts at `contentStart` in the source. Of a line that is indented
 * more than the block the blanks in front belong to the value; all others are line ends.
 */
function addBlanks(written: Written, value: string, lineEnds: readonly number[], contentStart: number): void {
  const blanks = matchAt(FOLDED_BLANKS, value, written.length) ?? '';
  // A single space is a line end, unless it is the indentation of a first line.
  const isFold = blanks === ' ' && lineEnds.length > 0;
  const indentation = isFold ? 0 : blanks.length - (blanks.lastIndexOf('\n') + 1);
  let line = 0;
  for (const blank of blanks.slice(0, blanks.length - indentation)) {
    const lineEnd = lineEnds[Math.min(line, lineEnds.length - 1)] ?? contentStart;
    written.add(lineEnd, lineEnd + 1);
    if (blank === '\n') line++;
  }
  for (let unit = contentStart - indentation; unit < contentStart; unit++) written.add(unit, unit + 1);
}

/** Where the units of a value were written, in their order. */
class Written implements UnitPlaces {
  readonly starts: number[] = [];
  readonly ends: number[] = [];

  get length(): number {
    return this.starts.length;
  }

  add(start: number, end: number, units = 1): void {
    for (let i = 0; i < units; i++) {
      this.starts.push(start);
      this.ends.push(end);
    }
  }
}

const FOLDED_BLANKS = /[ \n]*/y;
const BLANKS = /[ \t]+/y;
const LINE_ENDS = /(?:\r?\n[ \t]*)+/y;
const ESCAPED_LINE_END = /\\\r?\n[ \t]*/y;
const ESCAPE_LENGTH: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

/** Plain and quoted scalars: escapes are longer than what they stand for, and line ends are folded. */
function flowPlaces(source: string, type: Scalar.Type, value: string): UnitPlaces | undefined {
  const written = new Written();
  let at = type === Scalar.PLAIN ? 0 : 1;
  const end = source.length - at;
  while (at < end) {
    const blanks = matchAt(BLANKS, source, at)?.length ?? 0;
    const fold = matchAt(LINE_ENDS, source, at + blanks);
    if (fold !== undefined) {
      // One line end is a space; n of them are n - 1 line ends. Blanks around them are nothing.
      const length = blanks + fold.length;
      written.add(at, at + length, Math.max(1, fold.split('\n').length - 2));
      at += length;
      continue;
    }
    if (blanks > 0) {
      for (let unit = at; unit < at + blanks; unit++) written.add(unit, unit + 1);
      at += blanks;
      continue;
    }
    const escapedEnd = type === Scalar.QUOTE_DOUBLE ? matchAt(ESCAPED_LINE_END, source, at) : undefined;
    if (escapedEnd !== undefined) {
      at += escapedEnd.length;
      continue;
    }
    const length = writtenLength(source, type, at);
    if (length === 1 && source[at] !== value[written.length]) return undefined;
    written.add(at, at + length, length === 10 ? unitsOfEscape(source, at) : 1);
    at += length;
  }
  return written.length === value.length ? written : undefined;
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
