import type { Field, Read, Schema } from './field.ts';
import { readMap } from './read-fields.ts';
import { readDuration, readOneOf, readWholeNumber, reportValue } from './readers.ts';

/** Ambassador's own: of Envoy's conditions, one at a time. */
const CONDITIONS = [
  '5xx',
  'gateway-error',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
] as const;

/** Istio counts in whole milliseconds from 1. */
const readTryTimeout: Read<number> = (node, path, report) => {
  const duration = readDuration(node, path, report);
  if (duration !== 0) return duration;
  reportValue(report, node, path, 'must be at least 1ms', 'write a time, or leave it out');
  return undefined;
};

const readCondition = readOneOf(...CONDITIONS);

const readRetryOn: Read<(typeof CONDITIONS)[number]> = (node, path, report) => {
  const text = node.kind === 'scalar' && typeof node.value === 'string' ? node.value : '';
  const [first = '', ...others] = text.split(',').map(each => each.trim());
  if (others.length === 0) return readCondition(node, path, report);
  reportValue(report, node, path, 'must be one condition', `write '${first}'; '5xx' takes most of the others in`);
  return undefined;
};

const FIELDS = {
  retry_on: {
    outcome: 'built',
    type: CONDITIONS.join(', '),
    default: 'required',
    required: true,
    doc: 'When a request is sent once more, one of the conditions of Envoy',
    becomes: '`retries.retryOn`',
    read: readRetryOn,
  },
  num_retries: {
    outcome: 'built',
    type: 'whole number from 0 to 100',
    default: '1',
    doc: 'How often at most, beside the first time; 0 is never',
    becomes: '`retries.attempts`',
    read: readWholeNumber(0, 100),
  },
  per_try_timeout: {
    outcome: 'built',
    type: 'duration',
    default: "the request's",
    doc: 'Timeout of each try',
    becomes: '`retries.perTryTimeout`',
    read: readTryTimeout,
  },
} as const satisfies Record<string, Field>;

export const RETRY_POLICY: Schema<typeof FIELDS> = {
  title: '`retry_policy`',
  header: [],
  fields: FIELDS,
  synonyms: {
    attempts: { found: "is Istio's name", fix: 'write `num_retries`' },
    retryOn: { found: "is Istio's name", fix: 'write `retry_on`' },
    perTryTimeout: { found: "is Istio's name", fix: 'write `per_try_timeout`' },
  },
};

export const readRetryPolicy = readMap(RETRY_POLICY, '{retry_on: 5xx, num_retries: 2}');
