import { describe, expect, it } from '@jest/globals';
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
});
