import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it, jest } from '@jest/globals';
import { run } from './command.ts';
import { packWaymark } from './pack.ts';

jest.setTimeout(120_000);

let folder: string;
beforeAll(async () => {
  folder = await packWaymark();
});

it('the packed program runs, from any folder', async () => {
  const { code, stdout } = await run(process.execPath, [join(folder, 'bin/waymark.js'), '--version'], { cwd: '/' });

  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

it('it holds what is built, and neither sources nor tests', () => {
  const files = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' });

  expect(files).toContain('cli/main.js');
  expect(files.filter(file => file.endsWith('.ts') || file.includes('.test.'))).toEqual([]);
});

it('its packages are those of production', () => {
  const modules = readdirSync(join(folder, 'node_modules'));

  expect(modules).toEqual(expect.arrayContaining(['express', 'yaml', 'undici']));
  expect(modules.filter(name => ['jest', 'typescript', 'eslint', 'fast-check'].includes(name))).toEqual([]);
});

it('is made once as long as no source changes', async () => {
  const lines: string[] = [];

  const again = await packWaymark({ progress: line => void lines.push(line) });

  expect({ again, lines }).toEqual({ again: folder, lines: [] });
  expect(existsSync(join(folder, '.staging'))).toBe(false);
});
