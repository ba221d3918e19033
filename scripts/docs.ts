import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { referencePages } from './reference.ts';

/** Writes docs/reference; with --check compares only, and exits with 1 if a page is not what the tables say. */
const folder = resolve(import.meta.dirname, '..', 'docs', 'reference');
const checking = process.argv.includes('--check');
let stale = 0;

mkdirSync(folder, { recursive: true });
for (const [name, text] of referencePages()) {
  const file = join(folder, name);
  if (!checking) {
    writeFileSync(file, text);
  } else if (readOrEmpty(file) !== text) {
    console.error(`docs/reference/${name} is not what the tables say; run \`make docs\``);
    stale++;
  }
}
process.exitCode = stale === 0 ? 0 : 1;

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
