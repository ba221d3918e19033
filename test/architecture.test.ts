import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

/** Which folders a folder may import from; every other arrow is refused. */
const ARROWS: Record<string, readonly string[]> = {
  shared: [],
  runtime: ['shared'],
  kube: ['shared', 'runtime'],
  webhook: ['shared', 'runtime', 'kube'],
  controller: ['shared', 'runtime', 'kube'],
  cli: ['shared', 'runtime', 'kube', 'webhook', 'controller'],
};

/** Packages that the pure core may use: pure themselves. */
const PURE_PACKAGES = new Set(['ipaddr.js', 're2js', 'yaml']);

/** What would make the core's answer depend on something other than its input. */
const IMPURE =
  /\b(process\.|Date\.now|new Date\(\)|Math\.random|console\.|performance\.|setTimeout|setInterval|crypto\.|globalThis\.|fetch\()/;

const BANNED_NAMES = /(^|[-/])(utils?|helpers?|common|misc|manager|processor)([-./]|$)/;

function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(folder, name));
}

function importsOf(file: string): { from: string; typeOnly: boolean }[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)\s+(type\s)?[^;'"]*?from\s+['"]([^'"]+)['"]/gm)].map(match => ({
    from: match[2] ?? '',
    typeOnly: match[1] !== undefined,
  }));
}

const isTest = (file: string) => file.endsWith('.test.ts');
const folders = Object.keys(ARROWS);
const programFiles = folders.flatMap(sourceFiles).filter(file => !isTest(file));

describe('the arrows between folders', () => {
  it.each(folders)('%s imports only from where it may', folder => {
    const allowed = new Set([folder, ...(ARROWS[folder] ?? [])]);

    const wrong = sourceFiles(folder)
      .filter(file => !isTest(file))
      .flatMap(file =>
        importsOf(file)
          .filter(({ from }) => from.startsWith('.'))
          .map(({ from }) => relative(ROOT, resolve(ROOT, dirname(file), from)))
          .filter(target => !allowed.has(target.split('/')[0] ?? ''))
          .map(target => `${file} → ${target}`),
      );

    expect(wrong).toEqual([]);
  });
});

describe('the pure core', () => {
  const core = sourceFiles('shared').filter(file => !isTest(file));

  it('imports no package that is not pure', () => {
    const wrong = core.flatMap(file =>
      importsOf(file)
        .filter(({ from, typeOnly }) => !from.startsWith('.') && !typeOnly && !PURE_PACKAGES.has(from))
        .map(({ from }) => `${file} → ${from}`),
    );

    expect(wrong).toEqual([]);
  });

  it('reads no clock, no environment, no random number, and prints nothing', () => {
    const wrong = core.filter(file => IMPURE.test(withoutComments(readFileSync(join(ROOT, file), 'utf8'))));

    expect(wrong).toEqual([]);
  });
});

describe('files', () => {
  const all = [...programFiles, ...sourceFiles('test')].filter(file => !file.includes('test/cluster/build/'));

  it('have at most 400 lines', () => {
    const long = all
      .map(file => ({ file, lines: readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1 }))
      .filter(({ lines }) => lines > 400);

    expect(long).toEqual([]);
  });

  it('are named after their job', () => {
    expect(all.filter(file => BANNED_NAMES.test(file))).toEqual([]);
  });

  it('load client-node by value in one place only', () => {
    const loading = all.filter(file =>
      importsOf(file).some(({ from, typeOnly }) => from.startsWith('@kubernetes/client-node') && !typeOnly),
    );

    expect(loading.filter(file => file !== 'kube/credentials.ts')).toEqual([]);
  });

  it('have side effects at import nowhere but in a main', () => {
    const starting = programFiles.filter(
      file =>
        !file.endsWith('main.ts') &&
        /^(process\.on|void main|await main)/m.test(readFileSync(join(ROOT, file), 'utf8')),
    );

    expect(starting).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

// A folder that is not there would make the rows above pass without reading anything.
it('looks at real files', () => {
  expect(folders.filter(folder => !statSync(join(ROOT, folder)).isDirectory())).toEqual([]);
  expect(programFiles.length).toBeGreaterThan(10);
});
