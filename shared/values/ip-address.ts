import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** The one spelling of an IPv4 or IPv6 address; an IPv4 address inside IPv6 is the IPv4 one. Undefined = it is none. */
export function canonicalAddress(text: string): string | undefined {
  return parseAddress(text)?.toString();
}

/** The one spelling of a block, `10.0.0.0/8`; a single address is a block of itself. Undefined = it is none. */
export function canonicalBlock(text: string): string | undefined {
  const block = parseBlock(text);
  return block && `${block[0].toString()}/${block[1]}`;
}

/** Whether the block, an address or a CIDR, holds the address. What cannot be read holds nothing. */
export function holdsAddress(block: string, address: string): boolean {
  const range = parseBlock(block);
  const one = parseAddress(address);
  return range !== undefined && range[0].kind() === one?.kind() && one.match(range);
}

/**
 * What an address stands for that no service may take, as it is said of one: 'a loopback address'. Undefined = it may
 * be somebody's. The addresses of clouds' metadata are named as what they are.
 */
export function specialUse(text: string): string | undefined {
  const address = parseAddress(text);
  if (address === undefined) return undefined;
  if (METADATA.has(address.toString())) return "the address of a cloud's metadata";
  const own = SPECIAL[address.range()];
  const inside = own === undefined ? insideOf(address) : undefined;
  return inside === undefined ? own : specialUse(inside.toString());
}

/** The IPv4 address that an IPv6 one leads to: by 6to4, by the prefixes of translators, or by the old form `::10.1.2.3`. */
function insideOf(address: Address): Address | undefined {
  if (address.kind() === 'ipv4') return undefined;
  const bytes = address.toByteArray();
  const range = address.range();
  if (range === '6to4') return ipaddr.fromByteArray(bytes.slice(2, 6));
  const isLast = range === 'rfc6052' || range === 'rfc6145' || bytes.slice(0, 12).every(byte => byte === 0);
  return isLast ? ipaddr.fromByteArray(bytes.slice(12)) : undefined;
}

const METADATA = new Set(['169.254.169.254', '169.254.170.2', '100.100.100.200', 'fd00:ec2::254']);

const SPECIAL: Readonly<Record<string, string>> = {
  unspecified: 'the unspecified address',
  broadcast: 'the broadcast address',
  multicast: 'a multicast address',
  linkLocal: 'a link-local address',
  loopback: 'a loopback address',
};

/** Strict: no octal, no hexadecimal, no missing parts, no zone. */
function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(':') || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/** The first address of the block and the number of bits that all of it have in common. */
function parseBlock(text: string): [Address, number] | undefined {
  const [first = '', bits, ...rest] = text.split('/');
  const address = parseAddress(first);
  if (address === undefined || rest.length > 0) return undefined;
  const all = address.kind() === 'ipv4' ? 32 : 128;
  if (bits === undefined) return [address, all];
  if (!/^(?:0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > all || first.toLowerCase().startsWith('::ffff:'))
    return undefined;
  const length = Number(bits);
  const masked = address.toByteArray().map((byte, index) => byte & maskByte(length - index * 8));
  return [ipaddr.fromByteArray(masked), length];
}

/** Of one byte, `bits` of which are kept. */
function maskByte(bits: number): number {
  return (0xff << (8 - Math.min(8, Math.max(0, bits)))) & 0xff;
}
