import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../cli/main.ts';

const ROOT = join(import.meta.dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** What a terminal shows: both streams. */
async function printed(...args: readonly string[]): Promise<string> {
  let text = '';
  await main(args, {
    out: part => (text += part),
    err: part => (text += part),
    input: () => Promise.reject(new Error('nothing is read')),
    color: { out: false, err: false },
  });
  return text.replaceAll(`${ROOT}/`, '');
}

function block(language: string): string {
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(README)?.[1] ?? '';
}

describe('the README', () => {
  it('shows what `lint` really prints', async () => {
    const shown = block('console').replace(/^\$ .*\n/, '');

    expect(shown).toBe(await printed('lint', '-f', join(ROOT, 'examples-broken/')));
  });

  it('shows lines of what `render` really prints, in their order', async () => {
    const shown = block('yaml')
      .replaceAll(/ +#.*$/gm, '')
      .split('\n')
      .filter(line => line !== '' && line !== '…');
    const real = (await printed('render', '-f', join(ROOT, 'examples/'))).split('\n');

    let at = -1;
    const missing = shown.filter(line => {
      const next = real.indexOf(line, at + 1);
      if (next >= 0) at = next;
      return next < 0;
    });

    expect(shown.length).toBeGreaterThan(30);
    expect(missing).toEqual([]);
  });

  it('links only to files that are there', () => {
    const links = [...README.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(match => match[1] ?? '');

    expect(links.length).toBeGreaterThan(8);
    expect(links.filter(link => !existsSync(join(ROOT, link)))).toEqual([]);
  });
});
