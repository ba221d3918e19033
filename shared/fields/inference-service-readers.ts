import type { Report } from '../annotation/complaint.ts';
import type { MapNode, Node, ScalarNode } from '../annotation/node.ts';
import type { Located, Range } from '../source.ts';
import { canonicalQuantity } from '../values/quantity.ts';
import { quoted } from './field.ts';
import type { Field, Read, Schema } from './field.ts';
import { checkHost } from './host.ts';
import { itemCount, listItems, mapEntries, reportRepeated } from './items.ts';
import type { Entry, Item } from './items.ts';
import { percentOf } from './percent.ts';
import { readFields } from './read-fields.ts';
import { readFilledText, readWholeNumber, reportType, reportValue } from './readers.ts';

/** What `ports` names: a number, or a container port by its name. */
export interface PortReference {
  readonly at: Range;
  readonly path: string;
  readonly port: number | string;
}

/** A host of the list, in canonical form. */
export interface HostItem extends Located<string> {
  readonly path: string;
}

export interface ReplicaBounds {
  readonly min: number;
  readonly max: number;
}

/** A metric as written; whether its name exists is the platform's to say. */
export interface MetricText {
  readonly at: Range;
  readonly nameAt: Range;
  readonly path: string;
  readonly name: string;
  readonly target: MetricTarget;
}

/** What stands behind the name. What a bare `50` means depends on the name: a percentage, or a quantity. */
export interface MetricTarget {
  readonly text: string;
  /** From 1 to 100: of `50%` and of `50`. */
  readonly percent?: number;
  /** Canonical: of `500m`, of `50` and of `500`. */
  readonly quantity?: string;
}

export const readVersion: Read<string> = (node, path, report) => {
  const text = readFilledText(node, path, report);
  if (text === undefined || /\d/.test(text)) return text;
  reportValue(report, node, path, 'must hold a digit', "write a version such as 'v2024.05.01'");
  return undefined;
};

export const readHosts: Read<readonly HostItem[]> = (node, path, report) => {
  const hosts = new Map<string, HostItem>();
  for (const { text, at, path: item } of listItems(node, path, report) ?? []) {
    const host = checkHost(text, at, item, report);
    if (host === undefined) continue;
    const first = hosts.get(host);
    if (first === undefined) hosts.set(host, { value: host, at, path: item });
    else reportRepeated(host, at, item, first.at, report);
  }
  return [...hosts.values()];
};

/** All of them or none: with one left out, another would be the first and take the traffic. */
export const readPorts: Read<readonly PortReference[]> = (node, path, report) => {
  const items = listItems(node, path, report);
  const ports = items?.flatMap(item => portReference(item, report) ?? []);
  return ports?.length === itemCount(node) ? ports : undefined;
};

function portReference({ text, at, path }: Item, report: Report): PortReference | undefined {
  if (!/^\d+$/.test(text)) return { at, path, port: text };
  const port = Number(text);
  if (port >= 1 && port <= 65_535) return { at, path, port };
  report({
    name: 'ValueWrong',
    at,
    path,
    must: 'must be from 1 to 65535',
    found: `but is ${quoted(text)}`,
    fix: "write the number of the container's port",
  });
  return undefined;
}

const MAX_REPLICAS = 2_147_483_647;

const REPLICA_FIELDS = {
  min: {
    outcome: 'built',
    type: 'whole number from 1',
    default: 'required',
    required: true,
    doc: 'The least number of Pods',
    read: readWholeNumber(1, MAX_REPLICAS),
  },
  max: {
    outcome: 'built',
    type: 'whole number from 1',
    default: 'required',
    required: true,
    doc: 'The greatest number of Pods',
    read: readWholeNumber(1, MAX_REPLICAS),
  },
} as const satisfies Record<string, Field>;

const REPLICAS: Schema<typeof REPLICA_FIELDS> = {
  title: '`replicas`',
  header: [],
  fields: REPLICA_FIELDS,
  synonyms: {
    minReplicas: { found: 'is none', fix: 'write `min`' },
    maxReplicas: { found: 'is none', fix: 'write `max`' },
  },
};

export const readReplicas: Read<ReplicaBounds> = (node, path, report) => {
  if (node.kind === 'scalar' && typeof node.value === 'number') {
    const both = `{min: ${node.source}, max: ${node.source}}`;
    reportType(report, node, path, 'must be `{min, max}`', `write \`${path}: ${both}\``);
    return undefined;
  }
  const map = node.kind === 'map' ? node : mapOfText(node, path, report);
  if (map === undefined) return undefined;
  const { min, max } = readFields(REPLICAS, { map, dialect: '', prefix: `${path}.`, report });
  if (min === undefined || max === undefined) return undefined;
  if (max.value >= min.value) return { min: min.value, max: max.value };
  report({
    name: 'ReplicasBounds',
    at: max.at,
    path: `${path}.max`,
    must: 'must be greater than or equal to `replicas.min`',
    found: `but is ${max.value}, less than ${min.value}`,
    fix: `write \`replicas: {min: ${max.value}, max: ${min.value}}\``,
    related: [{ at: min.at, message: '`replicas.min`' }],
  });
  return undefined;
};

/** The map that a text such as `min:1,max:4` means. */
function mapOfText(node: Node, path: string, report: Report): MapNode | undefined {
  const entries = mapEntries(node, path, report);
  return entries === undefined ? undefined : { kind: 'map', at: node.at, entries: entries.map(entryOfText) };
}

function entryOfText({ key, keyAt, text, at }: Entry): MapNode['entries'][number] {
  const value: ScalarNode = {
    kind: 'scalar',
    value: /^-?\d+$/.test(text) ? Number(text) : text,
    source: text,
    plain: true,
    at,
    origin: at.start,
  };
  return { key, keyAt, value };
}

export const readMetrics: Read<readonly MetricText[]> = (node, path, report) => {
  if (node.kind === 'scalar' && /^\d+:\//.test(node.source)) {
    report({
      name: 'ValueWrong',
      at: node.at,
      path,
      must: 'must be what the autoscaler holds, such as `cpu:50%`',
      found: `but is cube-studio's place of Prometheus metrics, ${quoted(node.source)}`,
      fix: 'write the annotations of Prometheus into the Pod template',
    });
    return undefined;
  }
  const metrics = new Map<string, MetricText>();
  for (const entry of mapEntries(node, path, report) ?? []) {
    const first = metrics.get(entry.key);
    if (first !== undefined) {
      reportRepeated(entry.key, entry.keyAt, entry.path, first.nameAt, report);
      continue;
    }
    const target = metricTarget(entry, report);
    const { key, keyAt, at, path: item } = entry;
    if (target !== undefined) metrics.set(key, { name: key, nameAt: keyAt, at, path: item, target });
  }
  return [...metrics.values()];
};

function metricTarget(entry: Entry, report: Report): MetricTarget | undefined {
  const { text, at, path } = entry;
  const percent = percentOf(entry, report);
  const quantity = text.includes('%') ? undefined : canonicalQuantity(text);
  const isPercent = percent !== undefined && percent > 0;
  if (isPercent || quantity !== undefined) {
    return { text, ...(isPercent && { percent }), ...(quantity !== undefined && { quantity }) };
  }
  report({
    name: 'ValueWrong',
    at,
    path,
    must: "must be a whole percentage from 1% to 100% or a quantity such as '500m' or '2Gi'",
    found: `but is ${quoted(text)}`,
    fix: `write \`${entry.key}:80%\``,
  });
  return undefined;
}
