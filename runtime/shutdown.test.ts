import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { memoryLog } from '../test/support/log.ts';
import { closeInOrder, runUntilSignal } from './shutdown.ts';

const NEVER = new Promise<never>(() => undefined);

function program({ close = () => Promise.resolve(), failed, deadline = 60_000 }: Partial<Program> = {}) {
  const signals = new EventEmitter();
  const { log, messages } = memoryLog();
  let exited: (code: number) => void;
  const forced = new Promise<number>(resolve => (exited = resolve));
  const code = runUntilSignal(
    { close, ...(failed && { failed }) },
    { deadline, log, signals, exit: status => exited(status) },
  );
  return { signals, messages, code, forced };
}

interface Program {
  close: () => Promise<void>;
  failed: Promise<never>;
  deadline: number;
}

describe('a program that runs until a signal', () => {
  it.each(['SIGTERM', 'SIGINT'])('W24: closes on %s and ends with 0', async signal => {
    let closed = 0;
    const { signals, code } = program({
      close: () => {
        closed++;
        return Promise.resolve();
      },
    });

    signals.emit(signal, signal);

    expect(await code).toBe(0);
    expect(closed).toBe(1);
  });

  it('closes once, however many signals come', async () => {
    let closed = 0;
    const { signals, code } = program({
      close: () => {
        closed++;
        return Promise.resolve();
      },
    });

    signals.emit('SIGINT', 'SIGINT');
    signals.emit('SIGINT', 'SIGINT');
    signals.emit('SIGTERM', 'SIGTERM');

    expect(await code).toBe(0);
    expect(closed).toBe(1);
  });

  it('is ended by force when closing takes longer than its deadline', async () => {
    const { signals, forced, messages } = program({ close: () => NEVER, deadline: 1 });

    signals.emit('SIGTERM', 'SIGTERM');

    expect(await forced).toBe(1);
    expect(messages()).toContain('closing took too long: ending');
  });

  it('closes and ends with 1 when it cannot go on by itself', async () => {
    let closed = 0;
    const failed = Promise.reject(new Error('lease lost'));
    const { code, messages } = program({
      failed,
      close: () => {
        closed++;
        return Promise.resolve();
      },
    });

    expect(await code).toBe(1);
    expect(closed).toBe(1);
    expect(messages()).toContain('stopping: cannot go on');
  });

  it('leaves no listener behind', async () => {
    const { signals, code } = program();

    signals.emit('SIGTERM', 'SIGTERM');
    await code;

    expect(signals.eventNames()).toEqual([]);
  });
});

describe('closing in order', () => {
  it('takes one step after the other, also after one that failed', async () => {
    const { log, lines } = memoryLog();
    const order: string[] = [];
    const step = (name: string, fails = false) => ({
      name,
      async close() {
        order.push(`${name} begins`);
        await Promise.resolve();
        if (fails) throw new Error('stuck');
        order.push(`${name} ends`);
      },
    });

    await closeInOrder([step('server'), step('cluster', true), step('probes')], log);

    expect(order).toEqual(['server begins', 'server ends', 'cluster begins', 'probes begins', 'probes ends']);
    expect(lines()).toMatchObject([{ msg: 'not closed cleanly', step: 'cluster' }]);
  });
});
