import type { Report } from '../annotation/complaint.ts';
import type { MapEntry } from '../annotation/node.ts';
import type { Range } from '../source.ts';
import { parseServiceText } from '../values/service-text.ts';
import type { ServiceText } from '../values/service-text.ts';
import { described, quoted } from './field.ts';
import type { Read } from './field.ts';
import { checkHost } from './host.ts';
import { readFilledText, readText, reportType, reportValue } from './readers.ts';

export const readMappingName: Read<string> = (node, path, report) => {
  const text = readText(node, path, report);
  if (text === undefined || /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/.test(text)) return text;
  reportValue(
    report,
    node,
    path,
    'must be at most 253 letters, digits, dashes, underscores and dots, with a letter or digit at both ends',
    "write a name such as 'resnet-predict'",
  );
  return undefined;
};

/**
 * Letters of a path as RFC 3986 has them, `%` only before two hexadecimal digits. Without `$`: Ambassador filled in
 * variables of its own environment there.
 */
const PATH = /^\/(?:[A-Za-z0-9\-._~!&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;
const PATH_RULE =
  "must begin with '/' and be written as in a URL: letters, digits and -._~!&'()*+,;=:@/ as they are, others as '%' and two digits";

/** Segments that are taken out of a path before routes are asked, also in code: no request ever has one. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}\//i;

export const readPrefix: Read<string> = (node, path, report) => {
  const text = readText(node, path, report);
  if (text !== undefined && DOT_SEGMENT.test(text)) {
    const must = "must have no segment '.' or '..', since a request has none when its route is looked for";
    reportValue(report, node, path, must, 'write the path without it');
    return undefined;
  }
  if (text === undefined || PATH.test(text)) return text;
  reportPath(report, node, path, text);
  return undefined;
};

export const readRewrite: Read<string> = (node, path, report) => {
  const text = readText(node, path, report);
  if (text === undefined || text === '' || PATH.test(text)) return text;
  reportPath(report, node, path, text);
  return undefined;
};

function reportPath(report: Report, node: Parameters<Read<string>>[0], path: string, text: string): void {
  const [beforeQuery = ''] = text.split(/[?#]/);
  const slashed = beforeQuery.startsWith('/') ? beforeQuery : `/${beforeQuery}`;
  reportValue(
    report,
    node,
    path,
    PATH_RULE,
    PATH.test(slashed) ? `write '${slashed}'` : "write a path such as '/models/'",
  );
}

export const readMethod: Read<string> = (node, path, report) => {
  const text = readText(node, path, report);
  if (text === undefined || /^[A-Z]{1,32}$/.test(text)) return text;
  const method = text.toUpperCase().replace(/[^A-Z]/g, '');
  reportValue(
    report,
    node,
    path,
    'must be one HTTP method in capitals',
    /^[a-z]+$/i.test(text) ? `write '${method}'` : "write one such as 'POST', or leave it out for all",
  );
  return undefined;
};

/** A host in canonical form, or `all` for `*`. */
export type HostChoice = { readonly host: string } | 'all';

export const readHostname: Read<HostChoice> = (node, path, report) => {
  const text = readText(node, path, report);
  if (text === undefined) return undefined;
  if (text === '*') {
    report({
      name: 'HostOfAll',
      at: node.at,
      path,
      must: 'must name a host',
      found: "but is '*', read as if it were left out",
      fix: `write the host, or leave \`${path}\` out`,
    });
    return 'all';
  }
  const host = checkHost(text, node.at, path, report);
  return host === undefined ? undefined : { host };
};

/** A header that a request must have, its name in lower case. */
export interface HeaderMatch {
  readonly name: string;
  readonly value: string;
}

/** Fields of their own: their place in Ambassador's order is another than that of headers. */
const PSEUDO_HEADERS: ReadonlyMap<string, string> = new Map([
  [':authority', 'hostname'],
  ['host', 'hostname'],
  [':method', 'method'],
  [':path', 'prefix'],
]);

export const readHeaders: Read<readonly HeaderMatch[]> = (node, path, report) => {
  if (node.kind !== 'map') {
    reportType(report, node, path, 'must be a map of header names to values', "write `{x-version: '2'}`");
    return undefined;
  }
  const headers = new Map<string, { readonly value: string; readonly keyAt: Range }>();
  for (const entry of node.entries) {
    const name = entry.key.toLowerCase();
    const value = headerValue(name, entry, `${path}.${entry.key}`, report);
    if (value === undefined) continue;
    const first = headers.get(name);
    if (first === undefined) {
      headers.set(name, { value, keyAt: entry.keyAt });
      continue;
    }
    report({
      name: 'ItemRepeated',
      at: entry.keyAt,
      path: `${path}.${entry.key}`,
      must: 'must be named once',
      found: `but ${quoted(name)} is there twice`,
      fix: 'delete one of the two',
      related: [{ at: first.keyAt, message: 'first written here' }],
    });
  }
  return [...headers].map(([name, { value }]) => ({ name, value })).sort((a, b) => (a.name < b.name ? -1 : 1));
};

function headerValue(name: string, { keyAt, value: node }: MapEntry, path: string, report: Report): string | undefined {
  const field = PSEUDO_HEADERS.get(name);
  if (field !== undefined || name.startsWith(':')) {
    report({
      name: 'PseudoHeader',
      at: keyAt,
      path,
      must: 'must not be among `headers`',
      found: field === undefined ? 'but is no header' : `but is the field \`${field}\``,
      fix: field === undefined ? 'delete it' : `write the field \`${field}\` instead`,
    });
    return undefined;
  }
  if (!/^[a-z0-9][a-z0-9._-]{0,126}$/.test(name)) {
    report({
      name: 'ValueWrong',
      at: keyAt,
      path,
      must: 'must be the name of a header: letters, digits, dashes, dots and underscores',
      found: `but is ${quoted(name)}`,
      fix: "write a name such as 'x-version'",
    });
    return undefined;
  }
  if (node.kind === 'scalar' && node.value === true) {
    report({
      name: 'NotSupportedYet',
      at: node.at,
      path,
      must: 'must have a value: a header that is merely there is not supported yet',
      found: described(node),
      fix: "write the value, in quotes if it is 'true'",
    });
    return undefined;
  }
  const value = readFilledText(node, path, report);
  if (value === undefined || /^[!-~](?:[ -~]*[!-~])?$/.test(value)) return value;
  reportValue(
    report,
    node,
    path,
    'must be visible ASCII without blanks at its ends',
    'write the value as the client sends it',
  );
  return undefined;
}

export const readService: Read<ServiceText> = (node, path, report) => {
  const text = readFilledText(node, path, report);
  if (text === undefined) return undefined;
  const reading = parseServiceText(text);
  if ('name' in reading) return reading;
  report({
    name: reading.later === true ? 'NotSupportedYet' : 'ServiceTextWrong',
    at: node.at,
    path,
    must: reading.must,
    found: described(node),
    fix: reading.fix,
  });
  return undefined;
};

/** Whether the Mapping is for this Ambassador: the ids hold `default` or `_automatic_`. */
export const readAmbassadorId: Read<boolean> = (node, path, report) => {
  const items = node.kind === 'list' ? node.items : [node];
  const ids = items.map((item, index) => readText(item, node.kind === 'list' ? `${path}[${index}]` : path, report));
  if (ids.includes(undefined)) return undefined;
  return ids.length === 0 || ids.includes('default') || ids.includes('_automatic_');
};
