import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { CONFIG } from '../shared/annotation-keys.ts';
import type { Deployment } from '../shared/deployment.ts';
import { INFERENCE_SERVICE } from '../shared/fields/inference-service.ts';
import { SETTINGS } from '../shared/fields/settings.ts';
import { readDocuments } from '../shared/documents.ts';
import { catalogueRow, codeOf } from '../shared/findings/catalogue.ts';

const ROOT = join(import.meta.dirname, '..');
const DOCS = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.md'))
  .map(name => join('docs', name));
const PAGES = ['README.md', 'CONTRIBUTING.md', ...DOCS];
const HOW_TO = DOCS.filter(page => page.includes('how-to/') || page.includes('migrate'));

const textOf = (page: string) => readFileSync(join(ROOT, page), 'utf8');

/** As GitHub makes them of headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map(heading =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function linksOf(page: string): readonly string[] {
  const prose = textOf(page).replaceAll(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(match => match[1] ?? '');
}

describe('a page', () => {
  it.each(PAGES)('%s links to files and headings that are there', page => {
    const broken = linksOf(page).filter(link => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : join(dirname(page), file);
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchorsOf(target).has(anchor);
    });

    expect(broken).toEqual([]);
  });

  it.each(HOW_TO)('%s is one that the README names', page => {
    const named = linksOf('README.md').map(link => link.split('#')[0]);

    expect(named).toContain(relative('.', page));
  });
});

/** The texts of annotations in a page: whole blocks, and those inside of Deployments. */
function textsIn(page: string): readonly string[] {
  const blocks = [...textOf(page).matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(match => match[1] ?? '');
  return blocks.flatMap(block => {
    if (/^apiVersion: (?:waymark\.dev|getambassador\.io)/.test(block)) return [block];
    if (!block.startsWith('apiVersion: apps/v1\n')) return [];
    const objects = parseAllDocuments(block).map(document => document.toJS() as Deployment);
    return objects.flatMap(({ metadata }) => metadata.annotations?.[CONFIG] ?? []);
  });
}

describe('an example', () => {
  const texts = HOW_TO.flatMap(page => textsIn(page).map((text, index) => [`${page} ${index + 1}`, text] as const));

  it('is there', () => {
    expect(texts.length).toBeGreaterThan(5);
  });

  it.each(texts)('of %s is read without an error', (_, text) => {
    const errors = readDocuments(text).complaints.filter(({ name }) => catalogueRow(codeOf(name)).severity === 'error');

    expect(errors.map(({ name, path }) => `${name} ${path ?? ''}`)).toEqual([]);
  });
});

describe('the page for those who come from cube-studio', () => {
  const page = textOf('docs/migrate-from-cube-studio.md');

  it.each([
    ['column', INFERENCE_SERVICE.synonyms],
    ['key of the configuration', SETTINGS.synonyms],
  ])('names every %s that is refused with a new name', (_, synonyms) => {
    const names = Object.entries(synonyms).filter(([, { found }]) => found.includes('cube-studio'));

    expect(names.map(([name]) => name).filter(name => !new RegExp(`\`(?:[^\`]* )?${name}\\b`).test(page))).toEqual([]);
  });
});
