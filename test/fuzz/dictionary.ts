import { DEPLOYMENT_ANNOTATIONS, namespaceAnnotation, POLICY_LABEL } from '../../shared/annotation-keys.ts';
import { AMBASSADOR_KINDS, KINDS } from '../../shared/fields/dialects.ts';
import { EXTERNAL_SETTINGS } from '../../shared/fields/external-settings.ts';
import { EXTERNAL } from '../../shared/fields/external.ts';
import { CIRCUIT_BREAKER } from '../../shared/fields/circuit-breakers.ts';
import { CORS } from '../../shared/fields/cors.ts';
import type { FieldTable, Schema } from '../../shared/fields/field.ts';
import { ADDED_HEADER } from '../../shared/fields/header-edits.ts';
import { INFERENCE_SERVICE } from '../../shared/fields/inference-service.ts';
import { KEEPALIVE } from '../../shared/fields/keepalive.ts';
import { COOKIE, LOAD_BALANCER } from '../../shared/fields/load-balancer.ts';
import { MAPPING } from '../../shared/fields/mapping.ts';
import { METRIC_TYPES } from '../../shared/fields/metric-catalog.ts';
import { REGEX_REWRITE } from '../../shared/fields/regex-rewrite.ts';
import { RETRY_POLICY } from '../../shared/fields/retry-policy.ts';
import { SETTINGS } from '../../shared/fields/settings.ts';
import { UPGRADE } from '../../shared/fields/upgrade.ts';
import { CATALOGUE } from '../../shared/findings/catalogue.ts';
import { EXTERNAL_STRATEGIES, NAMESPACE_SETTINGS, POLICIES, UPGRADE_STRATEGIES } from '../../shared/settings.ts';

/** What texts are made of. A field that is added to a table is tried out from then on. */
export interface Dictionary {
  /** What stands in front of a colon. */
  readonly keys: readonly string[];
  /** What stands behind one, also whole maps and lists in brackets. */
  readonly values: readonly string[];
}

const SCHEMAS: readonly Schema<FieldTable>[] = [
  INFERENCE_SERVICE,
  MAPPING,
  REGEX_REWRITE,
  RETRY_POLICY,
  CORS,
  ADDED_HEADER,
  CIRCUIT_BREAKER,
  LOAD_BALANCER,
  COOKIE,
  KEEPALIVE,
  SETTINGS,
  EXTERNAL,
  EXTERNAL_SETTINGS,
  UPGRADE,
];

