import { spawn } from 'node:child_process';
import type { CommandResult } from './types.ts';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Milliseconds; the command is killed after them. Default: as long as it takes. */
  readonly timeout?: number;
}

/** Runs a command to its end. Resolves for every exit code (-1 when a signal or the timeout ended it); rejects when it cannot be started. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  const { cwd, env, input, timeout } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: 'pipe',
      killSignal: 'SIGKILL',
      ...(cwd !== undefined && { cwd }),
      ...(env !== undefined && { env }),
      ...(timeout !== undefined && { timeout }),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A command that does not read its input to the end is free to do so.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const ended = signal === null ? '' : `\n${command} was ended by ${signal}`;
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString() + ended,
      });
    });
  });
}

/** As `run`, but an exit code other than 0 rejects with the end of what the command printed. */
export async function runOrThrow(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<CommandResult> {
  let result: CommandResult;
  try {
    result = await run(command, args, options);
  } catch (error) {
    throw new Error(`'${command}' could not be started: is it installed?`, { cause: error });
  }
  if (result.code !== 0) {
    const printed = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-30).join('\n');
    throw new Error(`'${[command, ...args].join(' ')}' ended with code ${result.code}:\n${printed}`);
  }
  return result;
}
