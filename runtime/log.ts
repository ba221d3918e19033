import { pino } from 'pino';
import type { Logger } from 'pino';

export type { Logger } from 'pino';
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

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
  // Synchronous, so that no line is lost when the process is killed; one write of 200 bytes costs a few microseconds.
  const destination = write === undefined ? pino.destination({ fd: 2, sync: true }) : { write };
  return pino(
    {
      level,
      base: { component },
      timestamp: pino.stdTimeFunctions.isoTime,
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
