import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureAssets } from './assets.ts';
import { sandboxPid } from './isolation.ts';
import type { Cluster } from './types.ts';

/**
 * Writes a script that runs a command, or a shell, from any terminal as if inside the sandbox,
 * with kubectl and helm on its path and set up for the cluster. Returns the script's path.
 */
export async function writeEnterScript(cluster: Cluster): Promise<string> {
  const { kubectl, helm } = await ensureAssets({ build: false });
  const pid = sandboxPid();
  const script = join(cluster.directory, 'enter');
  const path = Array.from(new Set([kubectl, helm, process.execPath].map(program => dirname(program)))).join(':');
  const lines = [
    '#!/bin/sh',
    `export KUBECONFIG='${cluster.kubeconfig}' PATH='${path}':"$PATH"`,
    '[ $# -gt 0 ] || set -- "${SHELL:-sh}"',
    '# Without root the sandbox has a user namespace of its own, which comes first.',
    `if [ "$(readlink /proc/self/ns/user)" != "$(readlink /proc/${pid}/ns/user)" ]; then`,
    `  exec nsenter --target ${pid} --user --preserve-credentials --net "$@"`,
    'fi',
    `exec nsenter --target ${pid} --net "$@"`,
    '',
  ];
  writeFileSync(script, lines.join('\n'), { mode: 0o755 });
  return script;
}
