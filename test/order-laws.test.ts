import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compile } from '../shared/compile.ts';
import type { JsonObject } from '../shared/json.ts';
import type { Snapshot } from '../shared/snapshot.ts';
import { deployment } from './support/deployments.ts';
import { WORLD_SETTINGS } from './support/random-world.ts';

/** One Mapping as Ambassador reads it. */
interface Written {
  readonly prefix: string;
  readonly kind: '' | 'exact' | 'regex';
  readonly precedence: number;
  readonly method: string | undefined;
  readonly isMethodPattern: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly patterns: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}

const HOST = 'web.example.com';

const names = fc.constantFrom('a', 'bb', 'x-long-name');
const values = fc.constantFrom('1', '22', 'zz');
const few = fc.dictionary(names, values, { maxKeys: 2 });

const written: fc.Arbitrary<Written> = fc
  .record({
    prefix: fc.constantFrom('/', '/a', '/b', '/a/', '/ab/c', '/zz/c'),
    kind: fc.constantFrom<Written['kind'][]>('', '', '', 'exact', 'regex'),
    precedence: fc.constantFrom(0, 0, 0, -1, 2),
    method: fc.option(fc.constantFrom('GET', 'PUT', 'POST'), { nil: undefined }),
    isMethodPattern: fc.constantFrom(false, false, true),
    headers: few,
    patterns: few,
    query: few,
  })
  .map(one => ({ ...one, patterns: without(one.patterns, one.headers) }));

function without(map: Readonly<Record<string, string>>, other: object): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([name]) => !(name in other)));
}

/** Different texts only: the same text twice is one group, or refused. */
const worlds = fc.uniqueArray(fc.tuple(fc.constantFrom('one', 'two', 'three'), written), {
  minLength: 2,
  maxLength: 12,
  selector: ([, one]) =>
    JSON.stringify([
      one.prefix,
      one.precedence,
      one.method ?? '',
      sorted({ ...one.headers, ...one.patterns }),
      sorted(one.query),
    ]),
});

function sorted(map: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
}

function document(name: string, one: Written): string {
  const maps = { headers: one.headers, regex_headers: one.patterns, query_parameters: one.query };
  return [
    'apiVersion: getambassador.io/v3alpha1\nkind: Mapping',
    `name: ${name}`,
    `hostname: ${HOST}`,
    `prefix: ${one.prefix}`,
    'rewrite: ""',
    ...(one.kind === '' ? [] : [`prefix_${one.kind}: true`]),
    ...(one.precedence === 0 ? [] : [`precedence: ${one.precedence}`]),
    ...(one.method === undefined ? [] : [`method: ${one.method}`]),
    ...(one.method !== undefined && one.isMethodPattern ? ['method_regex: true'] : []),
    ...Object.entries(maps).flatMap(([field, map]) =>
      Object.keys(map).length === 0 ? [] : [`${field}: ${JSON.stringify(map)}`],
    ),
  ].join('\n');
}

/** The names of the Mappings in the order in which they are asked. */
function asked(documents: readonly { readonly by: string; readonly text: string }[]): readonly string[] {
  const deployments = [...Map.groupBy(documents, ({ by }) => by)].map(([by, own]) =>
    deployment(`shop/${by}`, { config: own.map(({ text }) => text).join('\n---\n') }),
  );
  return order({
    settings: { ...WORLD_SETTINGS, policy: 'warn' },
    now: 0,
    deployments,
    namespaces: new Map(),
    existing: [],
    istio: true,
  });
}

function order(world: Snapshot): readonly string[] {
  const route = compile(world).objects.find(({ object }) => object.kind === 'VirtualService')?.object;
  const http = (route?.spec['http'] ?? []) as readonly JsonObject[];
  return http.map(({ name }) => String(name).split('/')[2] ?? '');
}

/** IRHTTPMapping._route_weight, as Python compares it: sorted ascending, then reversed. */
function routeWeight({
  prefix,
  precedence,
  method,
  isMethodPattern,
  headers,
  patterns,
  query,
}: Written): readonly (number | string)[] {
  const plain: [string, string, boolean][] = [
    ...sorted(headers).map(([n, v]): [string, string, boolean] => [n, v, false]),
    [':authority', HOST, false],
  ];
  const odd: [string, string, boolean][] = sorted(patterns).map(([n, v]) => [n, v, true]);
  if (method !== undefined) (isMethodPattern ? odd : plain).push([':method', method, isMethodPattern]);
  const headerMatches = [...plain, ...odd];
  const queryMatches = sorted(query).map(([n, v]): [string, string, boolean] => [n, v, false]);
  const weight = (matches: readonly [string, string, boolean][]) =>
    matches.reduce((sum, [name, value, isRegex]) => sum + name.length + value.length + (isRegex ? 1 : 0), 0);
  return [
    precedence,
    prefix.length,
    weight(headerMatches),
    weight(queryMatches),
    prefix,
    method ?? 'GET',
    ...[...headerMatches, ...queryMatches].map(([name, value]) => `${name}-${value}`),
  ];
}

function compareLists(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x = 0, y = 0] = [a[i], b[i]];
    if (x !== y) return x < y ? -1 : 1;
  }
  return a.length - b.length;
}

describe('Mappings of a host', () => {
  const numbered = worlds.map(all => all.map(([by, one], at) => ({ by, one, name: `m${at}` })));

  it('are asked in the order of Ambassador, whoever wrote them', () => {
    fc.assert(
      fc.property(numbered, all => {
        const expected = all.toSorted((a, b) => compareLists(routeWeight(a.one), routeWeight(b.one))).reverse();

        expect(asked(all.map(({ by, one, name }) => ({ by, text: document(name, one) })))).toEqual(
          expected.map(({ name }) => name),
        );
      }),
      { numRuns: 80 },
    );
  });

  it('are asked in the same order in whatever order documents and Deployments come', () => {
    const shuffled = numbered.chain(all =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        const [one, two] = [all, other].map(some =>
          asked(some.map(({ by, one, name }) => ({ by, text: document(name, one) }))),
        );

        expect(two).toEqual(one);
      }),
      { numRuns: 40 },
    );
  });

  it('are asked in the same order beside a Deployment that has an error', () => {
    fc.assert(
      fc.property(numbered, all => {
        const documents = all.map(({ by, one, name }) => ({ by, text: document(name, one) }));
        const bad = { by: 'bad', text: `${documents[0]?.text ?? ''}\nnonsense: 1` };

        expect(asked([bad, ...documents])).toEqual(asked(documents));
      }),
      { numRuns: 20 },
    );
  });
});
