/**
 * Characters that a reader cannot see or that change the order in which he sees the others (CVE-2021-42574): controls,
 * line and paragraph separators, halves of surrogate pairs, marks of direction.
 */
const IN_TEXT = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** In a value also what has no width at all: two values that look the same must be the same. */
const IN_VALUE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Offset of the first character between `start` and `end` that no text may hold, or -1. Tabs and line ends may stand. */
export function refusedInText(text: string, start: number, end: number): number {
  IN_TEXT.lastIndex = start;
  for (let match = IN_TEXT.exec(text); match !== null && match.index < end; match = IN_TEXT.exec(text)) {
    const unit = match[0];
    const lineEnd = unit === '\n' || unit === '\t' || (unit === '\r' && text[match.index + 1] === '\n');
    if (!lineEnd) return match.index;
  }
  return -1;
}

/** Offset of the first character that no value may hold, or -1. */
export function refusedInValue(value: string): number {
  return value.search(IN_VALUE);
}

/** `U+202E`; for a line end its name, since that is what users know it by. */
export function characterName(text: string, offset: number): string {
  const code = text.codePointAt(offset) ?? 0;
  if (code === 0x0a || code === 0x0d) return 'a line end';
  if (code === 0x09) return 'a tab';
  return `the character U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
