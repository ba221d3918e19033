import type { Located } from '../source.ts';
import { canonicalAddress, specialUse } from '../values/ip-address.ts';
import { quoted } from './field.ts';
import type { Read } from './field.ts';
import { listItems, reportRepeated } from './items.ts';

/** An address of the list in canonical form, with the name it has in sentences. */
export interface AddressItem extends Located<string> {
  readonly path: string;
}

/** A list of addresses that may be somebody's: no loopback, no link-local, no other special one. */
export const readAddresses: Read<readonly AddressItem[]> = (node, path, report) => {
  const found = new Map<string, AddressItem>();
  for (const { text, at, path: item } of listItems(node, path, report) ?? []) {
    const value = canonicalAddress(text);
    const use = value === undefined ? undefined : specialUse(value);
    const first = value === undefined ? undefined : found.get(value);
    if (value === undefined) {
      report({
        name: 'ValueWrong',
        at,
        path: item,
        must: 'must be an IP address',
        found: `but is ${quoted(text)}`,
        fix: bareAddress(text) ?? "write an address such as '203.0.113.10'",
      });
    } else if (use !== undefined) {
      report({
        name: 'ExternalAddressRefused',
        at,
        path: item,
        must: 'must be an address that can be routed from outside',
        found: `but ${value} is ${use}`,
        fix: 'write an address of the network in front of the cluster',
      });
    } else if (first === undefined) found.set(value, { value, at, path: item });
    else reportRepeated(value, at, item, first.at, report);
  }
  return [...found.values()];
};

/** cube-studio took `private|public` and `address:port`. */
function bareAddress(text: string): string | undefined {
  const address = canonicalAddress((text.split('|')[0] ?? '').replace(/:\d+$/, ''));
  return address && `write '${address}'`;
}
