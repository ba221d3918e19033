import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { prefer } from '../../cluster/priority.ts';
import type { Cluster } from '../../cluster/types.ts';
import type { Answer, Command, Report } from './answer.ts';

/** Requests a second: a gap of 10 ms shows. */
export const RATE = 100;

export interface Generator {
  /** Sends requests to a host from now on, evenly. */
  start(host: string, options?: { readonly path?: string; readonly rate?: number }): Traffic;
  /** Ends the process; what is still sent is not asked for any more. */
  close(): Promise<void>;
}

export interface Traffic {
  /** Ends it, and resolves with what became of each request, in the order in which they were sent. */
  stop(): Promise<readonly Answer[]>;
}

/** One process sends all requests of a test file through the real gateway. */
export function startGenerator({ gateway }: Cluster): Generator {
  const child = fork(join(import.meta.dirname, 'generator.ts'), [gateway.address, String(gateway.port)], {
    // Those of the test runner are for the test runner.
    execArgv: [],
    detached: true,
  });
  if (child.pid !== undefined) prefer(child.pid);
  const waiting = new Map<string, PromiseWithResolvers<readonly Answer[]>>();
  child.on('message', ({ stream, answers }: Report) => waiting.get(stream)?.resolve(answers));
  child.on('exit', code => {
    for (const one of waiting.values()) one.reject(new Error(`the generator ended with ${String(code)}`));
  });
  const tell = (command: Command) => child.send(command);
  let count = 0;

  return {
    start(host, { path = '/', rate = RATE } = {}) {
      const stream = `${host}#${count++}`;
      tell({ do: 'start', stream, host, path, rate });
      return {
        stop() {
          const ending = Promise.withResolvers<readonly Answer[]>();
          waiting.set(stream, ending);
          tell({ do: 'stop', stream });
          return ending.promise;
        },
      };
    },
    async close() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
