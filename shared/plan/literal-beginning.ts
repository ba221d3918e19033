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

/** One sign, an escaped one, or a class of them. */
const PIECE = /\\.|\[\^?\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]])*\]|./gsu;

/** A `|` outside of every group. */
function hasChoice(pattern: string): boolean {
  let depth = 0;
  for (const [piece] of pattern.matchAll(PIECE)) {
    if (piece === '(') depth++;
    if (piece === ')') depth--;
    if (piece === '|' && depth <= 0) return true;
  }
  return false;
}
