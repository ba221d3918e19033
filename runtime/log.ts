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

/** Takes whole lines. */
interface Destination {
  write(line: string): void;
}

/**
 * JSON lines: a constant message, and fields. Objects, patches, annotations and environment values are never logged;
 * name the object (`deployment: 'shop/web'`) instead.
 */
export function createLog({ level, component, write }: LogOptions): Logger {
  const destination = visible(write === undefined ? standardError() : { write });
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

/** JSON escapes control characters alone; names in a request may hold others that hide or reorder what a reader sees. */
const UNSEEN = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

function visible(destination: Destination): Destination {
  return {
    write(line) {
      destination.write(isAscii(line) ? line : line.replace(UNSEEN, escaped));
    },
  };
}

function isAscii(line: string): boolean {
  for (let i = 0; i < line.length; i++) if (line.charCodeAt(i) > 0x7e) return false;
  return true;
}

/** Outside its strings JSON has ASCII only, so that an escape is always inside one. */
function escaped(character: string): string {
  let text = '';
  for (let i = 0; i < character.length; i++) text += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return text;
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

/** Milliseconds. */
const PATIENCE = 5;

/**
 * Lines that only inform wait a moment for others and are one write with them; a warning or an error takes all that
 * waits along at the end of its turn of the event loop.
 */
function standardError(): Destination {
  let waiting = '';
  let due: 'now' | 'later' | undefined;
  const flush = () => {
    due = undefined;
    if (waiting === '') return;
    const text = waiting;
    waiting = '';
    writeAll(2, Buffer.from(text));
  };
  // The last words of a process that ends within its turn.
  process.on('exit', flush);
  return {
    write(line) {
      waiting += line;
      if (due === 'now') return;
      if (!onlyInforms(line)) {
        due = 'now';
        setImmediate(flush);
      } else if (due === undefined) {
        due = 'later';
        // Keeps no process alive: it writes when it ends.
        setTimeout(flush, PATIENCE).unref();
      }
    },
  };
}

/** Of a line as it is made above: its level comes first. */
function onlyInforms(line: string): boolean {
  return line.startsWith('{"level":"info"') || line.startsWith('{"level":"debug"');
}

/** Synchronous: the lines are out before anything else happens, also when the process is killed then. */
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
