import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createAuthority } from '../support/certificates.ts';

export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  /** Milliseconds from the start of the process until it answers that it is ready. */
  readonly startToReady: number;
  /** Of its certificate; absent = it cannot be checked. */
  readonly ca: string | undefined;
  /** Of a hook; without a query. */
  readonly path: (hook: Hook) => string;
  stop(): Promise<void>;
}

/** A folder with certificates, what the bare server answers, and logs. */
export interface Site {
  readonly folder: string;
  readonly ca: string;
}

export type Hook = 'mutate' | 'validate';

export interface Answers {
  readonly mutate: string;
  readonly validate: string;
}

export function createSite(folder: string): Site {
  // Apart from the certificates, whose folder the webhook watches.
  mkdirSync(join(folder, 'logs'));
  const authority = createAuthority();
  const { cert, key } = authority.issue({ names: ['localhost'] });
  writeFileSync(join(folder, 'tls.crt'), cert);
  writeFileSync(join(folder, 'tls.key'), key);
  return { folder, ca: authority.cert };
}

export async function startBare({ folder, ca }: Site, answers: Answers): Promise<ServerProcess> {
  writeFileSync(join(folder, 'mutate.json'), answers.mutate);
  writeFileSync(join(folder, 'validate.json'), answers.validate);
  const port = await freePort();
  const files = ['tls.crt', 'tls.key', 'mutate.json', 'validate.json'].map(name => join(folder, name));
  const script = join(import.meta.dirname, 'bare-server.js');
  return start({
    args: [...NODE_FLAGS, script, String(port), ...files],
    logFile: join(folder, 'logs', 'bare'),
    port,
    isUp: () => connects(port),
    ca,
  });
}

/** Milliseconds. */
const MAX_START = 30_000;

/** As in the image's entry point. */
const NODE_FLAGS = ['--max-semi-space-size=4'];

/** `program`: the packed `bin/waymark.js`. Without a cluster: certificates from files, no kubeconfig. */
export async function startWebhook({ folder, ca }: Site, program: string): Promise<ServerProcess> {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const flags = [`--port=${port}`, `--metrics-port=${metricsPort}`];
  const files = [`--tls-cert-file=${join(folder, 'tls.crt')}`, `--tls-key-file=${join(folder, 'tls.key')}`];
  return start({
    args: [...NODE_FLAGS, program, 'webhook', ...flags, ...files],
    logFile: join(folder, 'logs', 'webhook'),
    port,
    isUp: () => isReady(metricsPort),
    ca,
  });
}

export interface StartOptions {
  /** Of Node. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly port: number;
  readonly isUp: () => Promise<boolean>;
  readonly ca: string | undefined;
}

/** Resolves when the server is up. Rejects when it ends before. */
export async function start(options: StartOptions): Promise<ServerProcess> {
  const { args, env, logFile, port, isUp, ca } = options;
  const log = openSync(logFile, 'a');
  const begin = performance.now();
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
  });
  closeSync(log);
  while (!(await isUp())) {
    if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended with ${child.exitCode}; see ${logFile}`);
    if (performance.now() - begin > MAX_START) {
      await stop(child);
      throw new Error(`${args.join(' ')} is not up after ${MAX_START} ms`);
    }
    await new Promise(resolve => setTimeout(resolve, 2));
  }
  return {
    pid: child.pid ?? 0,
    port,
    startToReady: performance.now() - begin,
    ca,
    path: hook => `/${hook}`,
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  // At once: the drain of the webhook is not what is measured.
  child.kill('SIGKILL');
  await ended;
}

async function isReady(metricsPort: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).status === 200;
  } catch {
    return false;
  }
}

function connects(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
