import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalAddress, canonicalBlock, holdsAddress, specialUse } from './ip-address.ts';

describe('an address', () => {
  it.each([
    ['203.0.113.10', '203.0.113.10'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::ffff:203.0.113.10', '203.0.113.10'],
    ['::', '::'],
  ])('%s is written %s', (text, written) => {
    expect(canonicalAddress(text)).toBe(written);
  });

  it.each([
    ['a number with a leading zero', '203.0.113.010'],
    ['hexadecimal', '0x7f.0.0.1'],
    ['three parts', '127.0.1'],
    ['a single number', '2130706433'],
    ['a part above 255', '203.0.113.256'],
    ['a zone', 'fe80::1%eth0'],
    ['brackets', '[2001:db8::1]'],
    ['a port', '203.0.113.10:80'],
    ['a name', 'example.com'],
    ['blanks', ' 203.0.113.10'],
    ['nothing', ''],
    ['a block', '203.0.113.0/24'],
  ])('is none with %s', (_, text) => {
    expect(canonicalAddress(text)).toBeUndefined();
  });
});

describe('a block', () => {
  it.each([
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['10.1.2.3', '10.1.2.3/32'],
    ['2001:db8::1/33', '2001:db8::/33'],
    ['0.0.0.0/0', '0.0.0.0/0'],
  ])('%s is written %s', (text, written) => {
    expect(canonicalBlock(text)).toBe(written);
  });

  it.each([
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '::/129',
    '/8',
    '10.0.0.0/-1',
    '::ffff:10.0.0.0/104',
  ])('%s is none', text => {
    expect(canonicalBlock(text)).toBeUndefined();
  });

  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', '::ffff:10.2.3.4', true],
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '10.0.0.2', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '203.0.113.1', false],
    ['no block', '203.0.113.1', false],
  ])('%s holds %s: %s', (block, address, holds) => {
    expect(holdsAddress(block, address)).toBe(holds);
  });

  it('holds an address of its own length exactly when the leading bits agree (S-15)', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(0xffffffff), fc.nat(32), (a, b, length) => {
        const agree = length === 0 || a >>> (32 - length) === b >>> (32 - length);

        expect(holdsAddress(`${dotted(a)}/${length}`, dotted(b))).toBe(agree);
      }),
    );
  });

  it('reads its own spelling back', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.nat(128), (address, length) => {
        const block = canonicalBlock(`${address}/${length}`);

        if (block !== undefined) expect(canonicalBlock(block)).toBe(block);
      }),
    );
  });
});

describe('what no service may take (S-15)', () => {
  it.each([
    ['127.0.0.1', 'a loopback address'],
    ['127.255.0.9', 'a loopback address'],
    ['::1', 'a loopback address'],
    ['::ffff:127.0.0.1', 'a loopback address'],
    ['169.254.169.254', "the address of a cloud's metadata"],
    ['::ffff:169.254.169.254', "the address of a cloud's metadata"],
    ['fd00:ec2::254', "the address of a cloud's metadata"],
    ['169.254.1.1', 'a link-local address'],
    ['fe80::1', 'a link-local address'],
    ['0.0.0.0', 'the unspecified address'],
    ['0.1.2.3', 'the unspecified address'],
    ['::', 'the unspecified address'],
    ['255.255.255.255', 'the broadcast address'],
    ['224.0.0.1', 'a multicast address'],
    ['ff02::1', 'a multicast address'],
  ])('%s is %s', (address, use) => {
    expect(specialUse(address)).toBe(use);
  });

  it.each([
    ['::127.0.0.1', 'a loopback address'],
    ['::ffff:0:7f00:1', 'a loopback address'],
    ['64:ff9b::a9fe:a9fe', "the address of a cloud's metadata"],
    ['2002:a9fe:101::', 'a link-local address'],
    ['2002:cb00:710a::1', undefined],
    ['64:ff9b::cb00:710a', undefined],
  ])('%s is what the IPv4 address in it is (S-15)', (address, use) => {
    expect(specialUse(address)).toBe(use);
  });

  it.each(['203.0.113.10', '10.0.0.1', '192.168.1.1', '100.64.0.1', '2001:db8::1', 'fd00::1', 'no address'])(
    '%s may be somebody’s',
    address => {
      expect(specialUse(address)).toBeUndefined();
    },
  );
});

function dotted(number: number): string {
  return [24, 16, 8, 0].map(shift => (number >>> shift) & 0xff).join('.');
}
