/** What other dialects of regular expressions have and RE2 has not, and what to write instead. */
interface Hint {
  /** Matched where the fault is; the first one that matches counts. */
  readonly text: RegExp;
  readonly found: string;
  readonly fix: string;
}

const HINTS: readonly Hint[] = [
  {
    text: /\(\?<?[=!]/y,
    found: 'but looks around, which RE2 cannot',
    fix: 'write what is wanted; give what is not wanted a Mapping of its own with a greater `precedence`',
  },
  {
    text: /\\(?:[1-9]|k[<{'])/y,
    found: 'but refers back to a group, which RE2 cannot',
    fix: 'write the part of the pattern again',
  },
  {
    text: /\(\?>/y,
    found: 'but has an atomic group, which RE2 does not know',
    fix: "write '(?:': RE2 never goes back anyway",
  },
  {
    text: /[*+?}]\+/y,
    found: 'but has a possessive repetition, which RE2 does not know',
    fix: "delete the second '+': RE2 never goes back anyway",
  },
  {
    text: /\\[ZG]/y,
    found: 'but has an anchor that RE2 does not know',
    fix: 'delete it: the whole text is compared anyway',
  },
  { text: /\\h/y, found: "but has '\\h', which RE2 does not know", fix: "write '[ \\t]'" },
  { text: /\\R/y, found: "but has '\\R', which RE2 does not know", fix: 'delete it: there are no line ends' },
  {
    text: /\\u(?:\{[0-9A-Fa-f]+\}|[0-9A-Fa-f]{4})/y,
    found: 'but writes a character as in JavaScript',
    fix: "write '\\x{41}' for '\\u0041'",
  },
  {
    text: /\\[eKX]|\\c./y,
    found: 'but has an escape that RE2 does not know',
    fix: "write the character itself, or as '\\x{1B}'",
  },
  { text: /\(\?#/y, found: 'but has a comment, which RE2 does not know', fix: 'write it beside the field' },
  {
    text: /\(\?[a-z]*x/y,
    found: "but has the flag 'x', which RE2 does not know",
    fix: 'write it without blanks and comments',
  },
  { text: /\(\?(?:R|\d|\()/y, found: 'but calls itself or branches, which RE2 cannot', fix: 'write it in full' },
  { text: /\[\^?\]/y, found: 'but has an empty class', fix: "write '.' for any character" },
  {
    text: /^[*?+]/y,
    found: 'but begins with a repetition, as a pattern of file names would',
    fix: "write '.*' for any text and '.' for any character",
  },
];

/** Where the fault is, or right in front of it. */
export function hintOf(
  pattern: string,
  at: number,
): (Omit<Hint, 'text'> & { readonly start: number; readonly end: number }) | undefined {
  for (const start of at === 0 ? [0] : [at, at - 1]) {
    for (const { text, found, fix } of HINTS) {
      text.lastIndex = start;
      const match = text.exec(pattern);
      if (match !== null) return { found, fix, start, end: start + match[0].length };
    }
  }
  return undefined;
}
