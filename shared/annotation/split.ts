import type { Range } from '../source.ts';

/**
 * Splits a text at its `---` lines, as Kubernetes' own YAML reader does and before anything is parsed, so that a
 * document that is no YAML leaves the others alone. A `---` with anything but blanks or a comment behind it does not
 * split; one that is indented does not either. Documents of blanks and comments are left out.
 */
export function splitDocuments(text: string): Range[] {
  const documents: Range[] = [];
  let start = 0;
  let empty = true;
  for (let line = 0; line < text.length;) {
    const newline = text.indexOf('\n', line);
    const next = newline === -1 ? text.length : newline + 1;
    if (separates(text, line, next)) {
      if (!empty) documents.push({ start, end: line });
      start = next;
      empty = true;
    } else if (empty) {
      empty = isBlank(text, line, next);
    }
    line = next;
  }
  if (!empty) documents.push({ start, end: text.length });
  return documents;
}

function separates(text: string, start: number, end: number): boolean {
  return text.startsWith('---', start) && isBlank(text, start + 3, end);
}

/** Whether there is nothing between `start` and `end` but white space and perhaps a comment. */
function isBlank(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x23) return true;
    if (unit !== 0x20 && unit !== 0x09 && unit !== 0x0a && unit !== 0x0d) return false;
  }
  return true;
}
