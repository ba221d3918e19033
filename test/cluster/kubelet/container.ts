import type { Container, Missing } from './objects.ts';
import { isMissing } from './objects.ts';
import { check, runProbe } from './probes.ts';
import type { CheckTarget, Complaint } from './probes.ts';
import { launch } from './processes.ts';
import type { ContainerProcess, LaunchOptions } from './processes.ts';
import { Bell, firstOf, pause } from './timing.ts';

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

/** What a container does now; times are RFC 3339. */
export type ContainerState =
  | { readonly waiting: { readonly reason: string; readonly message?: string } }
  | { readonly running: { readonly startedAt: string } }
  | { readonly terminated: Terminated };

export interface Terminated {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
  readonly startedAt: string;
  readonly finishedAt: string;
}

export interface ContainerOptions {
  readonly container: Container;
  readonly policy: RestartPolicy;
  readonly podAddress: string;
  /** Seconds between SIGTERM and SIGKILL when the container, not its pod, is stopped. */
  readonly gracePeriod: number;
  /** What to launch; asked before every start, since Secrets and images may have come meanwhile. */
  readonly prepare: () => Promise<LaunchOptions | Missing>;
  /** Rings when a missing thing may have come. */
  readonly sources: Bell;
  /** Milliseconds. */
  readonly longestBackoff: number;
  readonly onChange: () => void;
}

/** The first restart is at once; then these many milliseconds, doubled each time, as with a real kubelet's ten seconds. */
const FIRST_BACKOFF = 250;
/** A container that ran this long starts anew without delay. */
const BACKOFF_FORGOTTEN = 10_000;
/** A kubelet leaves at least this much after a preStop hook that took the whole grace period. */
const LEAST_GRACE = 2_000;

/** The life of one container of one pod, over all its restarts. */
export class ContainerLife {
  readonly name: string;
  readonly finished: Promise<void>;
  state: ContainerState = { waiting: { reason: 'ContainerCreating' } };
  lastTermination: Terminated | undefined;
  restarts = 0;
  isStarted = false;
  isReady = false;

  private readonly options: ContainerOptions;
  private readonly stopping = new AbortController();
  private process: ContainerProcess | undefined;
  /** Why the kubelet itself ended the running process. */
  private failure: string | undefined;
  /** Seconds from SIGTERM to SIGKILL. */
  private gracePeriod: number;
  private readonly changed = new Bell();

  constructor(options: ContainerOptions) {
    this.options = options;
    this.gracePeriod = options.gracePeriod;
    this.name = options.container.name;
    this.finished = this.live();
  }

  /** Resolves when the container has started (and passed its startup probe), or has finished. */
  async started(): Promise<void> {
    let isOver = this.stopping.signal.aborted;
    const over = this.finished.then(() => (isOver = true));
    while (!this.isStarted && !isOver) await Promise.race([this.changed.rung, over]);
  }

  /** preStop hook, SIGTERM, SIGKILL after the grace period (seconds). No restart follows. */
  async stop(gracePeriod: number): Promise<void> {
    this.gracePeriod = gracePeriod;
    this.stopping.abort();
    if (this.process !== undefined) await this.end(this.process, gracePeriod);
    await this.finished;
  }

  signalAll(name: NodeJS.Signals): void {
    this.process?.signalAll(name);
  }

  /** Kills the running process, as a crash would; resolves when it has ended. */
  async crash(): Promise<void> {
    this.process?.signal('SIGKILL');
    await this.process?.exited;
  }

  private set(state: ContainerState): void {
    this.state = state;
    this.tell();
  }

  private tell(): void {
    this.changed.ring();
    this.options.onChange();
  }

  private async live(): Promise<void> {
    const { signal } = this.stopping;
    let backoff = 0;
    for (;;) {
      const startedAt = Date.now();
      const terminated = await this.runOnce();
      if (terminated === undefined || signal.aborted || !this.restartsAfter(terminated)) return;

      if (Date.now() - startedAt >= BACKOFF_FORGOTTEN) backoff = 0;
      this.lastTermination = terminated;
      const message = `back-off ${backoff}ms restarting container ${this.name}`;
      if (backoff > 0) this.set({ waiting: { reason: 'CrashLoopBackOff', message } });
      await pause(backoff, signal);
      if (this.stopping.signal.aborted) {
        this.set({ terminated });
        return;
      }
      backoff = Math.min(Math.max(backoff * 2, FIRST_BACKOFF), this.options.longestBackoff);
      this.restarts++;
    }
  }

  private restartsAfter({ exitCode }: Terminated): boolean {
    const { policy } = this.options;
    return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
  }

  /** One start up to its end. `undefined` = stopped before it could start. */
  private async runOnce(): Promise<Terminated | undefined> {
    const prepared = await this.prepared();
    if (prepared === undefined) return undefined;
    const startedAt = new Date().toISOString();
    let code: number;
    try {
      this.process = await launch(prepared);
      code = await this.attend(this.process, startedAt);
    } catch (error) {
      return this.terminate(128, startedAt, String(error));
    }
    return this.terminate(code, startedAt);
  }

