import { writeSync } from 'node:fs';
import { pino } from 'pino';
import type { Logger } from 'pino';

export type { Logger } from 'pino';
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogOptions {
  readonly level: LogLevel;
  /** `webhook`, `controller`, …: a field of every line. */
  readonly component: string;
  /** Takes whole lines, each with its newline; default: standard error, because results are on standard output. */
  readonly write?: (line: string) => void;
}

/**
 * JSON lines: a constant message, and fields. Objects, patches, annotations and environment values are never logged;
 * name the object (`deployment: 'shop/web'`) instead.
 */
export function createLog({ level, component, write }: LogOptions): Logger {
  const destination = write === undefined ? standardError() : { write };
  return pino(
    {
      level,
      base: { component },
      timestamp: isoTime,
      formatters: { level: label => ({ level: label }) },
      serializers: { err: describeError },
    },
    destination,
  );
}

/** Name, message, code and stack, and no other property: errors of HTTP clients carry bodies and headers. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { code, status } = error as Error & { code?: unknown; status?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' && { code }),
    ...(typeof status === 'number' && { status }),
    ...(error.cause instanceof Error && { cause: error.cause.message }),
    stack: error.stack,
  };
}

/** Whatever is logged in one turn of the event loop is one write, and none waits for longer. */
function standardError(): { write(line: string): void } {
  let waiting = '';
  const flush = () => {
    const text = waiting;
    waiting = '';
    writeAll(2, Buffer.from(text));
  };
  // The last words of a process that ends within its turn.
  process.on('exit', flush);
  return {
    write(line) {
      if (waiting === '') setImmediate(flush);
      waiting += line;
    },
  };
}

/** Synchronous: a line that was logged is out before anything else happens, also when the process is killed then. */
function writeAll(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(file, bytes, written);
    } catch (error) {
      // A pipe whose reader is slow. Nothing else can be done than to wait for him, or to lose lines.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(SLEEP, 0, 0, 10);
    }
  }
}

const SLEEP = new Int32Array(new SharedArrayBuffer(4));

let second = 0;
let secondText = '';

/** The same text as pino's own, of which only the milliseconds are made anew for every line. */
function isoTime(): string {
  const now = Date.now();
  const milliseconds = now % 1000;
  if (now - milliseconds !== second) {
    second = now - milliseconds;
    secondText = new Date(second).toISOString().slice(0, -4);
  }
  return `,"time":"${secondText}${String(milliseconds).padStart(3, '0')}Z"`;
}
