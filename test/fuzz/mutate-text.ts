import type { Dictionary } from './dictionary.ts';
import type { Random } from './random.ts';

/** Changes one thing about a text. `other` is another text that is known, to take parts from. */
type Mutation = (text: string, random: Random, words: Dictionary, other: string) => string;

/** What must never reach an object, a header or a terminal, and what YAML reads in its own way. */
const SPECIAL = [
  ...['\0', '\r', '\n', '\t', '\u001b', '\u007f', '\u0085', '\u2028', '\u2029', '\u202e', '\u2066', '\u200b', '\u200d'],
  ...[
    '\ufeff',
    '\u00ad',
    '\ud800',
    '\udc00',
    '\ud83d\ude00',
    '\u0130',
    'é',
    '$',
    '`',
    '"',
    "'",
    '\\',
    '{',
    '}',
    '[',
    ']',
  ],
  ...[
    '#',
    ' #',
    '&',
    '*',
    '!',
    '|',
    '>',
    '%',
    '@',
    ':',
    ': ',
    '- ',
    '? ',
    '---\n',
    '...\n',
    ',',
    ';',
    '<',
    '~',
    '%0d%0a',
  ],
  ...[
    '\\u0000',
    '\\x0a',
    '\\u202e',
    '\\ud800',
    '\\U0001F600',
    '\\"',
    "''",
    '&a ',
    '*a',
    '!!str ',
    '<<: ',
    '|-\n',
    '>\n',
  ],
];

const NUMBERS = [
  '0',
  '-1',
  '1',
  '2',
  '8',
  '9',
  '10',
  '63',
  '64',
  '100',
  '101',
  '253',
  '254',
  '1024',
  '65536',
  '4294967296',
];

/** Longer texts are not grown further, save for a few. */
const LONG = 8_192;

const MUTATIONS: readonly Mutation[] = [
  // A value of the dictionary behind a key, as it is, in quotes or in a block.
  (text, random, { values }) => {
    const value = random.pick(values);
    return replacedLine(text, random, line =>
      line.replace(/^(\s*(?:- )?[^\s:]+:).*/s, `$1 ${escaped(styled(value, random))}`),
    );
  },
  (text, random, { keys, values }) => insertedLine(text, random, `${random.pick(keys)}: ${random.pick(values)}`),
  (text, random, { keys }) =>
    replacedLine(text, random, line => line.replace(/[\w./-]+(?=:)/, escaped(random.pick(keys)))),
  // A key of the dictionary with a list or a map of values.
  (text, random, { keys, values }) => {
    const items = Array.from({ length: 1 + random.below(4) }, () => random.pick(values));
    const shown = random.once(2)
      ? `[${items.join(', ')}]`
      : `{${items.map(item => `${random.pick(keys)}: ${item}`).join(', ')}}`;
    return insertedLine(text, random, `${random.pick(keys)}: ${shown}`);
  },
  (text, random, { values }) => replacedWord(text, random, random.pick(values)),
  (text, random) => replacedWord(text, random, random.pick(NUMBERS)),
  (text, random) => inserted(text, random.below(text.length + 1), random.pick(SPECIAL)),
  (text, random) => inserted(text, placeOfValue(text, random), random.pick(SPECIAL)),
  (text, random) => replacedLine(text, random, () => ''),
  (text, random) => replacedLine(text, random, line => `${line}\n${line}`),
  (text, random) =>
    replacedLine(
      text,
      random,
      line => `${' '.repeat(random.below(5))}${random.once(3) ? '- ' : ''}${line.trimStart()}`,
    ),
  (text, random) => {
    const lines = text.split('\n');
    const [a, b] = [random.below(lines.length), random.below(lines.length)];
    return lines
      .with(a, lines[b] ?? '')
      .with(b, lines[a] ?? '')
      .join('\n');
  },
  (text, random) => {
    const { start, end } = span(text, random, 32);
    return text.slice(0, start) + text.slice(end);
  },
  (text, random) => {
    const { start, end } = span(text, random, 32);
    const times = random.once(50) ? 2_000 : 1 + random.below(random.once(4) ? 80 : 3);
    return inserted(text, end, text.slice(start, end).repeat(text.length > LONG ? 1 : times));
  },
  (text, random, _, other) => {
    const [lines, others] = [text.split('\n'), other.split('\n')];
    const [from, count] = [random.below(others.length), 1 + random.below(8)];
    lines.splice(random.below(lines.length + 1), random.below(3), ...others.slice(from, from + count));
    return lines.join('\n');
  },
  (text, random, _, other) =>
    text.length > LONG ? text : random.once(2) ? `${text}\n---\n${other}` : `${other}\n---\n${text}`,
  (text, random) => (random.once(2) ? text.replaceAll('\n', '\r\n') : text.replaceAll(/^/gm, ' ')),
  (text, random) => text.slice(0, random.below(text.length + 1)),
  (text, random) => {
    const at = random.below(text.length);
    return (
      text.slice(0, at) +
      String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(random.once(4) ? 16 : 7))) +
      text.slice(at + 1)
    );
  },
];

/** A few changes, mostly one or two. */
export function mutateText(text: string, random: Random, words: Dictionary, other: () => string): string {
  let mutated = text;
  let changes = 1;
  while (changes < 12 && !random.once(2)) changes++;
  for (let i = 0; i < changes; i++) mutated = random.pick(MUTATIONS)(mutated, random, words, other());
  return mutated;
}

function styled(value: string, random: Random): string {
  switch (random.below(8)) {
    case 0:
      return `"${value}"`;
    case 1:
      return `'${value}'`;
    case 2:
      return `|\n  ${value}`;
    case 3:
      return `>-\n  ${value}\n  ${value}`;
    default:
      return value;
  }
}

/** For the right side of `replace`. */
function escaped(text: string): string {
  return text.replaceAll('$', '$$$$');
}

function replacedLine(text: string, random: Random, change: (line: string) => string): string {
  const lines = text.split('\n');
  const at = random.below(lines.length);
  return lines.with(at, change(lines[at] ?? '')).join('\n');
}

function insertedLine(text: string, random: Random, line: string): string {
  const lines = text.split('\n');
  lines.splice(random.below(lines.length + 1), 0, line);
  return lines.join('\n');
}

function inserted(text: string, at: number, part: string): string {
  return text.slice(0, at) + part + text.slice(at);
}

function replacedWord(text: string, random: Random, word: string): string {
  const found = [...text.slice(0, LONG).matchAll(/[\w.%-]+/g)];
  if (found.length === 0) return word;
  const { index, 0: old } = random.pick(found);
  return text.slice(0, index) + word + text.slice(index + old.length);
}

function placeOfValue(text: string, random: Random): number {
  const colons = [...text.slice(0, LONG).matchAll(/: */g)];
  if (colons.length === 0) return 0;
  const { index, 0: colon } = random.pick(colons);
  const start = index + colon.length;
  const end = text.indexOf('\n', start);
  return start + random.below((end === -1 ? text.length : end) - start + 1);
}

function span(text: string, random: Random, longest: number): { start: number; end: number } {
  const start = random.below(text.length + 1);
  return { start, end: Math.min(text.length, start + 1 + random.below(random.once(8) ? 16 * longest : longest)) };
}
