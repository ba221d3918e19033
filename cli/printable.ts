/** Nothing from a file reaches the terminal as a control sequence, and nothing reorders or breaks a line. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, character => (character === '\t' ? character : '\ufffd'));
}

const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;
