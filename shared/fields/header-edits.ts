import type { Report } from '../annotation/complaint.ts';
import type { Node } from '../annotation/node.ts';
import type { Range } from '../source.ts';
import { headerFormatFault } from '../values/header-format.ts';
import { listInDialect } from './dialect-lists.ts';
import { KNOWS_BOOLEANS } from './dialects.ts';
import { quoted } from './field.ts';
import type { Field, ReadInDialect, Schema } from './field.ts';
import { reportRepeated } from './items.ts';
import { isHeaderName, reportHeaderName } from './named-texts.ts';
import { readFields } from './read-fields.ts';
import { readBoolean, readText, reportValue } from './readers.ts';

/** A header that is added; `appends`: beside those that are there, not instead of them. Its name as written. */
export interface AddedHeader {
  readonly name: string;
  readonly at: Range;
  readonly value: string;
  readonly appends: boolean;
}

/** The name of a header that is taken away. */
export interface RemovedHeader {
  readonly name: string;
  readonly at: Range;
}

const ADDED_FIELDS = {
  value: {
    outcome: 'built',
    type: 'text',
    default: 'required',
    required: true,
    doc: 'Value of the header',
    read: readHeaderText,
  },
  append: {
    outcome: 'built',
    type: 'boolean',
    default: 'true',
    doc: 'Whether those of the same name stay',
    read: readBoolean,
  },
} as const satisfies Record<string, Field>;

export const ADDED_HEADER: Schema<typeof ADDED_FIELDS> = {
  title: 'a header that is added',
  header: [],
  fields: ADDED_FIELDS,
  synonyms: {},
};

/** Each name once, whatever its capitals. */
export function readAddedHeaders(of: 'request' | 'response'): ReadInDialect<readonly AddedHeader[]> {
  return (node, path, report, dialect) => {
    if (node.kind !== 'map') {
      const must = 'must be a map of header names to values';
      if (node.kind !== 'refused') {
        report({ name: 'TypeWrong', at: node.at, path, must, fix: "write `{x-version: {value: '2'}}`" });
      }
      return undefined;
    }
    const found = new Map<string, AddedHeader>();
    for (const { key, keyAt, value: given } of node.entries) {
      const item = `${path}.${key}`;
      if (!mayEdit(key, of, keyAt, item, report)) continue;
      const added = readAdded(given, item, report, dialect);
      if (added === undefined) continue;
      const first = found.get(key.toLowerCase());
      if (first === undefined) found.set(key.toLowerCase(), { name: key, at: keyAt, ...added });
      else reportRepeated(key, keyAt, item, first.at, report);
    }
    return [...found.values()];
  };
}

function readAdded(
  node: Node,
  path: string,
  report: Report,
  dialect: string,
): Pick<AddedHeader, 'value' | 'appends'> | undefined {
  if (node.kind !== 'map') {
    const value = readHeaderText(node, path, report, dialect);
    return value === undefined ? undefined : { value, appends: true };
  }
  const { value, append } = readFields(ADDED_HEADER, { map: node, dialect, prefix: `${path}.`, report });
  return value === undefined ? undefined : { value: value.value, appends: append?.value ?? true };
}

function readHeaderText(node: Node, path: string, report: Report, dialect: string): string | undefined {
  const isBoolean = node.kind === 'scalar' && typeof node.value === 'boolean' && KNOWS_BOOLEANS.includes(dialect);
  const text = isBoolean ? String(node.value) : readText(node, path, report);
  const fault = text === undefined ? undefined : headerFormatFault(text);
  if (fault === undefined) return text;
  reportValue(report, node, path, fault.must, fault.fix);
  return undefined;
}

/** Each name once, whatever its capitals. */
export const readHeaderNames: ReadInDialect<readonly RemovedHeader[]> = (node, path, report, dialect) => {
  const found = new Map<string, RemovedHeader>();
  for (const { text, at, path: item } of listInDialect(node, path, report, dialect) ?? []) {
    if (!mayEdit(text, 'response', at, item, report)) continue;
    const first = found.get(text.toLowerCase());
    if (first === undefined) found.set(text.toLowerCase(), { name: text, at });
    else reportRepeated(text, at, item, first.at, report);
  }
  return [...found.values()];
};

function mayEdit(name: string, of: 'request' | 'response', at: Range, path: string, report: Report): boolean {
  if (name.startsWith(':') || name.toLowerCase() === 'host') {
    report({
      name: 'PseudoHeader',
      at,
      path,
      must: 'must be no header that HTTP itself needs',
      found: `but is ${quoted(name)}`,
      fix: of === 'request' && /^:authority$|^host$/i.test(name) ? 'write `host_rewrite`' : 'delete it',
    });
    return false;
  }
  if (isHeaderName(name)) return true;
  reportHeaderName(name, at, path, report);
  return false;
}
