import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from './failure.ts';
import { readSources } from './files.ts';
import type { Terminal } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'waymark-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

mkdirSync(join(folder, 'b'));
mkdirSync(join(folder, '.git'));
for (const name of ['c.json', 'a.yaml', 'b/z.yml', 'b/y.yaml', 'notes.txt', '.hidden.yaml', '.git/x.yaml']) {
  writeFileSync(join(folder, name), name);
}
writeFileSync(join(folder, 'bom.txt'), '\ufeffkind: A');
writeFileSync(join(folder, 'latin1.txt'), Buffer.from('name: caf\xe9', 'latin1'));

function terminal(input = ''): Terminal {
  return {
    out: () => undefined,
    err: () => undefined,
    input: () => Promise.resolve(new TextEncoder().encode(input)),
    color: { out: false, err: false },
  };
}

const at = (name: string) => join(folder, name);

describe('reading sources', () => {
  it('reads a directory recursively, by name, without what is hidden or no manifest', async () => {
    const files = await readSources([folder], terminal());

    expect(files.map(({ name }) => name)).toEqual(['a.yaml', 'b/y.yaml', 'b/z.yml', 'c.json'].map(at));
  });

  it('reads a named file whatever its ending, in the order given, and each once', async () => {
    const files = await readSources([at('notes.txt'), at('a.yaml'), join(folder, 'b', '..', 'notes.txt')], terminal());

    expect(files.map(({ text }) => text)).toEqual(['notes.txt', 'a.yaml']);
  });

  it('reads the standard input as the file -', async () => {
    const files = await readSources(['-', '-'], terminal('kind: B'));

    expect(files).toEqual([{ name: '-', text: 'kind: B' }]);
  });

  it('takes off a byte order mark, which is no column', async () => {
    const [file] = await readSources([at('bom.txt')], terminal());

    expect(file?.text).toBe('kind: A');
  });

  it.each([
    ['a file that is not there', 'nowhere.yaml', /nowhere\.yaml: there is no such file or directory$/],
    ['a file that is not UTF-8', 'latin1.txt', /latin1\.txt: must be UTF-8 text, but holds other bytes$/],
  ])('refuses %s by name', async (_, name, message) => {
    const reading = readSources([at(name)], terminal());

    await expect(reading).rejects.toThrow(Failure);
    await expect(reading).rejects.toThrow(message);
  });
});
