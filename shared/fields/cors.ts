import type { Field, Read, ReadInDialect, Schema } from './field.ts';
import { listInDialect } from './dialect-lists.ts';
import { quoted } from './field.ts';
import { isHeaderName } from './named-texts.ts';
import { readMap } from './read-fields.ts';
import { readBoolean, reportType, reportValue } from './readers.ts';

/** What Istio takes. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', '*'];

function readItems(holds: (text: string) => boolean, must: string, fix: string): ReadInDialect<readonly string[]> {
  return (node, path, report, dialect) =>
    listInDialect(node, path, report, dialect)?.flatMap(({ text, at, path: item }) => {
      if (holds(text)) return [text];
      report({ name: 'ValueWrong', at, path: item, must, found: `but is ${quoted(text)}`, fix });
      return [];
    });
}

const readNames = readItems(
  text => text === '*' || isHeaderName(text),
  "must be the name of a header, or '*'",
  "write a name such as 'content-type'",
);

const readEachOrigin = readItems(
  text => text === '*' || /^[!-~]+$/.test(text.replaceAll('*', ' ')),
  "must be one origin without '*' in it, or '*' alone",
  "write an origin such as 'https://example.com'",
);

const readOrigins: ReadInDialect<readonly string[]> = (node, path, report, dialect) => {
  if (node.kind !== 'list' || node.items.length > 0) return readEachOrigin(node, path, report, dialect);
  reportValue(report, node, path, 'must name at least one origin', "write ['https://example.com']");
  return undefined;
};

/** Seconds, as text in all of Ambassador's dialects. */
const readMaxAge: Read<number> = (node, path, report) => {
  const must = 'must be a whole number of seconds';
  if (node.kind !== 'scalar' || (typeof node.value !== 'string' && typeof node.value !== 'number')) {
    reportType(report, node, path, must, "write '86400'");
    return undefined;
  }
  const seconds = /^(?:0|[1-9]\d{0,8})$/.test(node.source) ? Number(node.source) : undefined;
  if (seconds !== undefined && seconds > 0) return seconds;
  reportValue(report, node, path, `${must} from 1`, seconds === 0 ? 'leave it out' : "write '86400'");
  return undefined;
};

const FIELDS = {
  origins: {
    outcome: 'built',
    type: 'list of origins',
    default: 'required',
    required: true,
    doc: "Origins as browsers send them, such as https://example.com; '*' is all",
    becomes: '`corsPolicy.allowOrigins[].exact`',
    read: readOrigins,
  },
  methods: {
    outcome: 'built',
    type: 'list of HTTP methods',
    default: '[]',
    doc: 'Methods that may be called with',
    becomes: '`corsPolicy.allowMethods`',
    read: readItems(
      text => METHODS.includes(text),
      `must be one of ${METHODS.join(', ')}, as Istio asks`,
      "write a method in capitals, or '*' for all",
    ),
  },
  headers: {
    outcome: 'built',
    type: 'list of header names',
    default: '[]',
    doc: 'Headers that may be sent',
    becomes: '`corsPolicy.allowHeaders`',
    read: readNames,
  },
  credentials: {
    outcome: 'built',
    type: 'boolean',
    default: 'false',
    doc: "Whether cookies and the like may be sent; not with the origin '*'",
    becomes: '`corsPolicy.allowCredentials`',
    read: readBoolean,
  },
  exposed_headers: {
    outcome: 'built',
    type: 'list of header names',
    default: '[]',
    doc: 'Headers of the answer that pages may see',
    becomes: '`corsPolicy.exposeHeaders`',
    read: readNames,
  },
  max_age: {
    outcome: 'built',
    type: 'seconds',
    default: "the browser's",
    doc: 'How long a browser may keep the answer to its question',
    becomes: '`corsPolicy.maxAge`',
    read: readMaxAge,
  },
} as const satisfies Record<string, Field>;

export const CORS: Schema<typeof FIELDS> = {
  title: '`cors`',
  header: [],
  fields: FIELDS,
  synonyms: {
    allowOrigins: { found: "is Istio's name", fix: 'write `origins`' },
    allowMethods: { found: "is Istio's name", fix: 'write `methods`' },
    allowHeaders: { found: "is Istio's name", fix: 'write `headers`' },
  },
};

export const readCors = readMap(CORS, "{origins: ['https://example.com'], methods: [GET]}");
