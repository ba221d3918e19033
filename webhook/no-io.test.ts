import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

/** What may be loaded by value for the sake of a request, and is pure: no file, no socket, no process, no name look-up. */
const ALLOWED = new Set(['ipaddr.js', 'yaml', 'node:buffer', 'node:zlib', 'prom-client', 're2js']);

/** What reaches outside, or makes a program of a text. */
const REACHING =
  /\b(?:fetch|eval|XMLHttpRequest|WebSocket|EventSource)\b\s*\(|\bnew Function\b|\bFunction\s*\(|\bimport\s*\(|\brequire\s*\(|\bprocess\.|\bglobalThis\b|\bsetTimeout\b/;

/** The file and all that it loads by value. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const from of importsOf(file)) if (from.startsWith('.')) loadedBy(resolve(dirname(file), from), seen);
  return seen;
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(/^(?:import|export)\s+(?!type\s)(?:[^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm);
  return [...found].map(([, from = '']) => from);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

describe('S-04: to answer a request nothing is asked of the world', () => {
  const files = [...loadedBy(join(ROOT, 'webhook/review.ts')), join(ROOT, 'webhook/remembered-answers.ts')].sort();

  it('looks at all that judges', () => {
    const names = files.map(file => relative(ROOT, file));

    expect(names).toEqual(expect.arrayContaining(['shared/admit.ts', 'shared/read.ts', 'webhook/json-text.ts']));
    expect(names.length).toBeGreaterThan(60);
  });

  it.each(files.map(file => [relative(ROOT, file), file]))('%s loads nothing that could', (_, file) => {
    const loaded = importsOf(file).filter(from => !from.startsWith('.') && !ALLOWED.has(from));

    expect(loaded).toEqual([]);
    expect(withoutComments(readFileSync(file, 'utf8'))).not.toMatch(REACHING);
  });
});
