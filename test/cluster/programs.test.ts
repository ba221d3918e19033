import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runOrThrow } from './command.ts';
import { sendThrough } from './parts/gateway-request.ts';
import { until } from './wait.ts';

const ECHO = join(import.meta.dirname, 'echo.ts');
const CLOCK_AHEAD = join(import.meta.dirname, 'clock-ahead.ts');
const PORT = 18_080;
const HOUR = 3_600_000;

let echo: ChildProcess | undefined;
afterEach(() => {
  echo?.kill('SIGKILL');
});

function start(variables: Readonly<Record<string, string>> = {}): ChildProcess {
  echo = spawn(process.execPath, [ECHO], { env: { PORTS: String(PORT), ...variables }, stdio: 'inherit' });
  return echo;
}

async function ask(path: string, method = 'GET'): Promise<{ readonly status: number; readonly body: unknown }> {
  const request = { host: 'web.example.org', path, method };
  const { status, body } = await sendThrough({ address: '127.0.0.1', port: PORT }, request);
  return { status, body: JSON.parse(body) as unknown };
}

const listening = () => until('echo answers', async () => (await ask('/healthz')).status === 200);

describe('the echo program', () => {
  it('counts requests by host, but not those about itself', async () => {
    start();
    await listening();

    await Promise.all(['/a', '/b', '/readyz', '/counts'].map(path => ask(path)));

    expect((await ask('/counts')).body).toEqual({ 'web.example.org': 2 });
  });

  it('answers what it has begun before it fails as it is told to', async () => {
    const exited = once(start(), 'exit');
    await listening();

    const slow = ask('/?delay=300');
    const told = await ask('/fail', 'PUT');

    expect(told.status).toBe(200);
    expect((await slow).status).toBe(200);
    expect(await exited).toEqual([1, null]);
  });

  it('begins late, is not ready, and fails by itself as its variables say', async () => {
    const begin = performance.now();
    const exited = once(start({ START_AFTER: '500', FAIL_AFTER: '1500', READINESS: '503' }), 'exit');
    await listening();
    const startedAfter = performance.now() - begin;

    expect(startedAfter).toBeGreaterThanOrEqual(500);
    expect((await ask('/readyz')).status).toBe(503);
    expect(await exited).toEqual([1, null]);
  });
});

describe('a clock that is wrong', () => {
  const PRINT =
    'const read = new Date(5).getTime(); console.log(Date.now(), Date.parse(new Date().toISOString()), read)';

  it.each([HOUR, -HOUR, 0])('is off by %d ms for who asks for the time, and right for given times', async ahead => {
    const before = Date.now();
    const { stdout } = await runOrThrow(process.execPath, ['--import', CLOCK_AHEAD, '--eval', PRINT], {
      env: { CLOCK_AHEAD: String(ahead) },
    });
    const [now = 0, made = 0, read] = stdout.split(' ').map(Number);

    for (const time of [now, made]) {
      expect(time).toBeGreaterThanOrEqual(before + ahead);
      expect(time).toBeLessThanOrEqual(Date.now() + ahead);
    }
    expect(read).toBe(5);
  });
});
