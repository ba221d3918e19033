import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { CannotStart } from '../runtime/listen.ts';
import type { FSWatcher, WatchListener } from 'node:fs';
import type { Logger } from '../runtime/log.ts';
import type { KeyPair } from './certificate.ts';

export interface CertificateFilesOptions {
  readonly certFile: string;
  readonly keyFile: string;
  readonly onPair: (pair: KeyPair) => void;
  readonly log: Logger;
  /** Milliseconds between looks at files whose changes nobody told of; default 10 000. */
  readonly poll?: number;
}

export interface CertificateFiles {
  stop(): void;
}

/** The two files are written one after the other, or swapped by one rename; shortly after the last event both are there. */
const SETTLE = 50;

/**
 * Reads the pair now, and again whenever it may have changed. The folder is watched and not the files: the kubelet
 * swaps a link (`..data`) beside them. Rejects with CannotStart when the first reading does not succeed.
 */
export async function readCertificateFiles(options: CertificateFilesOptions): Promise<CertificateFiles> {
  const { certFile, keyFile, onPair, log, poll = 10_000 } = options;

  async function read(): Promise<void> {
    const [cert, key] = [readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')];
    // Of two that cannot be read the certificate is named, whichever failed sooner.
    await Promise.allSettled([cert, key]);
    onPair({ cert: await cert, key: await key });
  }

  const reread = () => {
    read().catch((error: unknown) => log.warn({ err: error }, 'certificate files not read'));
  };

  // Other files may live in the folder; names with dots in front are the kubelet's.
  const own = new Set([certFile, keyFile].map(file => basename(file)));
  let settling: NodeJS.Timeout | undefined;
  const onEvent = (_: string, name: string | null) => {
    if (name !== null && !name.startsWith('..') && !own.has(name)) return;
    clearTimeout(settling);
    settling = setTimeout(reread, SETTLE);
  };

  // Before the first reading, so that no change falls between the two.
  const watchers = [...new Set([certFile, keyFile].map(file => dirname(file)))].flatMap(folder =>
    watchFolder(folder, onEvent, log),
  );
  const polling = setInterval(reread, poll);
  const stop = () => {
    clearTimeout(settling);
    clearInterval(polling);
    for (const watcher of watchers) watcher.close();
  };

  try {
    await read();
  } catch (error) {
    stop();
    throw new CannotStart(`cannot read the certificate: ${(error as Error).message}`, { cause: error });
  }
  return { stop };
}

/** None where the system has no watches left (or the folder is not there): polling goes on without. */
function watchFolder(folder: string, onEvent: WatchListener<string>, log: Logger): FSWatcher[] {
  try {
    const watcher = watch(folder, onEvent);
    watcher.on('error', error => log.warn({ err: error }, 'certificate folder no longer watched; polling goes on'));
    return [watcher];
  } catch (error) {
    log.warn({ err: error }, 'certificate folder not watched; polling goes on');
    return [];
  }
}
