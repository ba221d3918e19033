import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Failure } from './failure.ts';
import type { Terminal } from './terminal.ts';

/** One input, as the user named it: the path, or `-` for the standard input. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

const MANIFEST = /\.(ya?ml|json)$/;

/**
 * Reads files, directories (recursively: `*.yaml`, `*.yml`, `*.json` in the order of their names, nothing hidden) and
 * `-`, each once. Rejects with a Failure for what cannot be read.
 */
export async function readSources(names: readonly string[], terminal: Terminal): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = [];
  const seen = new Set<string>();
  for (const name of names) {
    for (const file of name === '-' ? ['-'] : await filesUnder(name)) {
      const identity = file === '-' ? '-' : resolve(file);
      if (seen.has(identity)) continue;
      seen.add(identity);
      files.push(await readSource(file, terminal));
    }
  }
  return files;
}

/** Rejects with a Failure when the file cannot be read or is not UTF-8. */
export async function readSource(name: string, terminal: Terminal): Promise<SourceFile> {
  const bytes = name === '-' ? await terminal.input() : await readFile(name).catch(reason(name));
  try {
    // A byte order mark is left out: editors do not count it as a column.
    return { name, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    throw new Failure(`${name}: must be UTF-8 text, but holds other bytes`);
  }
}

async function filesUnder(name: string): Promise<readonly string[]> {
  const status = await stat(name).catch(reason(name));
  if (!status.isDirectory()) return [name];

  const entries = await readdir(name, { withFileTypes: true }).catch(reason(name));
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) found.push(...(await filesUnder(join(name, entry.name))));
    else if (MANIFEST.test(entry.name)) found.push(join(name, entry.name));
  }
  return found;
}

function reason(name: string): (error: NodeJS.ErrnoException) => never {
  return error => {
    const why = error.code === 'ENOENT' ? 'there is no such file or directory' : error.message;
    throw new Failure(`${name}: ${why}`);
  };
}
