/** Splits as a shell does, without expanding anything; undefined = a quote is not closed. */
export function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    let word = '';
    while (rest !== '' && !/^\s/.test(rest)) {
      const part = PART.exec(rest);
      if (part === null) return undefined;
      word += unquoted(part[0]);
      rest = rest.slice(part[0].length);
    }
    words.push(word);
    rest = rest.trimStart();
  }
  return words;
}

const PART = /^(?:'[^']*'|"(?:[^"\\]|\\[\s\S])*"|\\[\s\S]|[^\s'"\\]+)/;

function unquoted(part: string): string {
  switch (part[0]) {
    case "'":
      return part.slice(1, -1);
    case '"':
      // Between double quotes a backslash is itself, but before these.
      return part.slice(1, -1).replace(/\\(["\\$`])/g, '$1');
    case '\\':
      return part.slice(1);
    default:
      return part;
  }
}
