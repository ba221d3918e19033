import type { Complaint, Report } from '../annotation/complaint.ts';
import type { MapEntry } from '../annotation/node.ts';
import { nearestName } from '../values/nearest.ts';
import { clipped, startOf } from './field.ts';
import type { Field, FieldTable, Outcome, Place, PlainValues, ReadInDialect, Schema, Values } from './field.ts';
import { reportType } from './readers.ts';
import type { Located } from '../source.ts';

/** Reads a map by its table. Everything that is wrong is reported, and what is good is returned. */
export function readFields<T extends FieldTable>(schema: Schema<T>, place: Place): Values<T> {
  const values: Record<string, unknown> = {};
  for (const entry of place.map.entries) {
    if (schema.header.includes(entry.key)) continue;
    const field = Object.hasOwn(schema.fields, entry.key) ? schema.fields[entry.key] : undefined;
    if (field === undefined) {
      reportUnknown(schema, entry, place);
    } else if (isReadable(field, entry, place)) {
      const value = field.read?.(entry.value, place.prefix + entry.key, place.report, place.dialect);
      if (value !== undefined) values[entry.key] = { value, at: entry.value.at };
    }
  }
  reportMissing(schema, place);
  return values as Values<T>;
}

/** Reads a map inside of a document by its own table, in the document's dialect. `example` as it would be written. */
export function readMap<T extends FieldTable>(schema: Schema<T>, example: string): ReadInDialect<Values<T>> {
  return (node, path, report, dialect) => {
    if (node.kind === 'map') return readFields(schema, { map: node, dialect, prefix: `${path}.`, report });
    const names = Object.keys(schema.fields).join(', ');
    reportType(report, node, path, `must be \`{${names}}\``, `write \`${path}: ${example}\``);
    return undefined;
  };
}

/** The values without their places. */
export function plainValues<T extends FieldTable>(values: Values<T>): PlainValues<T> {
  const given = Object.entries<Located<unknown> | undefined>(values).flatMap(([name, located]) =>
    located === undefined ? [] : [[name, located.value] as const],
  );
  return Object.fromEntries(given) as PlainValues<T>;
}

function reportUnknown(schema: Schema<FieldTable>, entry: MapEntry, { dialect, prefix, report }: Place): void {
  const synonym = Object.hasOwn(schema.synonyms, entry.key) ? schema.synonyms[entry.key] : undefined;
  const nearest = nearestName(entry.key, namesOf(schema, dialect));
  report({
    name: 'FieldUnknown',
    at: entry.keyAt,
    path: prefix + clipped(entry.key),
    must: `must be a field of ${schema.title}`,
    found: synonym === undefined ? 'but is none' : `but ${synonym.found}`,
    fix: synonym?.fix ?? (nearest === undefined ? 'delete it' : `write \`${nearest}\``),
  });
}

const names = new WeakMap<Schema<FieldTable>, Map<string, readonly string[]>>();

/** The fields that a dialect knows; worked out once. */
function namesOf(schema: Schema<FieldTable>, dialect: string): readonly string[] {
  const byDialect = names.get(schema) ?? new Map<string, readonly string[]>();
  names.set(schema, byDialect);
  const known = byDialect.get(dialect);
  if (known !== undefined) return known;
  const fields = Object.entries(schema.fields).filter(([, field]) => field.dialects?.includes(dialect) ?? true);
  const found = fields.map(([name]) => name);
  byDialect.set(dialect, found);
  return found;
}

/** Whether the field is to be read; what is not read is reported, unless it says nothing that is not so anyway. */
function isReadable(field: Field, entry: MapEntry, { dialect, prefix, report }: Place): boolean {
  const outcome = entry.value.kind === 'refused' ? 'harmless' : (field.decide?.(entry.value) ?? field.outcome);
  const about = { at: entry.keyAt, path: prefix + entry.key };
  if (outcome !== 'refused' && field.dialects?.includes(dialect) === false) {
    const [needed = ''] = field.dialects;
    report({
      ...about,
      name: 'FieldOfOtherVersion',
      must: `must be a field of ${dialect}`,
      found: `but needs ${needed}`,
      fix: `write \`apiVersion: ${needed}\`, or leave it out`,
    });
    return false;
  }
  if (outcome === 'harmless') return false;
  if (outcome === 'built' || field.read !== undefined) return true;
  reportOutcome(outcome, field, about, report);
  return false;
}

function reportOutcome(
  outcome: Exclude<Outcome, 'built'>,
  field: Field,
  about: Pick<Complaint, 'at' | 'path'>,
  report: Report,
): void {
  if (outcome === 'later') {
    const fix = 'delete it, or wait for a version of Waymark that reads it';
    report({ ...about, name: 'NotSupportedYet', must: 'must be left out, since it is not supported yet', fix });
    return;
  }
  const why = { found: `since ${field.doc}`, fix: field.fix ?? 'delete it' };
  if (outcome === 'ignored') report({ ...about, ...why, name: 'FieldIgnored', must: 'has no effect' });
  else report({ ...about, ...why, name: 'FieldRefused', must: 'must be left out' });
}

function reportMissing(schema: Schema<FieldTable>, { map, prefix, report }: Place): void {
  for (const [name, field] of Object.entries(schema.fields)) {
    if (field.required !== true || map.entries.some(entry => entry.key === name)) continue;
    report({
      name: 'FieldMissing',
      at: startOf(map),
      path: prefix + name,
      must: 'must be given',
      fix: `add \`${name}\`: ${field.doc.charAt(0).toLowerCase()}${field.doc.slice(1)}`,
    });
  }
}
