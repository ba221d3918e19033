import { chmod, mkdir, mkdtemp, readFile, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a volume holds: path inside it → content. */
export type Payload = ReadonlyMap<string, { readonly content: Buffer; readonly mode: number }>;

const DATA = '..data';

/**
 * Writes all files of a volume at once, in the way of a real kubelet: a fresh folder, then one rename of the link `..data`.
 * A reader sees the old files or the new ones, never a mixture. Nothing is touched when nothing differs.
 *
 * ```
 *   tls.crt → ..data/tls.crt     ..data → ..2026_11_24_abc     ..2026_11_24_abc/tls.crt
 * ```
 */
export async function writeVolume(folder: string, payload: Payload): Promise<void> {
  await mkdir(folder, { recursive: true });
  const before = await readlink(join(folder, DATA)).catch(() => undefined);
  if (before !== undefined && (await holds(join(folder, before), payload))) return;

  const fresh = await mkdtemp(join(folder, `..${new Date().toISOString().replaceAll(/[-:T]/g, '_').slice(0, 19)}.`));
  await chmod(fresh, 0o755);
  for (const [path, { content, mode }] of payload) {
    const file = join(fresh, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    await chmod(file, mode);
  }
  await symlink(fresh.slice(folder.length + 1), join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, DATA));

  const names = new Set([...payload.keys()].map(path => path.split('/')[0] ?? ''));
  for (const name of await readdir(folder)) {
    if (!name.startsWith('..') && !names.delete(name)) await rm(join(folder, name));
  }
  for (const name of names) await symlink(join(DATA, name), join(folder, name));
  if (before !== undefined) await rm(join(folder, before), { recursive: true });
}

async function holds(folder: string, payload: Payload): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  if (entries.filter(entry => entry.isFile()).length !== payload.size) return false;
  for (const [path, { content }] of payload) {
    const there = await readFile(join(folder, path)).catch(() => undefined);
    if (there?.equals(content) !== true) return false;
  }
  return true;
}
