import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { externalIdsOf, parseLedger, printLedger } from './external-ledger.ts';

const holders = fc.tuple(fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/), fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/));
const ledgers = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 4552 }), holders, fc.boolean()), { selector: ([id]) => id })
  .map(entries => {
    const of = (isFree: boolean) =>
      new Map(entries.filter(one => one[2] === isFree).map(([id, holder]) => [id, holder.join('/')]));
    return { held: of(false), remembered: of(true) };
  });

describe('the ledger of numbers', () => {
  it('is read as it was printed, whatever order its entries came in', () => {
    fc.assert(
      fc.property(ledgers, ledger => {
        const { held, remembered, damaged } = parseLedger(printLedger(ledger));

        expect(damaged).toEqual([]);
        expect(new Map([...held].sort())).toEqual(new Map([...ledger.held].sort()));
        expect(new Map([...remembered].sort())).toEqual(new Map([...ledger.remembered].sort()));
        expect(Object.keys(printLedger({ held, remembered }))).toEqual(Object.keys(printLedger(ledger)));
      }),
    );
  });

  it.each([
    ['a number of zero', { '0': 'shop/a' }],
    ['a number above the last one', { '4553': 'shop/a' }],
    ['a number with a zero in front', { '017': 'shop/a' }],
    ['a name for a number', { first: 'shop/a' }],
    ['a name of every object', { constructor: 'shop/a' }],
    ['a holder without a namespace', { '17': 'a' }],
    ['a holder of three parts', { '17': 'shop/a/b' }],
    ['a holder with two lines', { '17': 'shop/a\nshop/b' }],
    ['no holder', { '17': '' }],
    ['no text', { '17': 5 }],
    ['a free one that is none', { '.free': 'shop/a' }],
  ])('leaves out %s, and says its key', (_, data) => {
    const { held, remembered, damaged } = parseLedger({ ...data, '3': 'shop/b' });

    expect([...held]).toEqual([[3, 'shop/b']]);
    expect([...remembered]).toEqual([]);
    expect(damaged).toEqual(Object.keys(data));
  });

  it('counts a number in use as in use, also where it is called free as well', () => {
    const { held, remembered } = parseLedger({ '3.free': 'shop/b', '3': 'shop/a' });

    expect([...held, ...remembered]).toEqual([[3, 'shop/a']]);
  });

  it('tells who has what, and who had it last', () => {
    const ids = externalIdsOf(parseLedger({ '3': 'shop/a', '5': 'shop/a', '4.free': 'shop/b' }));

    expect(ids.idsOf('shop/a')).toEqual([3, 5]);
    expect(ids.idsOf('shop/b')).toEqual([]);
    expect(ids.remembered('shop/b')).toBe(4);
    expect(ids.remembered('shop/a')).toBeUndefined();
    expect(externalIdsOf(parseLedger(undefined)).held.size).toBe(0);
  });
});
