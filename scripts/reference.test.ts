import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { INFERENCE_SERVICE } from '../shared/fields/inference-service.ts';
import { MAPPING_FIELDS } from '../shared/fields/mapping.ts';
import { SETTINGS } from '../shared/fields/settings.ts';
import { CATALOGUE } from '../shared/findings/catalogue.ts';
import { referencePages } from './reference.ts';

const ROOT = resolve(import.meta.dirname, '..');
const PAGES = [...referencePages()];

describe('the reference', () => {
  it.each(PAGES)('page %s is what the tables say; if not, run `make docs`', (name, text) => {
    const file = join(ROOT, 'docs', 'reference', name);

    expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(text);
  });

  it('has a row for every field, setting and finding', () => {
    const all = PAGES.map(([, text]) => text).join('\n');
    const fields = { ...INFERENCE_SERVICE.fields, ...MAPPING_FIELDS, ...SETTINGS.fields };

    expect(Object.keys(fields).filter(name => !all.includes(`| \`${name}\` |`))).toEqual([]);
    expect(CATALOGUE.filter(({ code, name }) => !all.includes(`## ${code} ${name}\n`))).toEqual([]);
  });
});

/** The text of all files of ours whose name is wanted. */
function textOf(wanted: (name: string) => boolean): string {
  const folders = ['shared', 'webhook', 'controller', 'cli', 'test'];
  return folders
    .flatMap(folder =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)),
    )
    .filter(wanted)
    .map(name => readFileSync(join(ROOT, name), 'utf8'))
    .join('\n');
}

describe('what is documented', () => {
  const text = textOf(name => name.endsWith('.test.ts') || /^test\/golden\/.*\.(?:yaml|txt)$/.test(name));
  const source = textOf(name => name.endsWith('.ts') && !/\.test\.ts$|^test\/|^shared\/findings\/catalogue/.test(name));

  it('can happen: every finding is raised somewhere', () => {
    expect(CATALOGUE.filter(({ name }) => !source.includes(`'${name}'`)).map(({ name }) => name)).toEqual([]);
  });

  it('is proved: every finding occurs in a test or golden case', () => {
    expect(
      CATALOGUE.filter(({ code, name }) => !text.includes(code) && !text.includes(name)).map(({ name }) => name),
    ).toEqual([]);
  });

  it('is shown: every field of a Mapping, also one that is refused, stands in a golden case', () => {
    const golden = textOf(name => /^test\/golden\/.*\/input\.yaml$/.test(name));

    expect(Object.keys(MAPPING_FIELDS).filter(name => !new RegExp(`\\b${name}:`).test(golden))).toEqual([]);
  });

  it('is proved: every field that is read occurs in a test or golden case', () => {
    const built = Object.entries({ ...INFERENCE_SERVICE.fields, ...MAPPING_FIELDS, ...SETTINGS.fields })
      .filter(([, field]) => field.outcome === 'built')
      .map(([name]) => name);

    expect(built.filter(name => !text.includes(`${name}:`))).toEqual([]);
  });
});
