import { expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

it('a webhook that serves an API server and no cluster loads few packages: each is megabytes in every replica', () => {
  const module = join(import.meta.dirname, 'start.ts');
  const program = `
    import { createRequire } from 'node:module';
    await import(${JSON.stringify(module)});
    const files = Object.keys(createRequire(${JSON.stringify(module)}).cache);
    const names = files.map(file => /node_modules.((?:@[^/]+.)?[^/]+).(?!.*node_modules)/.exec(file)?.[1]);
    console.log(JSON.stringify([...new Set(names)].filter(name => name !== undefined).sort()));`;

  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });

  const loaded = JSON.parse(stdout) as readonly string[];
  expect(loaded).toContain('prom-client');
  expect(loaded).not.toContain('express');
  expect(loaded).not.toContain('undici');
  expect(loaded).not.toContain('@kubernetes/client-node');
  expect(loaded).not.toContain('node-forge');
});
