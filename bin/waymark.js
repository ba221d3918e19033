#!/usr/bin/env node
// Finds a Node that can run Waymark, then runs it: the sources in a checkout, the build in an installed package.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MINIMUM = [22, 19];
const here = path => fileURLToPath(new URL(path, import.meta.url));

function isRecent(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}

function bundledNode() {
  const name = `node-${process.platform}-${process.arch}`;
  return [here(`../node_modules/${name}/bin/node`), here(`../../${name}/bin/node`)].find(existsSync);
}

// Whoever reads the result may stop before its end: `waymark render … | head`.
process.stdout.on('error', error => {
  if (error.code !== 'EPIPE') throw error;
});

if (isRecent(process.versions.node)) {
  const source = here('../cli/main.ts');
  const { main } = await import(existsSync(source) ? source : here('../dist/cli/main.js'));
  process.exitCode = await main(process.argv.slice(2));
} else {
  const node = bundledNode();
  if (node === undefined) {
    console.error(`waymark needs Node ${MINIMUM.join('.')} or newer, and this is ${process.versions.node}`);
    process.exitCode = 2;
  } else {
    const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill(signal));
    child.on('exit', status => (process.exitCode = status ?? 1));
  }
}