/** Values at the edges of what is allowed, whatever the field. */
const EDGES = [
  ...['0', '1', '-1', '00', '0x10', '1e3', '.5', '1_000', '65535', '65536', '2147483647', '2147483648', '4552', '4553'],
  ...[
    '9007199254740993',
    '1e999',
    '.inf',
    '.nan',
    '99999999999999999999',
    'true',
    'false',
    'null',
    '~',
    '',
    '""',
    "''",
  ],
  ...['yes', 'off', '[]', '{}', '[[]]', '[{}]', '{a: {b: {c: [d]}}}', '["", ""]', '[,]', '{,}', '{a: 1, a: 2}', '? x'],
  ...[
    '0s',
    '1ms',
    '8760h',
    '8761h',
    '1h1m1s1ms',
    '300',
    '0%',
    '1%',
    '100%',
    '101%',
    '%20',
    '1n',
    '500m',
    '2Gi',
    '1e-9',
  ],
  ...['cpu:50%', 'cpu:50%,mem:50;gpu=50%', 'mem:2Gi', 'min:1,max:4', 'a:1,a:2', ',', ';', ':', '=', 'a=:b', 'web:20%'],
  ...[
    'web',
    'web:8080',
    'web.other',
    'web.other.svc:81',
    'http://web',
    'https://web',
    'web.example.com:443',
    'grpc://x',
  ],
  ...[
    'a.example.com',
    '*.example.com',
    '*',
    'A.Example.COM.',
    'xn--bcher-kva.example',
    '10.0.0.1',
    '[::1]',
    'a..b',
    '-a.b',
  ],
  ...[
    '/',
    '//',
    '/a',
    '/a/',
    '/%2e%2e/',
    '/a/../b',
    '/./',
    '/a?b',
    '/a#b',
    'a',
    '/%zz',
    '/%',
    '/é',
    '/a b',
    '/a*b',
    '/$1',
  ],
  ...[
    '203.0.113.10',
    '203.0.113.0/24',
    '10.0.0.0/33',
    '127.0.0.1',
    '169.254.169.254',
    '::ffff:10.0.0.1',
    'fe80::1%eth0',
  ],
  ...[
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '010.0.0.1',
    '1.2.3',
    '2001:db8::1',
    '{name}',
    '{namespace}',
    '{model}',
  ],
  ...['{prefix}{service}.{namespace}.{domain}', '30000-32767', '32767-30000', '/models/{model}/', 'x'.repeat(64)],
  ...['x'.repeat(254), `${'a'.repeat(63)}.${'b'.repeat(63)}.example.com`, '$(HOME)', '$$', '`id`', '${jndi:ldap://x}'],
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '<<',
    '(?i)/a.*',
    '/v[0-9]+/(.*)',
    '\\1',
    '\\9',
    '(a)\\1',
    '(?!a)',
    '((a{9}){9}){9}',
    'a{1000}b{1000}',
    '\\pL{999}',
    '(((((((((((a)*)*)*)*)*)*)*)*)*)*)*',
    '[\\pL-z',
    '%REQ(x-id)%',
    '%ENVIRONMENT(HOME)%',
    '100%',
    '{pattern: "/a(.*)", substitution: "/\\1"}',
    '{retry_on: 5xx, num_retries: 2}',
    '{origins: ["*"], credentials: true}',
    '{policy: ring_hash, header: x-a}',
    '{x-a: {value: a, append: false}}',
    '[{max_connections: 1}]',
  ],
  ...['&a x', '*a', '!!js/function x', '!t x'],
];

/** `more` are words found elsewhere, such as those of the program's own text. */
export function dictionaryOf(more: Iterable<string> = []): Dictionary {
  const tables = [...SCHEMAS.map(({ fields }) => fields), ...Object.values(METRIC_TYPES)];
  const synonyms = SCHEMAS.flatMap(schema => Object.keys(schema.synonyms));
  const fields = tables.flatMap(table => Object.entries(table));
  const examples = CATALOGUE.flatMap(({ bad, good }) => [bad, good]);
  const written = [...examples, ...fields.flatMap(([, { doc, type, default: initial }]) => [doc, type, initial])];
  const pairs = examples.flatMap(text => [...text.matchAll(/^[ -]*([\w./-]+): *(\S.*)?$/gm)]);
  const words = [...more].filter(word => /^[\x21-\x7e]+$/.test(word));
  return {
    keys: unique([
      ...fields.map(([name]) => name),
      ...synonyms,
      ...pairs.map(([, key = '']) => key),
      ...words.filter(word => /^[A-Za-z][A-Za-z0-9_-]*$/.test(word)),
      ...['__proto__', 'constructor', 'toString', '<<', '1', 'null', '"quoted"', '? x', 'a b'],
    ]),
    values: unique([
      ...EDGES,
      ...Object.keys(KINDS),
      ...Object.keys(AMBASSADOR_KINDS),
      ...Object.values(KINDS).flat(),
      ...[...POLICIES, ...EXTERNAL_STRATEGIES, ...UPGRADE_STRATEGIES, ...NAMESPACE_SETTINGS],
      ...[
        ...DEPLOYMENT_ANNOTATIONS.map(({ key }) => key),
        ...NAMESPACE_SETTINGS.map(namespaceAnnotation),
        POLICY_LABEL,
      ],
      ...pairs.map(([, , value = '']) => value),
      ...written.flatMap(text => [...text.matchAll(/[`']([^`'\n]{1,60})[`']/g)].map(([, inner = '']) => inner)),
      ...words,
    ]),
  };
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
