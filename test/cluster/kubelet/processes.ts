import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { run } from '../command.ts';
import type { CommandResult } from '../types.ts';
import { LAUNCHED, PSEUDO, fileSystemsOf, launchScript } from './launch-script.ts';
import type { LaunchPlan, Machine } from './launch-script.ts';

export interface ContainerProcess {
  /** Resolves with the exit code, 128 + number after a signal, when process 1 of the container and with it all others have ended. */
  readonly exited: Promise<number>;
  isRunning(): boolean;
  /** To process 1, as a kubelet does. */
  signal(name: NodeJS.Signals): void;
  /** To every process of the container. */
  signalAll(name: NodeJS.Signals): void;
  /** Runs a command inside the container; after `timeout` milliseconds it is killed, and its code is 137. */
  execute(command: readonly string[], timeout: number): Promise<CommandResult>;
}

export interface LaunchOptions extends Omit<LaunchPlan, 'machine'> {
  /** Arguments of `nsenter` for the pod's network namespace. */
  readonly enter: readonly string[];
  /** Appended to. */
  readonly logFile: string;
}

/**
 * Its first child is process 1 of the container. `unshare --fork` would do, but it turns a death by SIGKILL into exit code 1
 * (util-linux 2.38).
 */
const WAITER = ['/bin/sh', '-c', '"$@"; exit $?', 'waiter'];

/** Starts a container. Rejects when it could not even be set up; a program that is not there is an exit with 127. */
export async function launch({ enter, logFile, ...plan }: LaunchOptions): Promise<ContainerProcess> {
  mkdirSync(plan.folder, { recursive: true });
  const script = `${plan.folder}.sh`;
  writeFileSync(script, launchScript({ ...plan, machine: machine() }), { mode: 0o600 });

  const log = openSync(logFile, 'a');
  const isolate = ['unshare', '--mount', '--pid', '--', ...WAITER, '/bin/sh', script];
  const child = spawn('nsenter', [...enter, '--', ...isolate], {
    stdio: ['ignore', log, log, 'pipe'],
    detached: true,
  });
  closeSync(log);
  let running = true;
  const exited = new Promise<number>(resolve => {
    child.on('error', () => resolve(126));
    child.on('exit', (code, signal) => {
      running = false;
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });

  // The waiter keeps its end open as long as the container runs, so there is no end of the stream to wait for.
  const said = await linesUntil(LAUNCHED, child.stdio[3] as Readable);
  const pid = Number(said[0]);
  if (said[1] !== LAUNCHED) {
    await exited;
    throw new Error(`the container could not be set up: ${lastLine(logFile)}`);
  }

  const signalProcess = (target: number, name: NodeJS.Signals) => {
    try {
      if (running) process.kill(target, name);
    } catch {
      // It ended in between, which is what `exited` is for.
    }
  };
  return {
    exited,
    isRunning: () => running,
    signal: name => signalProcess(pid, name),
    signalAll(name) {
      if (!running) return;
      for (const target of processesBeside(pid)) signalProcess(target, name);
    },
    execute(command, timeout) {
      const inside = [`--target=${pid}`, '--mount', '--uts', '--net', '--pid', '--root', '--wd'];
      const variables = Object.entries(plan.environment).map(([name, value]) => `${name}=${value}`);
      const bounded = ['timeout', '--signal=KILL', String(timeout / 1_000), ...command];
      return run('nsenter', [...inside, '--', 'env', '-i', ...variables, ...bounded]);
    },
  };
}

/** The folders of `/` and, as an overlay shows no more than one file system, those on which another one is mounted. */
function machine(): Machine {
  const root = readdirSync('/', { withFileTypes: true });
  const links = root.filter(entry => entry.isSymbolicLink()).map(({ name }) => [name, readlinkSync(`/${name}`)]);
  const folders = root.filter(entry => entry.isDirectory()).map(({ name }) => `/${name}`);
  const mounted = fileSystemsOf(readFileSync('/proc/self/mountinfo', 'utf8')).filter(isFolder);
  return {
    links: Object.fromEntries(links) as Record<string, string>,
    folders: [...new Set([...folders.filter(path => !PSEUDO.includes(path)), ...mounted])].sort(),
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** All processes of the same process namespace, itself included. */
function processesBeside(pid: number): number[] {
  const namespace = namespaceOf(pid);
  return readdirSync('/proc')
    .map(Number)
    .filter(other => other > 0 && namespace !== undefined && namespaceOf(other) === namespace);
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

async function linesUntil(last: string, stream: Readable): Promise<string[]> {
  let lines: string[] = [];
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    text += String(chunk);
    lines = text.split('\n');
    if (lines.includes(last)) break;
  }
  return lines;
}

function lastLine(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '';
}
