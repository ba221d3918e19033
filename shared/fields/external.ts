import type { Located, Range } from '../source.ts';
import { MAX_EXTERNAL_ID } from '../values/external-ports.ts';
import { readAddresses } from './addresses.ts';
import type { AddressItem } from './addresses.ts';
import type { Field, Read, Schema } from './field.ts';
import { readFields } from './read-fields.ts';
import { readWholeNumber, reportType } from './readers.ts';

/** `external` as written; `false` = no access from outside. */
export type ExternalText = false | ExternalAccessText;

export interface ExternalAccessText {
  readonly id?: Located<number>;
  readonly ips?: readonly AddressItem[];
  readonly ipsAt?: Range;
}

const FIELDS = {
  id: {
    outcome: 'built',
    type: `whole number from 1 to ${MAX_EXTERNAL_ID}`,
    default: 'the lowest free one',
    doc: 'Port i of the service is 20000 + 10 id + i; unique in the cluster',
    read: readWholeNumber(1, MAX_EXTERNAL_ID),
  },
  ips: {
    outcome: 'built',
    type: 'list of addresses',
    default: "the namespace's, the platform's",
    doc: 'Addresses that the service is reached at; the platform says which may be had',
    read: readAddresses,
  },
} as const satisfies Record<string, Field>;

export const EXTERNAL: Schema<typeof FIELDS> = {
  title: '`external`',
  header: [],
  fields: FIELDS,
  synonyms: {
    ip: { found: 'is none', fix: 'write `ips`, a list' },
    externalIPs: { found: 'is none', fix: 'write `ips`' },
    port: { found: 'is none', fix: 'write `id`: port i is 20000 + 10 id + i' },
  },
};

export const readExternal: Read<ExternalText> = (node, path, report) => {
  if (node.kind === 'scalar' && node.value === false) return false;
  if (node.kind === 'map') {
    const { id, ips } = readFields(EXTERNAL, { map: node, dialect: '', prefix: `${path}.`, report });
    return { ...(id && { id }), ...(ips && { ips: ips.value, ipsAt: ips.at }) };
  }
  const wantsIt = node.kind === 'scalar' && node.value === true;
  reportType(
    report,
    node,
    path,
    'must be `{id, ips}` or false',
    wantsIt ? `write \`${path}: {}\`` : `write \`${path}: {id: 17}\``,
  );
  return undefined;
};
