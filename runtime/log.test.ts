import { describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createLog } from './log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLog({ level: 'info', component: 'webhook', write: line => lines.push(line) }));
  return lines.map(line => JSON.parse(line) as Record<string, unknown>);
}

describe('a log line', () => {
  it('is one JSON object with level, time, component, message and fields', () => {
    const [line] = logged(log => log.info({ deployment: 'shop/web' }, 'admission'));

    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      component: 'webhook',
      deployment: 'shop/web',
      msg: 'admission',
    });
  });

  it('is not written below the level', () => {
    const lines = logged(log => log.debug('detail'));

    expect(lines).toEqual([]);
  });

  it('S-22: shows of an error its message, code, status and cause, and no body that it carries', () => {
    const error = Object.assign(new Error('conflict', { cause: new Error('reset') }), {
      code: 'answer',
      status: 409,
      body: '{"env":"secret"}',
      response: { headers: { authorization: 'Bearer secret' } },
    });

    const [line] = logged(log => log.warn({ err: error }, 'not applied'));

    expect(line?.['err']).toMatchObject({ message: 'conflict', code: 'answer', status: 409, cause: 'reset' });
    expect(JSON.stringify(line)).not.toContain('secret');
  });

  it('says something of a thrown value that is no error', () => {
    const [line] = logged(log => log.warn({ err: 'text' }, 'not applied'));

    expect(line?.['err']).toBe('text');
  });

  it('reaches standard error also when the process ends in the same turn', () => {
    const module = join(import.meta.dirname, 'log.ts');
    const program = `
      import { createLog } from ${JSON.stringify(module)};
      const log = createLog({ level: 'info', component: 'test' });
      for (let i = 0; i < 1000; i++) log.info({ i }, 'going');
      log.error('last words');
      process.exit(3);`;

    const { status, stderr, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });

    const lines = stderr.trimEnd().split('\n');
    expect(status).toBe(3);
    expect(lines).toHaveLength(1001);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ level: 'error', msg: 'last words' });
    expect(stdout).toBe('');
  });

  it('is not lost when the reader of a pipe is slow', async () => {
    const module = join(import.meta.dirname, 'log.ts');
    const program = `
      import { createLog } from ${JSON.stringify(module)};
      const log = createLog({ level: 'info', component: 'test' });
      for (let i = 0; i < 2000; i++) log.info({ i, text: 'x'.repeat(1000) }, 'going');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });

    // Two megabytes through a pipe that holds 64 KiB, read a piece at a time.
    let text = '';
    for await (const piece of child.stderr.setEncoding('utf8')) {
      text += piece as string;
      await new Promise(resolve => setTimeout(resolve, 1));
    }

    const lines = text.trimEnd().split('\n');
    expect(lines.map(line => (JSON.parse(line) as { i: number }).i)).toEqual(Array.from({ length: 2000 }, (_, i) => i));
  });
});
