import { createLog } from '../../runtime/log.ts';
import type { Logger } from '../../runtime/log.ts';

/** The real log, written nowhere, or into `lines`. */
export function silentLog(lines: string[] = []): Logger {
  return createLog({ level: 'debug', component: 'test', write: line => void lines.push(line) });
}
