import { describe, expect, it } from '@jest/globals';
import { EVERY_REQUEST, underPrefix } from '../request-match.ts';
import type { NamedMatch, PathMatch, RequestMatch, TextMatch } from '../request-match.ts';
import { evaluate } from './evaluate.ts';
import { readRequest } from './read-request.ts';
import { seenByGateway } from './seen.ts';

function evaluated(text: string, ...matches: readonly RequestMatch[]) {
  const reading = readRequest(text);
  const seen = 'value' in reading ? seenByGateway(reading.value, 'shop.example.com') : undefined;
  if (!seen) throw new Error(`the gateway never sees ${text}`);
  return evaluate(matches, seen);
}

function path(kind: PathMatch['kind'], value: string, ignoresCase = false): RequestMatch {
  return { ...EVERY_REQUEST, path: { kind, value, ignoresCase } };
}

function method(kind: TextMatch['kind'], value: string): RequestMatch {
  return { ...EVERY_REQUEST, method: { kind, value } };
}

function named(of: 'headers' | 'query', name: string, test: NamedMatch['test']): RequestMatch {
  return { ...EVERY_REQUEST, [of]: [{ name, test }] };
}

const exact = (value: string): TextMatch => ({ kind: 'exact', value });
const regex = (value: string): TextMatch => ({ kind: 'regex', value });
const present = { kind: 'present' } as const;

describe('a route', () => {
  const rows: readonly (readonly [string, RequestMatch, string, string | undefined])[] = [
    ['takes everything', EVERY_REQUEST, 'DELETE /any?a=b', undefined],
    ['takes a prefix, letter by letter', path('prefix', '/man'), '/mankind', undefined],
    ['takes no shorter path', path('prefix', '/a/'), '/a', "the path '/a' does not begin with '/a/'"],
    ['takes no prefix in another case', path('prefix', '/a/'), '/A/', "the path '/A/' does not begin with '/a/'"],
    ['takes a prefix in any case', path('prefix', '/G/', true), '/g/X', undefined],
    ['takes no prefix with a query', path('prefix', '/a?'), '/a?b', "the path '/a' does not begin with '/a?'"],
    ['takes an exact path with a query', path('exact', '/a'), '/a?b', undefined],
    ['takes no longer path than an exact one', path('exact', '/a'), '/a/', "the path is '/a/', not '/a'"],
    ['takes an exact path in any case', path('exact', '/Hh', true), '/hH', undefined],
    ['takes a pattern of the whole path', path('regex', '/a|/ab'), '/ab?c', undefined],
    [
      'takes no pattern of a part of the path',
      path('regex', '/f'),
      '/fx',
      "the path '/fx' is not, from its begin to its end, what the pattern '/f' takes",
    ],
    ['takes a pattern in any case', path('regex', '/f.', true), '/FX', undefined],
    ['takes the path in its normal form', path('prefix', '/b'), '/a/../%62', undefined],
    [
      'takes no path as it was sent',
      path('prefix', '/l/%41'),
      '/l/%41',
      "the path '/l/A' does not begin with '/l/%41'",
    ],
    ['takes a method', method('exact', 'POST'), 'POST /', undefined],
    ['takes no other method', method('exact', 'POST'), '/', "the method is GET, not 'POST'"],
    ['takes a method of a pattern', method('regex', 'GET|PUT'), 'PUT /', undefined],
    [
      'takes no part of a method',
      method('regex', 'PO'),
      'POST /',
      "the method is POST, not what the pattern 'PO' takes",
    ],
    ['takes a header', named('headers', 'x-a', exact('b')), '/ -H X-A:b', undefined],
    ['takes no request without it', named('headers', 'x-a', exact('b')), '/', 'header x-a is missing'],
    ['takes no other value', named('headers', 'x-a', exact('b')), '/ -H x-a:B', "header x-a is 'B', not 'b'"],
    ['takes any of several values', named('headers', 'x-a', exact('b')), '/ -H x-a:c -H x-a:b', undefined],
    ['takes no list of values', named('headers', 'x-a', exact('b')), '/ -H x-a:b,b', "header x-a is 'b,b', not 'b'"],
    [
      'takes none of several values',
      named('headers', 'x-a', regex('b|c')),
      '/ -H x-a:d -H x-a:e',
      "header x-a is 'd' and 'e', not what the pattern 'b|c' takes",
    ],
    ['takes a header that is there', named('headers', 'x-a', present), '/ -H x-a:', undefined],
    ['takes a header with nothing by a pattern', named('headers', 'x-a', regex('.*')), '/ -H x-a:', undefined],
    ['takes no missing header by a pattern', named('headers', 'x-a', regex('.*')), '/', 'header x-a is missing'],
    ['takes a parameter', named('query', 'a', exact('b')), '/?a=b', undefined],
    ['takes no missing one', named('query', 'a', exact('b')), '/?A=b', 'parameter a of the query is missing'],
    [
      'takes the first value only',
      named('query', 'a', exact('b')),
      '/?a=c&a=b',
      "parameter a of the query is 'c', not 'b'",
    ],
    [
      'takes no encoded value',
      named('query', 'a', exact('b')),
      '/?a=%62',
      "parameter a of the query is '%62', not 'b'",
    ],
    ['takes a parameter that is there', named('query', 'a', present), '/?a', undefined],
    ['takes a parameter of a pattern', named('query', 'a', regex('b+')), '/?a=bb', undefined],
  ];

  it.each(rows)('%s', (_, match, text, why) => {
    const evaluation = evaluated(text, match);

    expect(evaluation).toEqual(why === undefined ? { taker: 0, near: [] } : { near: [{ index: 0, why }] });
  });
});

describe('of several routes', () => {
  it('the first one that takes a request has it, and the next one is told to be later', () => {
    expect(evaluated('/a/b', underPrefix('/b'), underPrefix('/a/'), EVERY_REQUEST)).toEqual({
      taker: 1,
      near: [
        { index: 2, why: 'it would take it as well, but is asked later' },
        { index: 0, why: "the path '/a/b' does not begin with '/b'" },
      ],
    });
  });

  it('the nearest are those of the path, then of the fewest faults, then of the likest path', () => {
    const post = { ...underPrefix('/models/a/'), method: exact('POST') };
    const both = { ...post, headers: [{ name: 'x', test: present }] };
    const others = [underPrefix('/zoo/'), underPrefix('/models/b/')];

    expect(evaluated('/models/a/', ...others, both, post).near.map(({ index }) => index)).toEqual([3, 2]);
    expect(evaluated('/models/c/', ...others, both, post).near.map(({ index }) => index)).toEqual([1, 0]);
  });

  it('of two that are equally near the one that is asked first', () => {
    expect(evaluated('/a', underPrefix('/b'), underPrefix('/c'), underPrefix('/d')).near).toMatchObject([
      { index: 0 },
      { index: 1 },
    ]);
  });

  it('none need take a request', () => {
    expect(evaluated('/a')).toEqual({ near: [] });
  });
});
