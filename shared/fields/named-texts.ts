import type { Report } from '../annotation/complaint.ts';
import type { MapEntry, ScalarNode } from '../annotation/node.ts';
import type { Range } from '../source.ts';
import { KNOWS_BOOLEANS } from './dialects.ts';
import { quoted } from './field.ts';
import type { ReadInDialect } from './field.ts';
import { reportRepeated } from './items.ts';
import { readFilledText, reportType, reportValue } from './readers.ts';

/** A text together with its node, in which places can be found. */
export interface WrittenText {
  readonly text: string;
  readonly node: ScalarNode;
}

/** What a header or a parameter must be: absent `value` = it must be there. */
export interface NamedText {
  readonly name: string;
  readonly keyAt: Range;
  readonly value?: WrittenText;
}

type Noun = 'header' | 'parameter';

/** Headers by name in lower case, parameters by name as written; each once, in the order of names. */
export function readNamed(noun: Noun, kind: 'exact' | 'regex'): ReadInDialect<readonly NamedText[]> {
  return (node, path, report, dialect) => {
    if (node.kind !== 'map') {
      reportType(report, node, path, `must be a map of ${noun}s to values`, "write `{x-version: '2'}`");
      return undefined;
    }
    const found = new Map<string, NamedText>();
    for (const entry of node.entries) {
      const name = noun === 'header' ? entry.key.toLowerCase() : entry.key;
      const at = `${path}.${entry.key}`;
      if (!isName(noun, name, entry.keyAt, at, report)) continue;
      const mayBeThere = kind === 'exact' && KNOWS_BOOLEANS.includes(dialect);
      const value = readValue(noun, kind, mayBeThere, entry, at, report);
      if (value === undefined) continue;
      const first = found.get(name);
      if (first === undefined) found.set(name, { name, keyAt: entry.keyAt, ...(value !== 'any' && { value }) });
      else reportRepeated(name, entry.keyAt, at, first.keyAt, report);
    }
    return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  };
}

/** Fields of their own: their place in Ambassador's order is another than that of headers. */
const PSEUDO_HEADERS: ReadonlyMap<string, string> = new Map([
  [':authority', 'hostname'],
  ['host', 'hostname'],
  [':method', 'method'],
  [':path', 'prefix'],
]);

function isName(noun: Noun, name: string, at: Range, path: string, report: Report): boolean {
  if (noun === 'parameter') {
    if (/^[!"$%'-;<>-~]{1,128}$/.test(name)) return true;
    report({
      name: 'ValueWrong',
      at,
      path,
      must: "must be the name of a parameter as it stands in the query: at most 128 visible characters without '&', '=' and '#'",
      found: `but is ${quoted(name)}`,
      fix: "write a name such as 'version'",
    });
    return false;
  }
  const field = PSEUDO_HEADERS.get(name);
  if (field !== undefined || name.startsWith(':')) {
    report({
      name: 'PseudoHeader',
      at,
      path,
      must: 'must not be among `headers`',
      found: field === undefined ? 'but is no header' : `but is the field \`${field}\``,
      fix: field === undefined ? 'delete it' : `write the field \`${field}\` instead`,
    });
    return false;
  }
  if (isHeaderName(name)) return true;
  reportHeaderName(name, at, path, report);
  return false;
}

export function isHeaderName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$/.test(name);
}

export function reportHeaderName(name: string, at: Range, path: string, report: Report): void {
  report({
    name: 'ValueWrong',
    at,
    path,
    must: 'must be the name of a header: letters, digits, dashes, dots and underscores',
    found: `but is ${quoted(name)}`,
    fix: "write a name such as 'x-version'",
  });
}

function readValue(
  noun: Noun,
  kind: 'exact' | 'regex',
  mayBeThere: boolean,
  { value: node }: MapEntry,
  path: string,
  report: Report,
): WrittenText | 'any' | undefined {
  if (node.kind === 'scalar' && node.value === true) {
    if (mayBeThere) return 'any';
    if (kind === 'exact') {
      const fix = `write it under \`regex_${noun === 'header' ? 'headers' : 'query_parameters'}\` as '.*', or in quotes`;
      reportType(report, node, path, 'must be text: v3alpha1 has no `true` for any value', fix);
      return undefined;
    }
  }
  const text = readFilledText(node, path, report);
  if (text === undefined || node.kind !== 'scalar') return undefined;
  if (kind === 'regex' || (noun === 'header' ? HEADER_VALUE : PARAMETER_VALUE).test(text)) return { text, node };
  const must =
    noun === 'header'
      ? 'must be visible ASCII without blanks at its ends'
      : "must be visible ASCII without '&' and '#', as it stands in the query";
  reportValue(report, node, path, must, 'write the value as the client sends it');
  return undefined;
}

const HEADER_VALUE = /^[!-~](?:[ -~]*[!-~])?$/;
const PARAMETER_VALUE = /^[!"$%'-~]+$/;
