import type { EventEmitter } from 'node:events';
import type { Logger } from './log.ts';

/** A program that runs until it is told to stop, or cannot go on. */
export interface Running {
  /** Resolves when everything is closed; called once. */
  close(): Promise<void>;
  /** Rejects when the program cannot go on by itself; never resolves. Absent = it always can. */
  readonly failed?: Promise<never>;
}

export interface ShutdownOptions {
  /** Milliseconds from the signal after which the process ends, whatever is still open. */
  readonly deadline: number;
  readonly log: Logger;
  /** Default: this process. */
  readonly signals?: Pick<EventEmitter, 'on' | 'off'>;
  /** Default: `process.exit`. Only called when closing did not end in time. */
  readonly exit?: (code: number) => void;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Resolves with the exit code: 0 after a signal and an orderly close, 1 when the program failed by itself. */
export async function runUntilSignal(running: Running, options: ShutdownOptions): Promise<number> {
  const { deadline, log, signals = process, exit = (code: number) => process.exit(code) } = options;

  let timer: NodeJS.Timeout | undefined;
  // Unreferenced: it must not keep a closed process alive.
  const limitClosing = () => {
    timer ??= setTimeout(() => {
      log.error('closing took too long: ending');
      exit(1);
    }, deadline).unref();
  };

  const stop = Promise.withResolvers<0>();
  // Further signals change nothing: Ctrl-C reaches a whole process group, and a parent may pass it on as well.
  const onSignal = (signal: string) => {
    if (timer !== undefined) return;
    log.info({ signal }, 'stopping');
    limitClosing();
    stop.resolve(0);
  };

  for (const signal of SIGNALS) signals.on(signal, onSignal);
  try {
    const code = await Promise.race([stop.promise, running.failed ?? stop.promise]).catch((error: unknown) => {
      log.error({ err: error }, 'stopping: cannot go on');
      limitClosing();
      return 1;
    });
    await running.close();
    log.info('stopped');
    return code;
  } finally {
    clearTimeout(timer);
    for (const signal of SIGNALS) signals.off(signal, onSignal);
  }
}

export interface ClosingStep {
  readonly name: string;
  close(): Promise<void> | void;
}

/** One after the other; a step that fails is logged and the next is taken. */
export async function closeInOrder(steps: readonly ClosingStep[], log: Logger): Promise<void> {
  for (const step of steps) {
    try {
      await step.close();
    } catch (error) {
      log.error({ err: error, step: step.name }, 'not closed cleanly');
    }
  }
}
