import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { CACHE } from './assets/store.ts';
import { copyLogs } from './logs.ts';

/** How long a command may take to end after the sandbox was told to. */
const PATIENCE_MS = 20_000;
/** Of so many failed runs the logs are kept; an audit log may have tens of megabytes. */
const MOST_FAILURES = 10;
const PID_FILE = 'sandbox.pid';

// Process 1 of the sandbox. It must be a shell that waits: it collects the orphans that nobody else waits for,
// and when the command ends it ends too, and the kernel kills whatever is left.
// Without the last line the shell would become the command instead of waiting for it.
const INIT = `ip link set lo up || exit 125
"$@"
exit $?`;

/**
 * Runs a command in network, process and mount namespaces of its own and resolves with its exit code.
 * Nothing inside sees another network than the loopback, and nothing inside outlives the command, this process or Ctrl-C.
 * Inside, `TMPDIR` is a folder that is removed at the end; when the command fails, the `*.log` files in it are kept in `.cache/failed`.
 */
export async function enterSandbox(command: readonly string[]): Promise<number> {
  const temporary = mkdtempSync(join(realpathSync(tmpdir()), 'waymark-'));
  const remove = removerOf(temporary);
  try {
    const [file = '', ...args] = [...isolation(), 'sh', '-c', INIT, 'init', ...command];
    const child = spawn(file, args, {
      stdio: 'inherit',
      env: {
        ...process.env,
        // `node` inside is the one that runs this, whatever the shell's own is.
        PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
        TMPDIR: temporary,
        WAYMARK_SANDBOX: networkNamespace(),
      },
    });
    if (child.pid !== undefined) writeFileSync(join(temporary, PID_FILE), String(child.pid));
    const passedOn = passSignalsOn(child.pid ?? 0);
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
    if (code !== 0 && !passedOn.any()) keepLogs(temporary);
    return code;
  } finally {
    await remove();
  }
}

/** Whether this process runs in a sandbox: only there may a cluster take addresses and ports as it likes. */
export function isInSandbox(): boolean {
  const outside = process.env['WAYMARK_SANDBOX'];
  return outside !== undefined && outside !== networkNamespace();
}

/** The pid, as seen from outside, of a process that is in the sandbox's network: what `nsenter --target` wants. */
export function sandboxPid(): number {
  return Number(readFileSync(join(tmpdir(), PID_FILE), 'utf8'));
}

function networkNamespace(): string {
  return readlinkSync('/proc/self/ns/net');
}

/**
 * The command line that puts what follows it into namespaces.
 * `setpriv` makes the kernel kill `unshare` when this process dies, and `--kill-child` makes it kill process 1 then.
 * A change of user would undo that, so the user namespace comes before it.
 */
function isolation(): string[] {
  const apart = [
    'setpriv',
    '--pdeathsig',
    'KILL',
    'unshare',
    '--net',
    '--pid',
    '--mount',
    '--mount-proc',
    '--fork',
    '--kill-child',
  ];
  if (canRun(apart)) return apart;
  const asRoot = ['unshare', '--user', '--map-root-user', ...apart];
  if (canRun(asRoot)) return asRoot;
  const missing = ['setpriv', 'unshare', 'ip'].filter(file => spawnSync(file, ['--version']).error !== undefined);
  throw new Error(
    missing.length > 0
      ? `a network namespace is needed to run a cluster, and ${missing.join(', ')} must be on the PATH for it ` +
          '(packages util-linux and iproute2)'
      : 'a network namespace is needed to run a cluster: run as root (for example with sudo), or allow user namespaces ' +
          '(sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns)',
  );
}

function canRun(prefix: readonly string[]): boolean {
  const [file = '', ...args] = prefix;
  return spawnSync(file, [...args, 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' }).status === 0;
}

/**
 * Hands SIGINT, SIGTERM and SIGHUP to the command, once, and ends the sandbox when that does not help.
 * Ctrl-C on a terminal reaches the command without us, and must not reach it twice.
 */
function passSignalsOn(pid: number): { any(): boolean } {
  let received = false;
  const receive = (signal: NodeJS.Signals) => {
    if (received) return;
    received = true;
    setTimeout(() => process.kill(pid, 'SIGKILL'), PATIENCE_MS).unref();
    if (signal === 'SIGINT' && process.stdin.isTTY) return;
    const [init] = childrenOf(pid);
    const [command] = init === undefined ? [] : childrenOf(init);
    process.kill(command ?? pid, command === undefined ? 'SIGKILL' : signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, receive);
  return { any: () => received };
}

/** Oldest first; so the command comes before orphans that process 1 took over. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

/**
 * Removes a folder when called, and also when this process dies without calling it: the shell's input ends then.
 * It tries until it succeeds, since dying processes may still write.
 */
function removerOf(folder: string): () => Promise<void> {
  const remover = spawn('sh', ['-c', 'cat; until rm -rf -- "$1"; do sleep 0.1; done', 'remover', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const removed = new Promise<void>(resolve => remover.once('exit', () => resolve()));
  return () => {
    remover.stdin.end();
    return removed;
  };
}

function keepLogs(temporary: string): void {
  const failed = join(CACHE, 'failed');
  const kept = join(failed, new Date().toISOString().replaceAll(':', '-'));
  try {
    if (copyLogs(temporary, kept) === 0) return;
    process.stderr.write(`logs of ${basename(temporary)} are kept in ${kept}\n`);
    for (const old of readdirSync(failed).toSorted().slice(0, -MOST_FAILURES))
      rmSync(join(failed, old), { recursive: true });
  } catch (error) {
    // The command's exit code tells more than this.
    process.stderr.write(`logs could not be kept: ${String(error)}\n`);
  }
}
