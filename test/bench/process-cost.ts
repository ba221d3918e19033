import { readFileSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';

/** Microseconds of CPU that a process has used so far, all its threads that still live. Linux only. */
export function cpuMicroseconds(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  return nanoseconds / 1000;
}

/** As `cpuMicroseconds`, of all processes of this PID namespace that run one of these programs. */
export function cpuMicrosecondsOf(...programs: readonly string[]): number {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter(pid => programs.includes(programOf(pid))).reduce((sum, pid) => sum + cpuMicroseconds(pid), 0);
}

/** Empty for one that has ended meanwhile. */
function programOf(pid: number): string {
  try {
    return basename(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '');
  } catch {
    return '';
  }
}

/** Megabytes (10^6 bytes) of memory in use. */
export function residentMegabytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kibibytes) * 1024) / 1e6;
}
