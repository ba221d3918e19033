import fc from 'fast-check';
import type { Request } from '../../../shared/request/request.ts';
import { deployment, documents, inferenceService } from '../manifests.ts';
import type { Manifest } from '../manifests.ts';

/** One host, all that is asked for on it, and requests to it. */
export interface Case {
  readonly host: string;
  readonly deployments: readonly Manifest[];
  readonly requests: readonly Request[];
}

export interface CorpusOptions {
  readonly seed: number;
  readonly hosts: number;
  /** To each of them. */
  readonly requests: number;
}

/**
 * Hosts of a few Deployments, whose Mappings overlap on purpose. What a Mapping sends on has its number in the path:
 * Mapping `m7` sends to `/r7/`, or redirects to `r7.example.com`.
 */
export function corpusOf({ seed, hosts, requests }: CorpusOptions): readonly Case[] {
  const shapes = fc.sample(shapesOfHost, { seed, numRuns: hosts });
  const sent = fc.sample(fc.array(request, { minLength: requests, maxLength: requests }), { seed, numRuns: hosts });
  let number = 0;
  return shapes.map((shape, index) => {
    const host = `h${index}.example.com`;
    const own = shape.service ? [inferenceService(`h${index}`, 'v1', `hosts: [${host}]`)] : [];
    const texts = shape.deployments.map(mappings => mappings.map(one => mappingText(one, host, ++number)));
    const [first = [], ...others] = texts;
    const name = shape.service ? `serving-h${index}-1` : `h${index}-first`;
    return {
      host,
      deployments: [
        deployment(`shop/${name}`, { config: documents(...own, ...first) }),
        ...others.map((text, place) => deployment(`shop/h${index}-${place}`, { config: documents(...text) })),
      ],
      requests: sent[index] ?? [],
    };
  });
}

interface Shape {
  readonly path: readonly [text: string, ...lines: string[]];
  readonly method: readonly string[];
  readonly headers: readonly string[];
  readonly query: readonly string[];
  readonly precedence: number;
  readonly does: 'rewrite' | 'rewrite by pattern' | 'redirect';
}

function mappingText(shape: Shape, host: string, number: number): string {
  const [prefix, ...kind] = shape.path;
  return [
    'apiVersion: getambassador.io/v2',
    'kind: Mapping',
    `name: m${number}`,
    `host: ${host}`,
    `prefix: '${prefix}'`,
    ...kind,
    ...shape.method,
    ...shape.headers,
    ...shape.query,
    ...(shape.precedence === 0 ? [] : [`precedence: ${shape.precedence}`]),
    ...actionLines(shape.does, number),
    '',
  ].join('\n');
}

function actionLines(does: Shape['does'], number: number): readonly string[] {
  switch (does) {
    case 'rewrite':
      return ['service: echo', `rewrite: /r${number}/`];
    case 'rewrite by pattern':
      return ['service: echo', String.raw`regex_rewrite: {pattern: '^/([^/]*)|b', substitution: '/r${number}/\1'}`];
    case 'redirect':
      return [`service: r${number}.example.com`, 'host_redirect: true'];
  }
}

const EXACT = 'prefix_exact: true';
const REGEX = 'prefix_regex: true';
const ANY_CASE = 'case_sensitive: false';

const path = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('/', '/a', '/a/', '/a/b', '/a/b/', '/ab', '/A/', '/a//', '/a%2Fb', '/b/') },
  { weight: 2, arbitrary: fc.constantFrom(...['/a', '/a/b', '/A/b', '/b/'].map(text => [text, EXACT] as const)) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...[
        '/a.*',
        '/a/[^/]+',
        '/(a|ab)/?',
        '.*b',
        '/a/(b|c)*',
        '/.',
        '/[a-b]{1,2}/',
        '(?i)/A/B.*',
        '/a|/a/b',
        '/A.*',
      ].map(text => [text, REGEX] as const),
    ),
  },
);

const shape: fc.Arbitrary<Shape> = fc.record({
  path: fc
    .tuple(path, fc.integer({ min: 0, max: 3 }))
    .map(([text, dice]): Shape['path'] => [
      ...(typeof text === 'string' ? ([text] as const) : text),
      ...(dice === 0 ? [ANY_CASE] : []),
    ]),
  method: fc.constantFrom(
    [],
    [],
    [],
    ['method: GET'],
    ['method: POST'],
    ['method: GET|PUT', 'method_regex: true'],
    ['method: P.*', 'method_regex: true'],
  ),
  headers: fc.constantFrom(
    [],
    [],
    [],
    ['headers: {x-a: b}'],
    ['headers: {X-A: true}'],
    ["regex_headers: {x-a: 'b+|c'}"],
    ['headers: {x-a: b, x-b: true}'],
    ["headers: {accept: 'b,c'}"],
    ["regex_headers: {x-a: '.*'}"],
  ),
  query: fc.constantFrom(
    [],
    [],
    [],
    ["query_parameters: {v: '1'}"],
    ['query_parameters: {v: true}'],
    ["regex_query_parameters: {v: '[0-9]+'}"],
    ["query_parameters: {v: '1', w: true}"],
  ),
  precedence: fc.constantFrom(0, 0, 0, 0, 1, -1),
  does: fc.constantFrom('rewrite', 'rewrite', 'rewrite', 'rewrite by pattern', 'redirect'),
});

/** What Ambassador takes for the same requests must not differ in how they are compared. */
const sameRequests = ({ path: [prefix], method, headers, query, precedence }: Shape) =>
  JSON.stringify([prefix, method[0], headers, query, precedence]);

const shapesOfHost = fc.record({
  service: fc.boolean(),
  deployments: fc.array(fc.uniqueArray(shape, { selector: sameRequests, minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 4,
  }),
});

const PIECES = ['a', 'a', 'b', 'ab', 'A', 'B', 'c', '.', '..', '%2e', '%2E%2e', '..;x', '.;', '', '%61', 'a%2fb', 'a%2Fb', '"', '%4', 'a\\b', ';']; // prettier-ignore
const QUERIES = [
  '',
  '',
  '',
  '?v=1',
  '?v=2',
  '?v',
  '?v=&w',
  '?w&v=1',
  '?v=%31',
  '?v=1&v=2',
  '?v=2&v=1',
  '?V=1',
  '?/a/b',
  '?v=1&w=',
];

const target = fc
  .tuple(
    fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '', '/'),
    fc.constantFrom(...QUERIES),
  )
  .map(([parts, end, query]) => `/${parts.join('/')}${end}${query}`);

const headers = fc.constantFrom(
  ...[
    [],
    [],
    ['x-a: b'],
    ['X-a: bb'],
    ['x-a: d'],
    ['x-a:'],
    ['x-a: d', 'x-a: c'],
    ['x-a: b', 'x-b: 1'],
    ['x-a: b,c'],
    ['accept: b', 'accept: c'],
    ['accept: b,c', 'x-b:'],
  ].map(
    // prettier-ignore
    all => all.map(headerIn),
  ),
);

const request: fc.Arbitrary<Request> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'POST', 'PUT', 'DELETE'),
  target,
  headers,
});

function headerIn(text: string): Request['headers'][number] {
  const [name = '', value = ''] = text.split(/: ?/);
  return { name, value };
}
