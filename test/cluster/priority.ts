import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** As `nice` has it. */
const PREFERRED = -10;

/**
 * Lets a process go before others of a machine that is busy: the gateway that requests are measured through must not be what is
 * measured. Where the kernel schedules by sessions it is the session of the process that counts. Without the right to do so
 * nothing is changed.
 */
export function prefer(pid: number): void {
  for (const raise of [
    () => setPriority(pid, PREFERRED),
    () => writeFileSync(`/proc/${pid}/autogroup`, String(PREFERRED)),
  ]) {
    try {
      raise();
    } catch {
      // It runs as it would have.
    }
  }
}
