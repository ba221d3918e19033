import type { Report } from '../annotation/complaint.ts';
import { rangeWithin } from '../annotation/node.ts';
import type { Node, ScalarNode } from '../annotation/node.ts';
import type { Range } from '../source.ts';
import { clipped, quoted } from './field.ts';
import type { Read } from './field.ts';
import { reportType } from './readers.ts';

const SEPARATOR = /[,;]/;

/** One item of a list, as text, with its place and the name it has in sentences: `ports[1]`. */
export interface Item {
  readonly text: string;
  readonly at: Range;
  readonly path: string;
}

/** One entry of a map, as text. */
export interface Entry extends Item {
  readonly key: string;
  readonly keyAt: Range;
}

/**
 * The items of a list in either form: `[8501, rest]` or `8501,rest`, with `,` or `;` between. Undefined = it is
 * neither, and that has been reported; items that are empty or no words are reported and left out.
 */
export function listItems(node: Node, path: string, report: Report): Item[] | undefined {
  if (node.kind === 'list') {
    return node.items.flatMap((item, index) => {
      const word = wordOf(item, `${path}[${index}]`, report);
      return word === undefined ? [] : [word];
    });
  }
  if (node.kind === 'scalar' && node.value !== null && typeof node.value !== 'boolean') {
    return parts(node, path, report)?.map(({ text, at, index }) => ({ text, at, path: `${path}[${index}]` }));
  }
  reportType(report, node, path, 'must be a list', 'write `[first, second]`');
  return undefined;
}

/** The entries of a map in either form: `{cpu: 50%}` or `cpu:50%,mem=2Gi`, with `:` or `=` behind the name. */
export function mapEntries(node: Node, path: string, report: Report): Entry[] | undefined {
  if (node.kind === 'map') {
    return node.entries.flatMap(({ key, keyAt, value }) => {
      const word = wordOf(value, `${path}.${key}`, report);
      return word === undefined ? [] : [{ ...word, key, keyAt }];
    });
  }
  if (node.kind === 'scalar' && typeof node.value === 'string') {
    return parts(node, path, report)?.flatMap(part => entryOfPart(node, part, path, report));
  }
  reportType(report, node, path, 'must be a map', 'write `{name: value}`');
  return undefined;
}

/** What `parse` makes of each item of a list; undefined = it is none, and that is reported. */
export function readEachItem<T>(parse: (text: string) => T | undefined, must: string, fix: string): Read<readonly T[]> {
  return (node, path, report) =>
    listItems(node, path, report)?.flatMap(({ text, at, path: item }) => {
      const value = parse(text);
      if (value !== undefined) return [value];
      report({ name: 'ValueWrong', at, path: item, must, found: `but is '${text}'`, fix });
      return [];
    });
}

/** How many items or entries are written, also those that are no words and have been reported. */
export function itemCount(node: Node): number {
  if (node.kind === 'list') return node.items.length;
  if (node.kind === 'map') return node.entries.length;
  return node.kind === 'scalar' ? node.source.split(SEPARATOR).length : 0;
}

interface Part {
  readonly text: string;
  readonly index: number;
  /** Offset inside the scalar. */
  readonly offset: number;
  readonly at: Range;
}

/** Signs of the same look, as Chinese keyboards write them, which cube-studio took for ours in some fields. */
const WIDE: Readonly<Record<string, string>> = { '，': ',', '；': ';', '：': ':', '＝': '=', '％': '%' };
const WIDE_SIGN = /[，；：＝％]/;

/**
 * The parts of a text between `,` and `;`, without blanks around them. An empty part is reported, as its comma; undefined =
 * there are signs in it that only look like these, and that has been reported.
 */
function parts(node: ScalarNode, path: string, report: Report): Part[] | undefined {
  const wide = node.source.search(WIDE_SIGN);
  if (wide >= 0) {
    reportWide(node, wide, path, report);
    return undefined;
  }
  const found: Part[] = [];
  let offset = 0;
  for (const [index, raw] of node.source.split(SEPARATOR).entries()) {
    const text = raw.trim();
    const start = offset + (raw.length - raw.trimStart().length);
    const at = rangeWithin(node, start, start + text.length);
    if (text === '') reportEmpty(at, `${path}[${index}]`, report);
    else found.push({ text, index, offset: start, at });
    offset += raw.length + 1;
  }
  return found;
}

function entryOfPart(node: ScalarNode, part: Part, path: string, report: Report): Entry[] {
  const sign = part.text.search(/[:=]/);
  if (sign === -1) {
    report({
      name: 'ValueWrong',
      at: part.at,
      path: `${path}[${part.index}]`,
      must: 'must be written as `name:value`',
      found: `but is '${part.text}'`,
      fix: `write \`${part.text}:\` and the value behind it`,
    });
    return [];
  }
  const key = part.text.slice(0, sign).trimEnd();
  const raw = part.text.slice(sign + 1);
  const text = raw.trim();
  const start = part.offset + sign + 1 + (raw.length - raw.trimStart().length);
  const at = rangeWithin(node, start, start + text.length);
  if (key === '' || text === '') {
    reportEmpty(part.at, `${path}[${part.index}]`, report);
    return [];
  }
  return [{ key, keyAt: rangeWithin(node, part.offset, part.offset + key.length), text, at, path: `${path}.${key}` }];
}

function wordOf(node: Node, path: string, report: Report): Item | undefined {
  if (node.kind === 'scalar' && node.value !== null && typeof node.value !== 'boolean') {
    const text = node.source.trim();
    if (text !== '') return { text, at: node.at, path };
    reportEmpty(node.at, path, report);
    return undefined;
  }
  reportType(report, node, path, 'must be a word or a number', 'write one value');
  return undefined;
}

function reportWide(node: ScalarNode, offset: number, path: string, report: Report): void {
  const sign = node.source.charAt(offset);
  const narrow = Array.from(node.source, each => WIDE[each] ?? each).join('');
  report({
    name: 'ValueWrong',
    at: rangeWithin(node, offset, offset + 1),
    path,
    must: `must be written with '${WIDE[sign] ?? ''}'`,
    found: `but has the wide sign '${sign}'`,
    fix: `write '${clipped(narrow)}'`,
  });
}

function reportEmpty(at: Range, path: string, report: Report): void {
  report({ name: 'ItemEmpty', at, path, must: 'must not be empty', fix: 'delete the separator, or fill the item in' });
}

/** What stands at `at` stands at `first` already, written in the same way or in another. */
export function reportRepeated(what: string, at: Range, path: string, first: Range, report: Report): void {
  report({
    name: 'ItemRepeated',
    at,
    path,
    must: 'must be named once',
    found: `but ${quoted(what)} is there twice`,
    fix: 'delete one of the two',
    related: [{ at: first, message: 'first written here' }],
  });
}
