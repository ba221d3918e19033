export interface LiteralBeginning {
  readonly text: string;
  /** `(?i)` in front of all. */
  readonly ignoresCase: boolean;
}

const FLAGS = /^\(\?([a-zA-Z]+)\)/;

/** Begins what is taken letter by letter, signs too. */
const QUOTE = String.raw`\Q`;

/**
 * A letter of ASCII, or a sign that a backslash makes one; not followed by what makes it optional. Others do not count:
 * where capitals do not, RE2 takes `ſ` for `s` and the sign of Kelvin for `k`.
 */
const LITERAL = /^(?:[!-~](?<![\\.+*?()|[\]{}^$])|\\(?=[!-~])[^A-Za-z0-9])(?![*?{])/;

/**
 * What every text begins with that a pattern (RE2) takes as a whole: all of it that is written as it is matched. Less
 * where that is hard to tell, never more.
 */
export function literalBeginning(pattern: string): LiteralBeginning {
  let rest = pattern;
  let ignoresCase = false;
  for (;;) {
    const flags = FLAGS.exec(rest);
    if (!flags && !rest.startsWith('^')) break;
    ignoresCase ||= flags?.[1]?.includes('i') === true;
    rest = rest.slice(flags?.[0].length ?? 1);
  }
  if (rest.includes(QUOTE) || hasChoice(rest)) return { text: '', ignoresCase };
  let text = '';
  for (let letter = LITERAL.exec(rest); letter; letter = LITERAL.exec(rest)) {
    text += letter[0].replace(/^\\/, '');
    rest = rest.slice(letter[0].length);
  }
  return { text, ignoresCase };
}

/** A class of signs by name, inside of brackets. */
const NAMED_CLASS = /\[:\^?[a-z]{1,10}:\]/y;

/** A `|` outside of every group and of every class. The pattern is one that RE2 takes. */
function hasChoice(pattern: string): boolean {
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const sign = pattern[at];
    if (sign === '\\') at++;
    else if (sign === '[') at = endOfClass(pattern, at);
    else if (sign === '(') depth++;
    else if (sign === ')') depth--;
    else if (sign === '|' && depth <= 0) return true;
  }
  return false;
}

/** Where the class that begins at `start` ends. A bracket right at its beginning is one of its signs. */
function endOfClass(pattern: string, start: number): number {
  let at = start + 1;
  if (pattern[at] === '^') at++;
  if (pattern[at] === ']') at++;
  for (; at < pattern.length && pattern[at] !== ']'; at++) {
    NAMED_CLASS.lastIndex = at;
    const named = NAMED_CLASS.exec(pattern)?.[0];
    if (named !== undefined) at += named.length - 1;
    else if (pattern[at] === '\\') at++;
  }
  return at;
}
