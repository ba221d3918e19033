import type { Complaint, Report } from '../annotation/complaint.ts';
import type { MappingValues } from '../fields/mapping.ts';

type MappingField = keyof MappingValues;

/** Says of each field that is given, and not switched off, that it must not stand beside another one. */
export function reportBeside(
  fields: readonly MappingField[],
  values: MappingValues,
  words: (field: MappingField) => Pick<Complaint, 'must' | 'fix' | 'related'>,
  report: Report,
): void {
  for (const path of fields) {
    const value = values[path];
    if (value === undefined || value.value === false) continue;
    report({ name: 'FieldsDisagree', at: value.at, path, ...words(path) });
  }
}

/** Says of each field that is given that it has no effect; `found`: why, to be read after it. */
export function reportIdle(
  fields: readonly MappingField[],
  values: MappingValues,
  found: string,
  report: Report,
): void {
  for (const path of fields) {
    const value = values[path];
    if (value === undefined) continue;
    report({ name: 'FieldIgnored', at: value.at, path, must: 'has no effect', found, fix: 'delete it' });
  }
}
