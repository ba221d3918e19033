import type { CircuitBreaker } from '../intent.ts';
import { quoted } from './field.ts';
import type { Field, Read, ReadInDialect, Schema } from './field.ts';
import { MAX_INT } from './mapping-outcomes.ts';
import { readFields } from './read-fields.ts';
import { readText, readWholeNumber, reportType } from './readers.ts';

const readPriority: Read<string> = (node, path, report) => {
  const text = readText(node, path, report);
  if (text === undefined || text === 'default') return text;
  report({
    name: 'FieldRefused',
    at: node.at,
    path,
    must: "must be 'default'",
    found: `but is ${quoted(text)}, and Istio has one priority only`,
    fix: 'delete it',
  });
  return undefined;
};

function limit(initial: number, doc: string, becomes: string) {
  return {
    outcome: 'built',
    type: 'whole number from 1',
    default: String(initial),
    doc,
    becomes,
    read: readWholeNumber(1, MAX_INT),
  } as const satisfies Field;
}

/** Ambassador's own defaults, which are written out where there is one of the four: Istio's are others. */
const DEFAULTS: CircuitBreaker = { maxConnections: 1024, maxPendingRequests: 1024, maxRequests: 1024, maxRetries: 3 };

const FIELDS = {
  priority: {
    outcome: 'built',
    type: 'default',
    default: 'default',
    doc: 'Priority of the requests; there is one only',
    read: readPriority,
  },
  max_connections: limit(DEFAULTS.maxConnections, 'Connections at a time', '`tcp.maxConnections`'),
  max_pending_requests: limit(
    DEFAULTS.maxPendingRequests,
    'Requests that wait for a connection',
    '`http.http1MaxPendingRequests`',
  ),
  max_requests: limit(DEFAULTS.maxRequests, 'Requests at a time', '`http.http2MaxRequests`'),
  max_retries: limit(DEFAULTS.maxRetries, 'Retries at a time', '`http.maxRetries`'),
} as const satisfies Record<string, Field>;

export const CIRCUIT_BREAKER: Schema<typeof FIELDS> = {
  title: '`circuit_breakers`',
  header: [],
  fields: FIELDS,
  synonyms: {},
};

/** Undefined also for an empty list, which says nothing. */
export const readCircuitBreakers: ReadInDialect<CircuitBreaker> = (node, path, report, dialect) => {
  if (node.kind !== 'list') {
    reportType(report, node, path, 'must be a list', `write \`${path}: [{max_connections: 100}]\``);
    return undefined;
  }
  const [first, second] = node.items;
  if (second !== undefined) {
    const must = 'must have one entry: Istio has one priority only';
    report({ name: 'ValueWrong', at: second.at, path: `${path}[1]`, must, found: 'but has more', fix: 'delete it' });
  }
  if (first === undefined) return undefined;
  if (first.kind !== 'map') {
    reportType(report, first, `${path}[0]`, 'must be a map', 'write `{max_connections: 100}`');
    return undefined;
  }
  const values = readFields(CIRCUIT_BREAKER, { map: first, dialect, prefix: `${path}[0].`, report });
  return {
    maxConnections: values.max_connections?.value ?? DEFAULTS.maxConnections,
    maxPendingRequests: values.max_pending_requests?.value ?? DEFAULTS.maxPendingRequests,
    maxRequests: values.max_requests?.value ?? DEFAULTS.maxRequests,
    maxRetries: values.max_retries?.value ?? DEFAULTS.maxRetries,
  };
};
