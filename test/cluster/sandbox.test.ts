import { describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './command.ts';
import { until } from './wait.ts';

jest.setTimeout(120_000);

const SANDBOX = join(import.meta.dirname, 'sandbox.ts');

describe('a sandbox', () => {
  it('hands the exit code and the output of its command on, and removes its temporary folder', async () => {
    const { code, stdout } = await sandboxed('echo "$TMPDIR"; touch "$TMPDIR/file"; exit 7');

    expect(code).toBe(7);
    expect(existsSync(stdout.trim())).toBe(false);
  });

  it('has no network but the loopback, and no process but its own', async () => {
    const { stdout } = await sandboxed('ls /sys/class/net >/dev/null; ip -brief link; ls /proc | grep -c "^[0-9]*$"');

    const [link, processes, ...more] = stdout.trim().split('\n');
    expect(link).toMatch(/^lo /);
    expect(Number(processes)).toBeLessThanOrEqual(4);
    expect(more).toEqual([]);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)('takes everything with it on %s, daemons too', async signal => {
    const mark = randomUUID();
    // A daemon leaves its session and its parent, as programs do that want to outlive their starter.
    const sandbox = start(
      `setsid --fork sh -c 'trap "" TERM; : ${mark} daemon; while :; do sleep 9; done'; exec sleep 1000`,
    );
    const daemon = await until('the daemon', () =>
      processesWith(mark).find(pid => readProc(pid, 'cmdline').startsWith('sh\0-c\0trap')),
    );
    const folder = temporaryFolderOf(daemon);

    sandbox.kill(signal);

    await until('the end of all', () => processesWith(mark).length === 0);
    await until('the end of its folder', () => !existsSync(folder));
    expect(folder).toMatch(/\/waymark-[^/]+$/);
  });

  it('lets its command end in its own way on SIGTERM', async () => {
    const sandbox = start('trap "echo parting; exit 5" TERM; echo ready; while :; do sleep 0.05; done');
    const printed: Buffer[] = [];
    sandbox.stdout?.on('data', (chunk: Buffer) => printed.push(chunk));
    await until('the command', () => printed.length > 0);

    sandbox.kill('SIGTERM');
    const code = await new Promise<number | null>(resolve => sandbox.once('exit', resolve));

    expect(Buffer.concat(printed).toString()).toBe('ready\nparting\n');
    expect(code).toBe(5);
  });

  it('keeps the logs of a command that failed, with their places, and says where', async () => {
    const failed = await sandboxed(
      'mkdir "$TMPDIR/part"; echo why > "$TMPDIR/part/x.log"; echo no > "$TMPDIR/y"; exit 1',
    );

    const [, kept = ''] = /are kept in (\S+)/.exec(failed.stderr) ?? [];
    const found = readdirSync(kept, { recursive: true }).toSorted();
    const text = readFileSync(join(kept, 'part/x.log'), 'utf8');
    rmSync(kept, { recursive: true });
    expect(found).toEqual(['part', 'part/x.log']);
    expect(text).toBe('why\n');
  });

  it('refuses to start without a command', async () => {
    const { code, stderr } = await run(process.execPath, [SANDBOX]);

    expect(code).toBe(2);
    expect(stderr).toMatch(/^usage: /);
  });
});

function sandboxed(script: string) {
  return run(process.execPath, [SANDBOX, '--', 'sh', '-c', script], { timeout: 60_000 });
}

function start(script: string): ChildProcess {
  return spawn(process.execPath, [SANDBOX, '--', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Pids of processes whose command line holds a text, this process apart. */
function processesWith(text: string): string[] {
  return readdirSync('/proc').filter(
    pid => /^\d+$/.test(pid) && pid !== String(process.pid) && readProc(pid, 'cmdline').includes(text),
  );
}

function temporaryFolderOf(pid: string): string {
  return /(?:^|\0)TMPDIR=([^\0]*)/.exec(readProc(pid, 'environ'))?.[1] ?? tmpdir();
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // It ended while we looked.
    return '';
  }
}