  private terminate(code: number, startedAt: string, startError?: string): Terminated {
    const message = startError ?? this.failure;
    const terminated = {
      exitCode: code,
      reason: startError !== undefined ? 'StartError' : code === 0 ? 'Completed' : 'Error',
      ...(message !== undefined && { message }),
      startedAt,
      finishedAt: new Date().toISOString(),
    };
    this.process = undefined;
    this.failure = undefined;
    this.isStarted = false;
    this.isReady = false;
    this.set({ terminated });
    return terminated;
  }

  /** Waits for whatever the container refers to. */
  private async prepared(): Promise<LaunchOptions | undefined> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const { rung } = this.options.sources;
      const prepared = await this.options.prepare();
      if (!isMissing(prepared)) return prepared;
      const { missing, reason = 'CreateContainerConfigError' } = prepared;
      this.set({ waiting: { reason, message: missing } });
      await firstOf([rung], 1_000, signal);
    }
    return undefined;
  }

  /** Hooks and probes around a running process. */
  private async attend(process: ContainerProcess, startedAt: string): Promise<number> {
    const { container, podAddress } = this.options;
    const target = { container, podAddress, process };
    const ended = new AbortController();
    this.set({ running: { startedAt } });
    void this.watch(target, ended.signal);
    // Stopped while it was being launched: `stop` had nothing to end yet.
    if (this.stopping.signal.aborted) void this.end(process, this.gracePeriod);
    const code = await process.exited;
    ended.abort();
    return code;
  }

  private async watch(target: CheckTarget, signal: AbortSignal): Promise<void> {
    const { container } = this.options;
    const { startupProbe, readinessProbe, livenessProbe, lifecycle } = container;
    if (lifecycle?.postStart !== undefined) {
      const complaint = await check(lifecycle.postStart, target, this.gracePeriod * 1_000);
      if (signal.aborted) return;
      if (complaint !== undefined) {
        this.fail(target.process, `postStart: ${complaint}`);
        return;
      }
    }
    if (startupProbe !== undefined) {
      const passed = new AbortController();
      await runProbe({
        probe: startupProbe,
        target,
        eager: true,
        signal: AbortSignal.any([signal, passed.signal]),
        onOutcome: (isPass, complaint) => {
          if (isPass) passed.abort();
          else this.fail(target.process, `startup: ${complaint ?? ''}`);
        },
      });
      if (signal.aborted) return;
    }
    this.isStarted = true;
    this.isReady = readinessProbe === undefined;
    this.tell();
    const probing: Promise<void>[] = [];
    if (readinessProbe !== undefined) {
      const onOutcome = (isPass: boolean) => {
        if (this.isReady === isPass || signal.aborted) return;
        this.isReady = isPass;
        this.tell();
      };
      probing.push(runProbe({ probe: readinessProbe, target, eager: true, signal, onOutcome }));
    }
    if (livenessProbe !== undefined) {
      const onOutcome = (isPass: boolean, complaint: Complaint) => {
        if (!isPass) this.fail(target.process, `liveness: ${complaint ?? ''}`);
      };
      probing.push(runProbe({ probe: livenessProbe, target, eager: false, signal, onOutcome }));
    }
    await Promise.all(probing);
  }

  /** A failed startup or liveness probe or postStart hook: the container is stopped, its policy says what follows. */
  private fail(process: ContainerProcess, why: string): void {
    if (this.failure !== undefined || this.stopping.signal.aborted || !process.isRunning()) return;
    this.failure = why;
    const { startupProbe, livenessProbe } = this.options.container;
    const own = livenessProbe?.terminationGracePeriodSeconds ?? startupProbe?.terminationGracePeriodSeconds;
    void this.end(process, own ?? this.gracePeriod);
  }

  private async end(process: ContainerProcess, gracePeriod: number): Promise<void> {
    const { container, podAddress } = this.options;
    const deadline = Date.now() + gracePeriod * 1_000;
    const gone = new AbortController();
    void process.exited.then(() => gone.abort());
    const preStop = container.lifecycle?.preStop;
    if (preStop !== undefined && gracePeriod > 0 && process.isRunning()) {
      const hook =
        preStop.sleep === undefined
          ? check(preStop, { container, podAddress, process }, gracePeriod * 1_000)
          : pause(preStop.sleep.seconds * 1_000, gone.signal);
      await Promise.race([hook, pause(gracePeriod * 1_000, gone.signal)]);
    }
    if (gracePeriod > 0) {
      process.signal('SIGTERM');
      await pause(Math.max(deadline - Date.now(), preStop === undefined ? 0 : LEAST_GRACE), gone.signal);
    }
    process.signal('SIGKILL');
    await process.exited;
  }
}
