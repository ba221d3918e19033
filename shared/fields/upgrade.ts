import { UPGRADE_STRATEGIES } from '../settings.ts';
import type { Upgrade } from '../settings.ts';
import type { Field, Read, Schema } from './field.ts';
import { plainValues, readFields } from './read-fields.ts';
import { readDuration, readOneOf, reportType } from './readers.ts';

const FIELDS = {
  strategy: {
    outcome: 'built',
    type: UPGRADE_STRATEGIES.join(' or '),
    default: "the platform's, replace",
    doc: 'Whether the version before is retired once the new one is healthy, or both stay',
    read: readOneOf(...UPGRADE_STRATEGIES),
  },
  bake: {
    outcome: 'built',
    type: 'duration',
    default: "the platform's, 30s",
    doc: 'How long a newcomer must be ready without a break before it leads',
    read: readDuration,
  },
  drain: {
    outcome: 'built',
    type: 'duration',
    default: "the platform's, 30s",
    doc: 'How long the version before keeps its size after the move',
    read: readDuration,
  },
} as const satisfies Record<string, Field>;

export const UPGRADE: Schema<typeof FIELDS> = {
  title: '`upgrade`',
  header: [],
  fields: FIELDS,
  synonyms: {},
};

/** What is written of it; the rest is the platform's. */
export const readUpgrade: Read<Partial<Upgrade>> = (node, path, report) => {
  if (node.kind !== 'map') {
    reportType(
      report,
      node,
      path,
      'must be `{strategy, bake, drain}`',
      `write \`${path}: {strategy: replace, bake: 30s}\``,
    );
    return undefined;
  }
  return plainValues(readFields(UPGRADE, { map: node, dialect: '', prefix: `${path}.`, report }));
};

export const INITIAL_UPGRADE: Upgrade = { strategy: 'replace', bake: 30_000, drain: 30_000 };

/** Of the platform: what is not written is as it is by default. */
export const readUpgradeSettings: Read<Upgrade> = (node, path, report) => {
  const written = readUpgrade(node, path, report);
  return written && { ...INITIAL_UPGRADE, ...written };
};
