import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareKeys, keyOf, LAST } from './route.ts';
import type { SortKey } from './route.ts';
import { underPrefix } from '../request-match.ts';
import type { NamedMatch } from '../request-match.ts';

interface Mapping {
  readonly precedence?: number;
  readonly prefix: string;
  readonly method?: string;
  readonly methodRegex?: string;
  readonly authority?: string;
  readonly headers?: readonly NamedMatch[];
  readonly query?: readonly NamedMatch[];
}

function key({ precedence = 0, prefix, method, methodRegex, authority, headers = [], query = [] }: Mapping): SortKey {
  const { path } = underPrefix(prefix);
  const exact = method === undefined ? undefined : ({ kind: 'exact', value: method } as const);
  const tested = methodRegex === undefined ? exact : ({ kind: 'regex', value: methodRegex } as const);
  return keyOf(precedence, { path, ...(tested && { method: tested }), headers, query }, authority);
}

const is = (name: string, value: string): NamedMatch => ({ name, test: { kind: 'exact', value } });
const fits = (name: string, value: string): NamedMatch => ({ name, test: { kind: 'regex', value } });
const isThere = (name: string): NamedMatch => ({ name, test: { kind: 'present' } });

describe('Ambassador asks first', () => {
  it.each<[string, Mapping, Mapping]>([
    ['the higher precedence, whatever its prefix', { precedence: 1, prefix: '/' }, { prefix: '/long/prefix/' }],
    ['the longer prefix', { prefix: '/models/resnet/' }, { prefix: '/models/' }],
    ['the longer prefix, also where it is less specific', { prefix: '/abc' }, { prefix: '/a', method: 'POST' }],
    ['a method before none', { prefix: '/a/', method: 'GET' }, { prefix: '/a/' }],
    [
      'more header text',
      { prefix: '/a/', headers: [is('x-user', 'alice')] },
      { prefix: '/a/', headers: [is('x-user', 'bob')] },
    ],
    ['a named host before none', { prefix: '/a/', authority: 'a.example.com' }, { prefix: '/a/', method: 'POST' }],
    ['of equal length the prefix that sorts last', { prefix: '/b/' }, { prefix: '/a/' }],
    ['of equal length the prefix that sorts last by code point', { prefix: '/\u{1f600}' }, { prefix: '/\uffee' }],
    ['of equal prefix the method that sorts last', { prefix: '/a/', method: 'PUT' }, { prefix: '/a/', method: 'GET' }],
    [
      'of equal text the header that sorts last',
      { prefix: '/a/', headers: [is('x', 'b')] },
      { prefix: '/a/', headers: [is('x', 'a')] },
    ],
    [
      'a pattern before a text of its length',
      { prefix: '/a/', headers: [fits('x', 'ab')] },
      { prefix: '/a/', headers: [is('x', 'ab')] },
    ],
    [
      'a pattern of the method before a text of its length',
      { prefix: '/a/', methodRegex: 'GET' },
      { prefix: '/a/', method: 'PUT' },
    ],
    [
      'a value before one that need only be there',
      { prefix: '/a/', headers: [is('x', 'ab')] },
      { prefix: '/a/', headers: [isThere('x')] },
    ],
    [
      'more text of the query',
      { prefix: '/a/', query: [is('size', '10')] },
      { prefix: '/a/', query: [isThere('size')] },
    ],
    [
      'a short header before a long parameter of the query',
      { prefix: '/a/', headers: [is('x', 'a')] },
      { prefix: '/a/', query: [is('parameter', 'value')] },
    ],
    ['a Mapping before the catch-all, whatever its precedence', { precedence: -5, prefix: '/' }, { prefix: '' }],
  ])('%s', (_, first, second) => {
    const [a, b] = [key(first), second.prefix === '' ? LAST : key(second)];

    expect(compareKeys(a, b)).toBeLessThan(0);
    expect(compareKeys(b, a)).toBeGreaterThan(0);
    expect([b, a].sort(compareKeys)).toEqual([a, b]);
  });

  it('in one order, however the Mappings come', () => {
    const keys = fc.record({
      precedence: fc.constantFrom(0, 1),
      prefix: fc.constantFrom('/', '/a', '/b', '/ab'),
      method: fc.constantFrom('GET', 'POST'),
      headers: fc.constantFrom<NamedMatch[][]>([], [is('x', 'a')], [is('x', 'b')], [fits('y', 'a')], [isThere('y')]),
      query: fc.constantFrom<NamedMatch[][]>([], [is('x', 'a')], [fits('x', 'b')], [isThere('x')]),
    });

    fc.assert(
      fc.property(fc.uniqueArray(keys.map(key), { selector: one => JSON.stringify(one) }), sorted => {
        expect(sorted.toReversed().sort(compareKeys)).toEqual(sorted.toSorted(compareKeys));
      }),
    );
  });
});
