import { cpSync, globSync } from 'node:fs';
import { join } from 'node:path';

/** Copies every `*.log` below one folder to the same place below another and returns how many there were. */
export function copyLogs(from: string, to: string): number {
  const logs = globSync('**/*.log', { cwd: from });
  for (const log of logs) cpSync(join(from, log), join(to, log));
  return logs.length;
}
