import type { Keepalive } from '../intent.ts';
import type { Field, ReadInDialect, Schema } from './field.ts';
import { readMap } from './read-fields.ts';
import { readWholeNumber } from './readers.ts';

/** Of Linux, which takes no more. */
const MAX_SECONDS = 32_767;
const MAX_PROBES = 127;

const FIELDS = {
  probes: {
    outcome: 'built',
    type: `whole number from 1 to ${MAX_PROBES}`,
    default: '9',
    doc: 'Tries without an answer until a connection is given up',
    becomes: '`probes`',
    read: readWholeNumber(1, MAX_PROBES),
  },
  idle_time: {
    outcome: 'built',
    type: 'seconds from 1',
    default: '7200',
    doc: 'How long a connection is idle until the first try',
    becomes: '`time`',
    read: readWholeNumber(1, MAX_SECONDS),
  },
  interval: {
    outcome: 'built',
    type: 'seconds from 1',
    default: '75',
    doc: 'How long from one try to the next',
    becomes: '`interval`',
    read: readWholeNumber(1, MAX_SECONDS),
  },
} as const satisfies Record<string, Field>;

export const KEEPALIVE: Schema<typeof FIELDS> = {
  title: '`keepalive`',
  header: [],
  fields: FIELDS,
  synonyms: { time: { found: 'is none', fix: 'write `idle_time`' } },
};

const readSeconds = readMap(KEEPALIVE, '{idle_time: 300}');

export const readKeepalive: ReadInDialect<Keepalive> = (node, path, report, dialect) => {
  const values = readSeconds(node, path, report, dialect);
  if (values === undefined) return undefined;
  const { probes, idle_time: idle, interval } = values;
  return {
    probes: probes?.value ?? 9,
    time: (idle?.value ?? 7200) * 1000,
    interval: (interval?.value ?? 75) * 1000,
  };
};
