import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryLog } from '../test/support/log.ts';
import { readCertificateFiles } from './certificate-files.ts';
import type { CertificateFiles } from './certificate-files.ts';
import type { KeyPair } from './certificate.ts';

let folder: string;
let files: CertificateFiles | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certificate-'));
});
afterEach(async () => {
  files?.stop();
  files = undefined;
  await rm(folder, { recursive: true });
});

/** What was read, and a way to wait for the next reading of something. */
function reader() {
  const pairs: string[] = [];
  let wake = (): void => undefined;
  return {
    onPair: ({ cert, key }: KeyPair) => {
      pairs.push(`${cert}+${key}`);
      wake();
    },
    pairs,
    until: async (pair: string) => {
      while (!pairs.includes(pair)) await new Promise<void>(resolve => (wake = resolve));
    },
  };
}

async function start(onPair: (pair: KeyPair) => void, poll: number): Promise<void> {
  const { log } = memoryLog();
  const certFile = join(folder, 'tls.crt');
  files = await readCertificateFiles({ certFile, keyFile: join(folder, 'tls.key'), onPair, log, poll });
}

const NEVER = 3_600_000;

/** As the kubelet mounts a Secret: the files are links through `..data`, which one rename swaps. */
async function mount(version: string): Promise<void> {
  await mkdir(join(folder, version));
  await writeFile(join(folder, version, 'tls.crt'), `cert ${version}`);
  await writeFile(join(folder, version, 'tls.key'), `key ${version}`);
  await symlink(version, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
}

async function link(): Promise<void> {
  await symlink('..data/tls.crt', join(folder, 'tls.crt'));
  await symlink('..data/tls.key', join(folder, 'tls.key'));
}

describe('certificate files', () => {
  it('W27: are read again when the kubelet swaps the mounted Secret', async () => {
    const { onPair, until, pairs } = reader();
    await mount('..1');
    await link();
    await start(onPair, NEVER);

    await mount('..2');
    await until('cert ..2+key ..2');

    expect(pairs[0]).toBe('cert ..1+key ..1');
  });

  it('W27: are read again when they are written in place', async () => {
    const { onPair, until, pairs } = reader();
    await writeFile(join(folder, 'tls.crt'), 'a');
    await writeFile(join(folder, 'tls.key'), 'b');
    await start(onPair, NEVER);

    await writeFile(join(folder, 'tls.crt'), 'c');
    await writeFile(join(folder, 'tls.key'), 'd');
    await until('c+d');

    expect(pairs[0]).toBe('a+b');
  });

  it('W27: are found by polling when no event tells of them', async () => {
    const { onPair, until, pairs } = reader();
    // Events of the folder of the links only: what changes elsewhere is silent.
    const elsewhere = await mkdtemp(join(tmpdir(), 'certificate-'));
    await writeFile(join(elsewhere, 'crt'), 'old');
    await writeFile(join(elsewhere, 'key'), 'old');
    await symlink(join(elsewhere, 'crt'), join(folder, 'tls.crt'));
    await symlink(join(elsewhere, 'key'), join(folder, 'tls.key'));
    await start(onPair, 20);

    await writeFile(join(elsewhere, 'crt'), 'new');
    await writeFile(join(elsewhere, 'key'), 'new');
    await until('new+new');

    expect(pairs[0]).toBe('old+old');
    await rm(elsewhere, { recursive: true });
  });

  it('survive their disappearance and are read when they are back', async () => {
    const { onPair, until } = reader();
    await writeFile(join(folder, 'tls.crt'), 'a');
    await writeFile(join(folder, 'tls.key'), 'b');
    await start(onPair, 20);

    await rm(join(folder, 'tls.crt'));
    await writeFile(join(folder, 'tls.key'), 'd');
    await writeFile(join(folder, 'tls.crt'), 'c');
    await until('c+d');
  });

  it('that are not there keep the program from starting, in one line that names them', async () => {
    const started = start(() => undefined, NEVER);

    await expect(started).rejects.toMatchObject({
      name: 'CannotStart',
      message: expect.stringMatching(/^cannot read the certificate: ENOENT[^\n]*tls\.crt'$/),
    });
  });
});
