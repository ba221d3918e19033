/** Tells on the terminal what happens: chapters, progress with the seconds since the start, and what programs printed. */
export interface Narrator {
  readonly chapter: (title: string) => void;
  readonly progress: (line: string) => void;
  /** A command as the user would type it, and what it printed. */
  readonly command: (typed: string, printed: string) => void;
  readonly say: (text: string) => void;
}

export function createNarrator(write: (text: string) => void, now: () => number, color: boolean): Narrator {
  const start = now();
  const bold = (text: string) => (color ? `\u001b[1m${text}\u001b[22m` : text);
  const seconds = () => `${((now() - start) / 1000).toFixed(1)} s`.padStart(8);
  return {
    chapter: title => write(`\n${bold(title)}\n`),
    progress: line => write(`${seconds()}  ${line}\n`),
    command: (typed, printed) => write(`\n$ ${typed}\n${printed.trimEnd()}\n`),
    say: text => write(`${text}\n`),
  };
}
