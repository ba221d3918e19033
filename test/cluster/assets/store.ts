import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The project's own cache folder; not in version control, and safe to delete when nothing runs. */
export const CACHE = join(import.meta.dirname, '../../../.cache');

const STORE = join(CACHE, 'assets');
const HEARTBEAT_MS = 30_000;

export type Progress = (line: string) => void;

export interface Recipe {
  readonly name: string;
  /** What is being waited for and about how long, for people: `building etcd (half a minute)`. */
  readonly waitsFor: string;
  /** Whatever decides the result. */
  readonly key: readonly string[];
  /** Fills an empty folder. May be interrupted at any point. */
  readonly make: (folder: string) => Promise<void>;
}

/** Where the result of a recipe is, or will be. */
export function storePath({ name, key }: Pick<Recipe, 'name' | 'key'>): string {
  const hash = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 16);
  return join(STORE, `${name}-${hash}`);
}

export function isStored(recipe: Pick<Recipe, 'name' | 'key'>): boolean {
  return existsSync(storePath(recipe));
}

/**
 * The folder that a recipe made, made now if it was not.
 * A folder appears whole or not at all; of several processes that want it, one makes it and the others wait.
 */
export async function stored(recipe: Recipe, progress: Progress): Promise<string> {
  const path = storePath(recipe);
  if (existsSync(path)) return path;
  mkdirSync(STORE, { recursive: true });
  const unlock = await lock(`${path}.lock`, () =>
    progress(`${recipe.name}: another run is ${recipe.waitsFor}, waiting`),
  );
  try {
    if (existsSync(path)) return path;
    const scratch = mkdtempSync(join(STORE, `.${basename(path)}-`));
    try {
      await reported(recipe, progress, () => recipe.make(scratch));
      // Made for the owner alone; but who builds as root may run without.
      chmodSync(scratch, 0o755);
      renameSync(scratch, path);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
    return path;
  } finally {
    unlock();
  }
}

/** The contents of files, as parts of a key. */
export function contents(...files: string[]): string[] {
  return files.map(file => readFileSync(file, 'utf8'));
}

async function reported({ name, waitsFor }: Recipe, progress: Progress, work: () => Promise<void>): Promise<void> {
  const start = performance.now();
  const seconds = () => Math.round((performance.now() - start) / 1000);
  progress(`${name}: ${waitsFor}`);
  const heartbeat = setInterval(() => progress(`${name}: still ${waitsFor}, ${seconds()} s so far`), HEARTBEAT_MS);
  try {
    await work();
  } finally {
    clearInterval(heartbeat);
  }
  progress(`${name}: ready after ${seconds()} s`);
}

/**
 * Takes an exclusive lock and returns what releases it.
 * `flock` holds it as long as its standard input is open, so the kernel releases it when this process dies,
 * and that works between process namespaces, where a pid in a file would mean nothing.
 */
async function lock(file: string, onWait: () => void): Promise<() => void> {
  const holder = spawn('flock', ['--exclusive', file, '-c', 'echo locked && exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = setTimeout(onWait, 1000);
  try {
    await new Promise<void>((resolve, reject) => {
      holder.stdout.once('data', () => resolve());
      holder.once('error', error =>
        reject(new Error("'flock' could not be started: install util-linux", { cause: error })),
      );
      holder.once('exit', code => reject(new Error(`'flock' on ${file} ended with code ${String(code)}`)));
    });
  } finally {
    clearTimeout(waiting);
  }
  return () => holder.stdin.end();
}
