import type { Node } from '../annotation/node.ts';
import { EXTERNAL_STRATEGIES } from '../settings.ts';
import type { ExternalSettings, PortRange } from '../settings.ts';
import { idCount } from '../values/external-ports.ts';
import { canonicalBlock } from '../values/ip-address.ts';
import { readAddresses } from './addresses.ts';
import type { Field, Read, Schema } from './field.ts';
import { readEachItem } from './items.ts';
import { plainValues, readFields } from './read-fields.ts';
import { readBoolean, readOneOf, readWholeNumber, reportType, reportValue } from './readers.ts';

export const INITIAL_EXTERNAL: ExternalSettings = {
  strategy: 'externalIPs',
  byDefault: false,
  ips: [],
  allowedIPs: [],
  basePort: 20_000,
  nodePortBase: 30_000,
  nodePortRange: { first: 30_000, last: 32_767 },
};

/** The ten ports of id 1 must be ports. */
const readBasePort = readWholeNumber(0, 65_535 - 19);

const readBlocks = readEachItem(
  canonicalBlock,
  'must be an IP address or a CIDR',
  "write such as '203.0.113.10' or '203.0.113.0/24'",
);

const readPlatformAddresses: Read<readonly string[]> = (node, path, report) =>
  readAddresses(node, path, report)?.map(({ value }) => value);

const readPortRange: Read<PortRange> = (node, path, report) => {
  const text = textOf(node);
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(text ?? '') ?? [];
  const range = { first: Number(first), last: Number(last) };
  if (range.first >= 1 && range.first <= range.last && range.last <= 65_535) return range;
  const must = 'must be two ports with a dash between, the lower one first';
  const complain = text === undefined ? reportType : reportValue;
  complain(report, node, path, must, "write '30000-32767'");
  return undefined;
};

function textOf(node: Node): string | undefined {
  return node.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}

const FIELDS = {
  strategy: {
    outcome: 'built',
    type: EXTERNAL_STRATEGIES.join(', '),
    default: 'externalIPs',
    doc: 'How a Service is reached from outside; the field `externalIPs` of a Service is deprecated since Kubernetes 1.36',
    read: readOneOf(...EXTERNAL_STRATEGIES),
  },
  byDefault: {
    outcome: 'built',
    type: 'true or false',
    default: 'false',
    doc: 'Whether loadBalancer and nodePort serve also what does not write `external`',
    read: readBoolean,
  },
  ips: {
    outcome: 'built',
    type: 'list of addresses',
    default: '[]',
    doc: "The platform's addresses",
    read: readPlatformAddresses,
  },
  allowedIPs: {
    outcome: 'built',
    type: 'list of addresses or CIDRs',
    default: '[]',
    doc: 'What the addresses of namespaces and annotations must lie in, beside `ips`',
    read: readBlocks,
  },
  basePort: {
    outcome: 'built',
    type: 'port',
    default: '20000',
    doc: 'Port i of the Service with id n is this number + 10 n + i',
    read: readBasePort,
  },
  nodePortBase: { outcome: 'built', type: 'port', default: '30000', doc: 'The same for nodePort', read: readBasePort },
  nodePortRange: {
    outcome: 'built',
    type: 'two ports with a dash between',
    default: '30000-32767',
    doc: "What the API server's `--service-node-port-range` allows",
    read: readPortRange,
  },
} as const satisfies Record<keyof ExternalSettings, Field>;

export const EXTERNAL_SETTINGS: Schema<typeof FIELDS> = {
  title: '`external`',
  header: [],
  fields: FIELDS,
  synonyms: {},
};

/** What is not written is as it is by default. */
export const readExternalSettings: Read<ExternalSettings> = (node, path, report) => {
  if (node.kind !== 'map') {
    reportType(report, node, path, 'must be a map', `write \`${path}: {strategy: externalIPs}\``);
    return undefined;
  }
  const values = readFields(EXTERNAL_SETTINGS, { map: node, dialect: '', prefix: `${path}.`, report });
  const settings = { ...INITIAL_EXTERNAL, ...plainValues(values) };
  if (idCount(settings) === 0) {
    const { first, last } = settings.nodePortRange;
    reportValue(
      report,
      node,
      path,
      `must leave room for ten node ports from ${settings.nodePortBase} + 10 on, within ${first} to ${last}`,
      'write `nodePortBase` as the first port of `nodePortRange`, which must have twenty at least',
      (values.nodePortBase ?? values.nodePortRange)?.at ?? node.at,
    );
    return undefined;
  }
  return settings;
};
