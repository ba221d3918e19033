import { createLog } from '../../runtime/log.ts';
import type { Logger } from '../../runtime/log.ts';

export interface MemoryLog {
  readonly log: Logger;
  /** All lines so far, parsed. */
  readonly lines: () => readonly Readonly<Record<string, unknown>>[];
  readonly messages: () => readonly unknown[];
}

/** A real log that can be looked at. */
export function memoryLog(): MemoryLog {
  const written: string[] = [];
  const lines = () => written.map(line => JSON.parse(line) as Readonly<Record<string, unknown>>);
  return {
    log: createLog({ level: 'debug', component: 'test', write: line => written.push(line) }),
    lines,
    messages: () => lines().map(line => line['msg']),
  };
}
