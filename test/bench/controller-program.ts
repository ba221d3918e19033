import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { sumOf } from '../integration/waymark-pods.ts';
import { cpuMicroseconds, residentMegabytes } from './process-cost.ts';

const PORT = 8081;
const METRICS = `http://127.0.0.1:${PORT}`;
/** Milliseconds. */
const MAX_START = 300_000;
const MAX_QUIET = 3_600_000;
const TURNS = 'waymark_reconcile_duration_seconds_count';
/** Each look costs the controller two milliseconds. */
const LOOK = 200;
/** Without a turn or a write for as long nothing is under way: far above what a turn waits for. */
const QUIET = 1500;

/** The packed controller as a process of its own. */
export interface ControllerProcess {
  /** Milliseconds from the start of the process until it said that it is ready. */
  readonly startToReady: number;
  /** Resolves when nothing is left to do. `onWrite` is called once, when the first write is seen. */
  quiet(onWrite?: () => void): Promise<Quiet>;
  /** Groups looked at so far. */
  turns(): Promise<number>;
  /** So far. */
  cpuMicroseconds(): number;
  residentMegabytes(): number;
  /** As a Pod is ended: it gives its Lease up. */
  stop(): Promise<void>;
}

export interface Quiet {
  /** When (`performance.now()`) the last turn or write was seen. */
  readonly at: number;
  /** NaN = none was. */
  readonly firstWriteAt: number;
}

export interface StartOptions {
  /** The packed `bin/waymark.js`. */
  readonly program: string;
  readonly kubeconfig: string;
  readonly settingsFile: string;
  readonly logFile: string;
  /** Where V8 writes a profile of the CPU at the end; absent = none. */
  readonly profile?: string | undefined;
}

export async function startControllerProcess(options: StartOptions): Promise<ControllerProcess> {
  const { program, kubeconfig, settingsFile, logFile, profile } = options;
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const log = openSync(logFile, 'a');
  const begin = performance.now();
  const child = spawn(
    process.execPath,
    [
      // As in the image's entry point.
      '--max-semi-space-size=4',
      ...profiling,
      program,
      'controller',
      `--kubeconfig=${kubeconfig}`,
      `--config=${settingsFile}`,
      `--metrics-port=${PORT}`,
    ],
    { stdio: ['ignore', log, log], env: { PATH: process.env['PATH'], HOME: '/nonexistent' } },
  );
  closeSync(log);
  const exited = once(child, 'exit');
  const pid = child.pid ?? 0;

  async function until(what: string, patience: number, step: number, look: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + patience;
    while (!(await look())) {
      if (child.exitCode !== null) throw new Error(`the controller ended with ${child.exitCode}: ${tail(logFile)}`);
      if (performance.now() > deadline) throw new Error(`${what} not within ${patience} ms: ${tail(logFile)}`);
      await new Promise(resolve => setTimeout(resolve, step));
    }
  }

  await until('ready', MAX_START, 2, async () => (await fetchText('/readyz')).status === 200);
  const startToReady = performance.now() - begin;

  return {
    startToReady,
    async quiet(onWrite) {
      let seen = '';
      let at = 0;
      let firstWriteAt = NaN;
      await until('quiet', MAX_QUIET, LOOK, async () => {
        const { text } = await fetchText('/metrics');
        const now = performance.now();
        const writes = sumOf(text, 'waymark_api_writes_total');
        const turns = sumOf(text, TURNS);
        const depth = sumOf(text, 'waymark_queue_depth');
        if (Number.isNaN(firstWriteAt) && writes > 0) {
          firstWriteAt = now;
          onWrite?.();
        }
        const state = `${writes} ${turns} ${depth}`;
        if (state !== seen) at = now;
        seen = state;
        return turns > 0 && depth === 0 && now - at > QUIET;
      });
      return { at, firstWriteAt };
    },
    async turns() {
      return sumOf((await fetchText('/metrics')).text, TURNS);
    },
    cpuMicroseconds: () => cpuMicroseconds(pid),
    residentMegabytes: () => residentMegabytes(pid),
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Status 0 = nobody answers. */
function fetchText(path: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise(resolve => {
    const nobody = () => resolve({ status: 0, text: '' });
    get(`${METRICS}${path}`, { agent: false }, answer => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece: string) => (text += piece));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on('error', nobody);
    }).on('error', nobody);
  });
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
}
