import { RE2JS, RE2JSSyntaxException } from 're2js';
import { hintOf } from './re2-hints.ts';
import { patternSize } from './re2-size.ts';

/** Of Istio, for the text of a pattern. */
export const MAX_PATTERN_BYTES = 1024;

/**
 * Instructions of one pattern: an eighth of what Istio lets Envoy take (32 768), since a larger one makes Envoy refuse
 * all routes that came with it.
 */
const MAX_PROGRAM = 4096;

/** Instructions of all patterns of a text together: some 50 ms of work. */
export const PATTERN_BUDGET = 2 * MAX_PROGRAM;

/** What is wrong with a pattern, and where in it, in characters. */
export interface PatternFault {
  readonly must: string;
  readonly found: string;
  readonly fix: string;
  readonly start: number;
  readonly end: number;
}

/** What is left of a text's budget; used up by each pattern that is looked at. */
export interface PatternBudget {
  left: number;
}

/** Why Istio or Envoy would refuse a pattern; undefined = they take it. */
export function patternFault(pattern: string, budget: PatternBudget): PatternFault | undefined {
  const whole = { start: 0, end: pattern.length };
  if (pattern === '') {
    return { ...whole, must: 'must not be empty', found: '', fix: "write '.*' for anything" };
  }
  const bytes = new TextEncoder().encode(pattern).length;
  if (bytes > MAX_PATTERN_BYTES) {
    return {
      ...whole,
      must: `must have at most ${MAX_PATTERN_BYTES} bytes, as Istio asks of a pattern`,
      found: `but has ${bytes}`,
      fix: 'shorten it, or write several Mappings',
    };
  }
  const size = patternSize(pattern);
  if (size > MAX_PROGRAM) {
    return {
      ...whole,
      must: `must become a program of at most ${MAX_PROGRAM} steps`,
      found: `but may need ${size}`,
      fix: 'write smaller counts, or `*` and `+`, and fewer classes of Unicode',
    };
  }
  budget.left -= size;
  if (budget.left < 0) {
    return {
      ...whole,
      must: 'must be small together with the other patterns of this text',
      found: 'but they are not',
      fix: 'write fewer or smaller patterns, or spread the Mappings over several Deployments',
    };
  }
  return unicodeFault(pattern) ?? syntaxFault(pattern);
}

/**
 * Classes of Unicode that every Envoy knows: general categories, and writing systems that were there when the first
 * one was built. An unknown one would make Envoy refuse all routes that came with it.
 */
const UNICODE_CLASSES =
  /^(?:L[ulmto]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cfo]?|Arabic|Cyrillic|Devanagari|Greek|Han|Hangul|Hebrew|Hiragana|Katakana|Latin|Thai)$/;

function unicodeFault(pattern: string): PatternFault | undefined {
  for (const match of pattern.matchAll(/\\[\s\S](?:(?<=[pP])(?:\{\^?([^}]*)\}?|([A-Za-z])))?/g)) {
    const name = match[1] ?? match[2];
    if (name === undefined || UNICODE_CLASSES.test(name)) continue;
    return {
      must: 'must be a pattern that every Envoy knows',
      found: `but has '${match[0]}'`,
      fix: 'write a general category such as \\p{L}, or the characters themselves',
      start: match.index,
      end: match.index + match[0].length,
    };
  }
  return undefined;
}

function syntaxFault(pattern: string): PatternFault | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (fault) {
    // A stack that overflows is a pattern that is too deep; everything else is a bug.
    if (!(fault instanceof RE2JSSyntaxException) && !(fault instanceof RangeError)) throw fault;
    const error = fault instanceof RE2JSSyntaxException ? fault.error : 'too deep';
    const input = (fault instanceof RE2JSSyntaxException ? fault.input : undefined) ?? pattern;
    const start = Math.max(0, pattern.indexOf(input));
    const hint = hintOf(pattern, start);
    const part = input.length < pattern.length && pattern.includes(input) ? `, at '${input}'` : '';
    return {
      must: 'must be a regular expression of RE2',
      found: hint?.found ?? `but has an error: ${error}${part}`,
      fix: hint?.fix ?? 'see https://github.com/google/re2/wiki/Syntax',
      start: hint?.start ?? start,
      end: hint?.end ?? (part === '' ? pattern.length : start + input.length),
    };
  }
}

/** How many groups a good pattern has. */
export function groupsOf(pattern: string): number {
  return RE2JS.compile(pattern).groupCount();
}

/** Whether a good pattern takes the whole of a text. */
export function takes(pattern: string, text: string): boolean {
  return RE2JS.matches(pattern, text);
}

/** What is wrong with the text that replaces a pattern of so many groups; undefined = nothing. */
export function substitutionFault(text: string, groups: number): string | undefined {
  for (const [escape, sign = ''] of text.matchAll(/\\([\s\S]?)/g)) {
    if (sign === '\\') continue;
    if (!/\d/.test(sign)) return `must have a digit behind every backslash, or a second backslash, but has '${escape}'`;
    if (Number(sign) > groups) {
      return `must name groups of the pattern, which has ${groups === 0 ? 'none' : groups}, but names '${escape}'`;
    }
  }
  return undefined;
}
