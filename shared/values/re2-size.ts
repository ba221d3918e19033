/**
 * How large the program of a pattern gets, at most, in instructions of RE2 on bytes, as Envoy makes it: found by
 * counting, without making it, so that a pattern of ten characters cannot take a second to be refused. Of a text that is
 * no pattern it is some number.
 */
export function patternSize(pattern: string): number {
  const open: Level[] = [];
  let level: Level = { size: 0, last: 0 };
  let size = ENDS;
  for (let at = 0; at < pattern.length;) {
    const token = tokenAt(pattern, at);
    at = token.end;
    if (token.opens) {
      open.push(level);
      level = { size: GROUP, last: 0 };
    } else if (token.closes) {
      const outer = open.pop() ?? { size: 0, last: 0 };
      level = { size: outer.size + outer.last, last: level.size + level.last };
    } else if (token.times !== undefined) {
      level = { size: level.size, last: level.last * token.times + STEP };
    } else level = { size: level.size + level.last, last: token.size };
  }
  for (const each of [...open, level]) size += each.size + each.last;
  return /\(\?[a-zA-Z]*i/.test(pattern) ? size * FOLDED : size;
}

/** What has been read of a group, and the item that a repetition is about. */
interface Level {
  readonly size: number;
  readonly last: number;
}

const STEP = 1;
const ENDS = 16;
const GROUP = 2;
/** Any character, as up to four bytes of UTF-8. */
const ANY = 12;
/** One range of a class, with the choice between it and the next. */
const RANGE = 2;
/** A class of Unicode has some hundred ranges. */
const UNICODE_CLASS = 800;
/** Capitals and small letters: some have a third form. */
const FOLDED = 3;

interface Token {
  readonly end: number;
  readonly size: number;
  readonly opens?: boolean;
  readonly closes?: boolean;
  /** Of a repetition: how many copies are made. */
  readonly times?: number;
}

function tokenAt(pattern: string, at: number): Token {
  const sign = pattern.charAt(at);
  switch (sign) {
    case '\\':
      return escapeAt(pattern, at);
    case '[':
      return classAt(pattern, at);
    case '(':
      return { end: at + 1, size: 0, opens: true };
    case ')':
      return { end: at + 1, size: 0, closes: true };
    case '*':
    case '+':
    case '?':
      return { end: at + 1, size: STEP, times: 1 };
    case '{':
      return countAt(pattern, at);
    case '.':
      return { end: at + 1, size: ANY };
    default:
      return { end: at + 1, size: sign > '\x7f' ? ANY : STEP };
  }
}

function countAt(pattern: string, at: number): Token {
  const [all, least, comma, most] = /^\{(\d{1,5})(,)?(\d{1,5})?\}/.exec(pattern.slice(at, at + 16)) ?? [];
  if (all === undefined) return { end: at + 1, size: STEP };
  const copies = comma === undefined ? Number(least) : Number(most ?? Number(least) + 1);
  // Each copy that need not be there is a choice as well.
  return { end: at + all.length, size: 0, times: Math.max(1, copies) * (comma === undefined ? 1 : 2) };
}

function escapeAt(pattern: string, at: number): Token {
  const sign = pattern.charAt(at + 1);
  if (sign === 'Q') return quoteAt(pattern, at);
  const end = endOfEscape(pattern, at);
  if (sign === 'p' || sign === 'P') return { end, size: UNICODE_CLASS };
  return { end, size: /[A-Zx]/.test(sign) ? 2 * ANY : 4 * RANGE };
}

function endOfEscape(pattern: string, at: number): number {
  const escape = /\\(?:[pP](?:\{[^}]*\}|[^{])|x(?:\{[^}]*\}|..)|[\s\S]|$)/y;
  escape.lastIndex = at;
  return at + (escape.exec(pattern)?.[0].length ?? 1);
}

function quoteAt(pattern: string, at: number): Token {
  const end = pattern.indexOf('\\E', at + 2);
  const last = end === -1 ? pattern.length : end;
  return { end: end === -1 ? last : end + 2, size: (last - at) * ANY };
}

function classAt(pattern: string, at: number): Token {
  let size = ANY;
  let end = at + (pattern.charAt(at + 1) === '^' ? 2 : 1);
  for (let first = true; end < pattern.length && (first || pattern.charAt(end) !== ']'); first = false) {
    const isEscape = pattern.charAt(end) === '\\';
    const isUnicode = isEscape && /[pP]/.test(pattern.charAt(end + 1));
    size += isUnicode ? UNICODE_CLASS : isEscape || pattern.charAt(end) > '\x7f' ? ANY : RANGE;
    end = isEscape ? endOfEscape(pattern, end) : end + 1;
  }
  return { end: end + 1, size };
}
