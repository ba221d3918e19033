import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareKeys, keyOf, LAST } from './route.ts';
import type { Pair, SortKey } from './route.ts';

interface Mapping {
  readonly precedence?: number;
  readonly prefix: string;
  readonly method?: string;
  readonly pairs?: readonly Pair[];
}

function key({ precedence = 0, prefix, method, pairs = [] }: Mapping): SortKey {
  const methods: Pair[] = method === undefined ? [] : [[':method', method]];
  return keyOf(precedence, prefix, method, [...pairs, ...methods]);
}

describe('Ambassador asks first', () => {
  it.each<[string, Mapping, Mapping]>([
    ['the higher precedence, whatever its prefix', { precedence: 1, prefix: '/' }, { prefix: '/long/prefix/' }],
    ['the longer prefix', { prefix: '/models/resnet/' }, { prefix: '/models/' }],
    ['the longer prefix, also where it is less specific', { prefix: '/abc' }, { prefix: '/a', method: 'POST' }],
    ['a method before none', { prefix: '/a/', method: 'GET' }, { prefix: '/a/' }],
    [
      'more header text',
      { prefix: '/a/', pairs: [['x-user', 'alice']] },
      { prefix: '/a/', pairs: [['x-user', 'bob']] },
    ],
    [
      'a named host before none',
      { prefix: '/a/', pairs: [[':authority', 'a.example.com']] },
      { prefix: '/a/', method: 'POST' },
    ],
    ['of equal length the prefix that sorts last', { prefix: '/b/' }, { prefix: '/a/' }],
    ['of equal length the prefix that sorts last by code point', { prefix: '/\u{1f600}' }, { prefix: '/\uffee' }],
    ['of equal prefix the method that sorts last', { prefix: '/a/', method: 'PUT' }, { prefix: '/a/', method: 'GET' }],
    [
      'of equal text the header that sorts last',
      { prefix: '/a/', pairs: [['x', 'b']] },
      { prefix: '/a/', pairs: [['x', 'a']] },
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
      pairs: fc.constantFrom<Pair[][]>([], [['x', 'a']], [['x', 'b']], [['y', 'a']]),
    });

    fc.assert(
      fc.property(fc.uniqueArray(keys.map(key), { selector: one => JSON.stringify(one) }), sorted => {
        expect(sorted.toReversed().sort(compareKeys)).toEqual(sorted.toSorted(compareKeys));
      }),
    );
  });
});
