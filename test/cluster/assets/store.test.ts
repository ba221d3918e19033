import { afterEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stored, storePath } from './store.ts';
import type { Recipe } from './store.ts';

const name = `test-${randomUUID()}`;

describe('stored', () => {
  afterEach(() => {
    const store = dirname(storePath({ name, key: [] }));
    for (const left of globSync(`{.,}${name}-*`, { cwd: store })) rmSync(join(store, left), { recursive: true });
  });

  it('makes a result once, and answers from the store afterwards', async () => {
    let made = 0;
    const recipe = recipeThat(folder => {
      made++;
      writeFileSync(join(folder, 'result'), 'good');
    });

    const first = await stored(recipe, () => undefined);
    const second = await stored(recipe, () => undefined);

    expect(second).toBe(first);
    expect(made).toBe(1);
    expect(readFileSync(join(second, 'result'), 'utf8')).toBe('good');
  });

  it('lets one of several that want the same make it, while the others wait', async () => {
    let atWork = 0;
    let made = 0;
    const recipe = recipeThat(async () => {
      made++;
      atWork++;
      expect(atWork).toBe(1);
      await new Promise(resolve => setImmediate(resolve));
      atWork--;
    });

    const paths = await Promise.all(Array.from({ length: 4 }, () => stored(recipe, () => undefined)));

    expect(new Set(paths).size).toBe(1);
    expect(made).toBe(1);
  });

  it('leaves nothing of a result that failed half-way, and makes it anew the next time', async () => {
    let fails = true;
    const recipe = recipeThat(folder => {
      writeFileSync(join(folder, 'half'), '');
      if (fails) throw new Error('the network went away');
    });

    await expect(stored(recipe, () => undefined)).rejects.toThrow('the network went away');
    const left = globSync(`{.,}${name}-*`, { cwd: dirname(storePath(recipe)) }).filter(file => !file.endsWith('.lock'));
    fails = false;
    const path = await stored(recipe, () => undefined);

    expect(left).toEqual([]);
    expect(existsSync(join(path, 'half'))).toBe(true);
  });

  it('keeps results of different keys apart', () => {
    const paths = [['a', 'b'], ['ab'], ['a'], ['b', 'a']].map(key => storePath({ name, key }));

    expect(new Set(paths).size).toBe(paths.length);
  });

  it('says what it waits for before it waits, and how long it took', async () => {
    const lines: string[] = [];

    await stored(
      recipeThat(() => undefined),
      line => lines.push(line),
    );

    expect(lines).toEqual([`${name}: building (a moment)`, `${name}: ready after 0 s`]);
  });
});

function recipeThat(make: (folder: string) => Promise<void> | void): Recipe {
  return { name, waitsFor: 'building (a moment)', key: [randomUUID()], make: async folder => make(folder) };
}
