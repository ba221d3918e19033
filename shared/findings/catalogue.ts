import { ACROSS_ROWS } from './catalogue/across.ts';
import { ADMISSION_ROWS } from './catalogue/admission.ts';
import { FIELD_ROWS } from './catalogue/fields.ts';
import { GROUP_ROWS } from './catalogue/groups.ts';
import { INFERENCE_SERVICE_ROWS } from './catalogue/inference-service.ts';
import { MAPPING_ROWS } from './catalogue/mapping.ts';
import type { CatalogueRow } from './catalogue/row.ts';
import { TEXT_ROWS } from './catalogue/text.ts';
import { WRITING_ROWS } from './catalogue/writing.ts';

export type { CatalogueRow } from './catalogue/row.ts';

const ROWS = [
  ...TEXT_ROWS,
  ...FIELD_ROWS,
  ...INFERENCE_SERVICE_ROWS,
  ...MAPPING_ROWS,
  ...ACROSS_ROWS,
  ...GROUP_ROWS,
  ...ADMISSION_ROWS,
  ...WRITING_ROWS,
] as const;

/** The one list of findings. Codes are never reused; a row that is retired stays, marked. */
export const CATALOGUE: readonly CatalogueRow[] = ROWS;

export type Code = (typeof ROWS)[number]['code'];
export type FindingName = (typeof ROWS)[number]['name'];

const BY_CODE = new Map<string, CatalogueRow>(ROWS.map(row => [row.code, row]));
const CODE_BY_NAME = new Map<string, Code>(ROWS.map(row => [row.name, row.code]));

export function catalogueRow(code: Code): CatalogueRow {
  const row = BY_CODE.get(code);
  if (row === undefined) throw new Error(`no such code: ${code}`);
  return row;
}

export function codeOf(name: FindingName): Code {
  const code = CODE_BY_NAME.get(name);
  if (code === undefined) throw new Error(`no such finding: ${name}`);
  return code;
}
