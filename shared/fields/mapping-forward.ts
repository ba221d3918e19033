import { SINCE_V1, SINCE_V2 } from './dialects.ts';
import { readCors } from './cors.ts';
import type { Field } from './field.ts';
import { readAddedHeaders, readHeaderNames } from './header-edits.ts';
import { MAX_INT } from './mapping-outcomes.ts';
import { readAuthority, readRewrite, readService } from './mapping-readers.ts';
import { readBoolean, readWholeNumber } from './readers.ts';
import { readRegexRewrite } from './regex-rewrite.ts';
import { readRetryPolicy } from './retry-policy.ts';

/** Fields that say where requests go, and what is changed of them and of the answers on the way. */
export const FORWARD_FIELDS = {
  service: {
    outcome: 'built',
    type: '`name`, `name.namespace`, `name.namespace.svc` or a host outside, with `http://` or `https://` in front and `:port` behind',
    default: "the Deployment's own Service and first port",
    doc: 'Where the requests go, or are redirected to; the port is 80 if none is given, 443 with TLS',
    becomes: '`route[].destination`',
    read: readService,
  },
  rewrite: {
    outcome: 'built',
    type: "path or ''",
    default: '/',
    doc: "What replaces the prefix, or the whole of an exact path or a pattern; '' leaves the path as it is",
    becomes: "`rewrite.uri`; nothing for ''",
    read: readRewrite,
  },
  regex_rewrite: {
    outcome: 'built',
    type: '`{pattern, substitution}`',
    default: 'none',
    doc: 'Replaces what matches a regular expression (RE2) in the path; `\\1` is its first group. Wins over `rewrite`',
    becomes: '`rewrite.uriRegexRewrite`',
    dialects: SINCE_V2,
    read: readRegexRewrite,
  },
  host_rewrite: {
    outcome: 'built',
    type: 'host, with `:port` if need be',
    default: "the request's",
    doc: 'Host that the destination sees',
    becomes: '`rewrite.authority`, or a header of the destination',
    read: readAuthority,
  },
  auto_host_rewrite: {
    outcome: 'built',
    type: 'boolean',
    default: 'false',
    doc: 'The destination sees its own name as host',
    becomes: '`rewrite.authority`, or a header of the destination',
    read: readBoolean,
  },
  weight: {
    outcome: 'built',
    type: 'whole number from 0 to 100',
    default: 'what the others leave, in equal parts',
    doc: 'Percent of the requests that match alike; with `shadow`, percent of them that are copied',
    becomes: '`route[].weight`',
    read: readWholeNumber(0, 100),
  },
  shadow: {
    outcome: 'built',
    type: 'boolean',
    default: 'false',
    doc: 'Only copies of the requests go there, and nobody gets the answers',
    becomes: '`mirrors[]`',
    read: readBoolean,
  },
  timeout_ms: {
    outcome: 'built',
    type: 'milliseconds',
    default: '3000',
    doc: 'Timeout of the whole request; 0 is none',
    becomes: '`timeout`',
    read: readWholeNumber(0, MAX_INT),
  },
  retry_policy: {
    outcome: 'built',
    type: '`{retry_on, num_retries, per_try_timeout}`',
    default: 'no retries',
    doc: 'When and how often a request is sent once more',
    becomes: '`retries`; without it `retries.attempts: 0`',
    dialects: SINCE_V1,
    read: readRetryPolicy,
  },
  cors: {
    outcome: 'built',
    type: '`{origins, methods, headers, credentials, exposed_headers, max_age}`',
    default: 'none',
    doc: 'Which pages of other origins may call',
    becomes: '`corsPolicy`',
    read: readCors,
  },
  add_request_headers: {
    outcome: 'built',
    type: 'map of names to values or `{value, append}`',
    default: '{}',
    doc: "Headers that the destination gets, beside those of the same name or, with `append: false`, instead of them; `%` is written twice, or begins one of Envoy's commands",
    becomes: '`headers.request.add`, `.set`',
    read: readAddedHeaders('request'),
  },
  add_response_headers: {
    outcome: 'built',
    type: 'map of names to values or `{value, append}`',
    default: '{}',
    doc: 'Headers that the client gets, in the same way',
    becomes: '`headers.response.add`, `.set`',
    read: readAddedHeaders('response'),
  },
  remove_request_headers: {
    outcome: 'built',
    type: 'list of names',
    default: '[]',
    doc: 'Headers that the destination does not get',
    becomes: '`headers.request.remove`',
    dialects: SINCE_V1,
    read: readHeaderNames,
  },
  remove_response_headers: {
    outcome: 'built',
    type: 'list of names',
    default: '[]',
    doc: 'Headers that the client does not get',
    becomes: '`headers.response.remove`',
    dialects: SINCE_V1,
    read: readHeaderNames,
  },
} as const satisfies Record<string, Field>;
