import { describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { SpawnSyncReturns } from 'node:child_process';
import { createLog } from './log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLog({ level: 'info', component: 'webhook', write: line => lines.push(line) }));
  return lines.map(line => JSON.parse(line) as Record<string, unknown>);
}

/** A program that logs as ours do. */
function programOf(body: string): string {
  return `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    import { createLog } from ${JSON.stringify(join(import.meta.dirname, 'log.ts'))};
    const log = createLog({ level: 'info', component: 'test' });
    ${body}`;
}

function run(body: string): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, ['--input-type=module', '-e', programOf(body)], { encoding: 'utf8' });
}

/** Of the lines that are ours: Node writes of its own when a process dies of an exception. */
function messagesIn(text: string): readonly unknown[] {
  const lines = text.split('\n').filter(line => line.startsWith('{"level"'));
  return lines.map(line => (JSON.parse(line) as { msg: unknown }).msg);
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

  it('S-22: escapes what would hide or reorder the rest of it, and reads back as it was', () => {
    const written: string[] = [];
    const name = 'a\u202eb\u200bc\ufeff\u007f\u2028\ud83d\ude00é';

    createLog({ level: 'info', component: 'webhook', write: line => written.push(line) }).info({ name }, 'admission');

    const [line = ''] = written;
    expect(line).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}\u007f]/u);
    expect(line).toContain('\ud83d\ude00é');
    expect(JSON.parse(line)).toMatchObject({ name });
  });

  it('says something of a thrown value that is no error', () => {
    const [line] = logged(log => log.warn({ err: 'text' }, 'not applied'));

    expect(line?.['err']).toBe('text');
  });

  it('reaches standard error also when the process ends in the same turn', () => {
    const { status, stderr, stdout } = run(`
      for (let i = 0; i < 1000; i++) log.info({ i }, 'going');
      log.error('last words');
      process.exit(3);`);

    expect(status).toBe(3);
    expect(messagesIn(stderr)).toEqual([...Array.from({ length: 1000 }, () => 'going'), 'last words']);
    expect(stdout).toBe('');
  });

  it('that tells of an error is out, with all before it, also when the process is killed in the next turn', () => {
    const { signal, stderr } = run(`
      log.info('before');
      log.error('the error');
      setImmediate(() => process.kill(process.pid, 'SIGKILL'));`);

    expect(signal).toBe('SIGKILL');
    expect(messagesIn(stderr)).toEqual(['before', 'the error']);
  });

  it('that only informs is not lost when the process dies of an exception', () => {
    const { status, stderr } = run(`
      log.info('before');
      throw new Error('a bug');`);

    expect(status).toBe(1);
    expect(messagesIn(stderr)).toEqual(['before']);
  });

  it('that only informs shares a write with those of the turns after it', () => {
    const { stdout, stderr } = run(`
      const { writeSync } = fs;
      let writes = 0;
      fs.writeSync = (...args) => (writes++, writeSync(...args));
      syncBuiltinESMExports();
      for (let i = 0; i < 100; i++) {
        log.info({ i }, 'going');
        await new Promise(resolve => setImmediate(resolve));
      }
      process.on('exit', () => console.log(writes));`);

    expect(messagesIn(stderr)).toHaveLength(100);
    expect(Number(stdout)).toBeGreaterThan(0);
    expect(Number(stdout)).toBeLessThan(100);
  });

  it('is not lost when the reader of a pipe is slow', async () => {
    const program = programOf("for (let i = 0; i < 2000; i++) log.info({ i, text: 'x'.repeat(1000) }, 'going');");
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
