import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A part of the control plane that runs as a process of its own. */
export interface Program {
  readonly name: string;
  /** `undefined` = it could not be started. */
  readonly pid: number | undefined;
  /** Throws with the end of the log when the program is no longer running. */
  assertRunning(): void;
  /** Stops it where it is, with all that it holds open, until it is resumed. */
  pause(): void;
  resume(): void;
  /** Ends the program with SIGKILL, as a crash would, and resolves when it is gone. */
  stop(): Promise<void>;
}

/** All programs of one cluster. */
export interface Programs {
  /** Starts a program whose output is appended to `<name>.log`. */
  start(name: string, command: readonly string[], env?: Readonly<Record<string, string>>): Program;
  /** Ends all, the last started first, so that no log fills with the absence of another. Nothing can be started afterwards. */
  stopAll(): Promise<void>;
}

export function createPrograms(logs: string, home: string): Programs {
  const started: Program[] = [];
  let open = true;
  return {
    start(name, command, env = {}) {
      if (!open) throw new Error(`${name} is not started: the cluster is being stopped`);
      const program = startProgram(name, command, { HOME: home, ...env }, join(logs, `${name}.log`));
      started.push(program);
      return program;
    },
    async stopAll() {
      open = false;
      for (const program of started.reverse()) await program.stop();
    },
  };
}

function startProgram(
  name: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  log: string,
): Program {
  const [file = '', ...args] = command;
  const output = openSync(log, 'a');
  const child = spawn(file, args, {
    stdio: ['ignore', output, output],
    env: { PATH: process.env['PATH'], ...env },
    // A session of its own: Ctrl-C is for the harness, which ends the parts in its order.
    detached: true,
  });
  closeSync(output);
  let ended: string | undefined;
  const exited = new Promise<void>(resolve => {
    child.once('error', error => {
      ended = error.message;
      resolve();
    });
    child.once('exit', (code, signal) => {
      ended = signal === null ? `ended with code ${String(code)}` : `was ended by ${signal}`;
      resolve();
    });
  });

  return {
    name,
    pid: child.pid,
    assertRunning() {
      if (ended !== undefined) throw new Error(`${name} ${ended}; the end of its log:\n${tail(log)}`);
    },
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    async stop() {
      if (ended === undefined) child.kill('SIGKILL');
      await exited;
    },
  };
}

/** The last lines of a log, or a word when there are none. */
function tail(log: string, lines = 20): string {
  const text = readFileSync(log, 'utf8').trimEnd();
  return text === '' ? '(empty)' : text.split('\n').slice(-lines).join('\n');
}
