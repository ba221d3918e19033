import { CIRCUIT_BREAKER } from '../shared/fields/circuit-breakers.ts';
import { CORS } from '../shared/fields/cors.ts';
import { MAPPING_DIALECTS } from '../shared/fields/dialects.ts';
import type { Field, FieldTable } from '../shared/fields/field.ts';
import { ADDED_HEADER } from '../shared/fields/header-edits.ts';
import { KEEPALIVE } from '../shared/fields/keepalive.ts';
import { COOKIE, LOAD_BALANCER } from '../shared/fields/load-balancer.ts';
import { CONNECTION_FIELDS } from '../shared/fields/mapping-connections.ts';
import { IGNORED, REFUSED } from '../shared/fields/mapping-elsewhere.ts';
import { FORWARD_FIELDS } from '../shared/fields/mapping-forward.ts';
import { MATCH_FIELDS } from '../shared/fields/mapping-match.ts';
import { REDIRECT_FIELDS } from '../shared/fields/mapping-redirect.ts';
import { DOCUMENT_FIELDS, MAPPING } from '../shared/fields/mapping.ts';
import { REGEX_REWRITE } from '../shared/fields/regex-rewrite.ts';
import { RETRY_POLICY } from '../shared/fields/retry-policy.ts';
import { code, page, sentence, synonymTable, table } from './markdown.ts';

/** All fields of all dialects, what becomes of each, and why one is refused. */
export function mappingPage(): string {
  return page(
    'Mapping',
    `A Mapping is one route. Its \`apiVersion\` says which fields it may have: ${MAPPING_DIALECTS.map(code).join(', ')} (the two before the last also as \`ambassador/v2\` and \`ambassador/v3alpha1\`), oldest first. A field is in the versions from the one under *since* on; \`waymark.dev/v1\` knows them all. Words in the column *in Istio* are those of a VirtualService's \`http[]\`, unless another kind is named.`,
    RULES.map(line => `- ${line}`).join('\n'),
    '## Which requests',
    fieldTable(MATCH_FIELDS),
    '## Where they go, and what is changed',
    fieldTable(FORWARD_FIELDS),
    ...NESTED.flatMap(([name, fields]) => [`### \`${name}\``, nestedTable(fields)]),
    '## Redirects',
    fieldTable(REDIRECT_FIELDS),
    'Only with `host_redirect: true`; with it, everything that changes requests which are sent on is refused.',
    '## Connections',
    'They hold for a place that requests are sent to, not for a route: Mappings that name the same place and ask for different ones are a conflict, and the older one keeps its own. For a Service of another namespace they are refused.',
    fieldTable(CONNECTION_FIELDS),
    ...OF_CONNECTIONS.flatMap(([name, fields]) => [`### \`${name}\``, nestedTable(fields)]),
    '## About the document',
    fieldTable(DOCUMENT_FIELDS),
    '## Without effect',
    'They change nobody’s requests here; a warning says so, unless the value says what is so anyway.',
    whyTable(IGNORED),
    '## Refused',
    'What they do cannot be had, and to leave them out in silence could change who may call, or which requests succeed. A value that says what is so anyway (`bypass_auth: false`) is taken.',
    whyTable(REFUSED),
    '## Other names',
    synonymTable(MAPPING.synonyms),
  );
}

/** What no single field shows. */
const RULES = [
  'Defaults are Ambassador’s, written out: `rewrite: /`, `timeout_ms: 3000`, no retries (also none of those that Istio makes by itself).',
  'Routes of a host are asked in Ambassador’s order: greater `precedence`, then longer `prefix`, then more letters of headers (`method` and `hostname` among them), then of parameters.',
  'Mappings of a namespace that match alike are a group when one has a `weight` or is a `shadow`; otherwise the older one keeps the route. Those without a weight share what the others leave.',
  'Patterns are regular expressions of RE2, for the whole text, of at most 1024 bytes; one that Envoy would not take is refused, with its place.',
  'A destination outside the cluster must be allowed by the platform (`externalServices`). It sees its own name as host, unless `host_rewrite` or `auto_host_rewrite` is written: Ambassador would send the host of the request, which nobody out there knows.',
  'TLS to a destination is checked: its certificate must be one that the system trusts. Ambassador did not check; `tls_verify: false` (in `waymark.dev/v1`) does as it did.',
  'In `getambassador.io/v3alpha1` lists are lists and booleans are none of texts. In all others a list may be a text with commas, `true` under `headers` and `query_parameters` is any value, and a boolean under `add_request_headers` and `add_response_headers` is its text.',
];

const NESTED: readonly (readonly [name: string, fields: FieldTable])[] = [
  ['regex_rewrite', REGEX_REWRITE.fields],
  ['retry_policy', RETRY_POLICY.fields],
  ['cors', CORS.fields],
  ['add_request_headers.<name>', ADDED_HEADER.fields],
];

const OF_CONNECTIONS: readonly (readonly [name: string, fields: FieldTable])[] = [
  ['circuit_breakers[0]', CIRCUIT_BREAKER.fields],
  ['load_balancer', LOAD_BALANCER.fields],
  ['load_balancer.cookie', COOKIE.fields],
  ['keepalive', KEEPALIVE.fields],
];

function fieldTable(fields: FieldTable): string {
  return table(
    ['field', 'since', 'type', 'default', 'meaning', 'in Istio'],
    Object.entries(fields).map(([name, field]) => [
      code(name),
      since(field),
      field.type,
      field.default,
      sentence(field.doc),
      field.becomes ?? '–',
    ]),
  );
}

function nestedTable(fields: FieldTable): string {
  return table(
    ['field', 'type', 'default', 'meaning', 'in Istio'],
    Object.entries(fields).map(([name, field]) => [
      code(name),
      field.type,
      field.default,
      sentence(field.doc),
      field.becomes ?? '–',
    ]),
  );
}

function whyTable(fields: FieldTable): string {
  return table(
    ['field', 'since', 'type', 'why', 'what to do'],
    Object.entries(fields).map(([name, field]) => [
      code(name),
      since(field),
      field.type,
      sentence(field.doc),
      sentence(field.fix ?? 'delete it'),
    ]),
  );
}

function since({ dialects }: Field): string {
  return dialects === undefined ? 'ambassador/v0' : (dialects[0] ?? '');
}
