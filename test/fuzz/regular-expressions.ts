import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A regular expression as it stands in a program text. */
export interface Written {
  readonly file: string;
  readonly line: number;
  readonly regex: RegExp;
}

const ROOT = join(import.meta.dirname, '..', '..');

/** All literals of the program's own texts. Those that are made while it runs are recorded by whoever runs it. */
export function literalsIn(folders: readonly string[]): readonly Written[] {
  return folders.flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .flatMap(name => literalsOf(join(folder, name))),
  );
}

function literalsOf(file: string): readonly Written[] {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found: Written[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const [, pattern = '', flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(node.text) ?? [];
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      found.push({ file, line: line + 1, regex: new RegExp(pattern, flags) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Texts that might keep a regular expression busy: the longer, the more so. */
export type Attack = (length: number) => string;

/** One of each kind of character that any of our expressions tells apart, and some that go together. */
const PUMPS = [
  ...[
    'a',
    'A',
    '0',
    ' ',
    '\t',
    '\n',
    '\r',
    '-',
    '.',
    '_',
    ':',
    '/',
    '%',
    '$',
    '"',
    "'",
    '[',
    ']',
    '{',
    '}',
    '#',
    ',',
    '=',
  ],
  ...['*', 'é', '\u202e', '\ud83d\ude00', 'ab', 'a.', 'a-', '0.', ' #', '\r\n', '%a', '1h', ':a', '--'],
];

/** What an expression that wants an end stumbles over. */
const ENDS = ['', '\n\0'];
const MOST_SAMPLES = 3;
const LONGEST_SAMPLE = 16;

/**
 * Pumps by themselves, and inside texts that the expression knows: at each place of one, the character that stands there
 * over and over, so that every loop is reached.
 */
export function attacksOn(regex: RegExp, texts: readonly string[]): readonly Attack[] {
  const known = texts.filter(text => text.length <= LONGEST_SAMPLE && matches(regex, text)).slice(0, MOST_SAMPLES);
  const plain = PUMPS.map(pump => ({ before: '', pump, behind: '' }));
  const inside = known.flatMap(text =>
    Array.from(text, (_, at) =>
      [1, 2].map(count => ({
        before: text.slice(0, at),
        pump: text.slice(at, at + count),
        behind: text.slice(at + count),
      })),
    ).flat(),
  );
  return [...plain, ...inside].flatMap(({ before, pump, behind }) =>
    ENDS.map(end => (length: number) => before + pump.repeat(Math.ceil(length / pump.length)) + behind + end),
  );
}

/** Looks for every match, as `replace` does. */
export function matches(regex: RegExp, text: string): boolean {
  let found = false;
  text.replace(regex, () => {
    found = true;
    return '';
  });
  return found;
}
