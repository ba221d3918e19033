import type { Logger } from '../runtime/log.ts';
import { sleep } from './clock.ts';
import type { Clock } from './clock.ts';
import { isConflict, isNotFound } from './kube-error.ts';
import { readObject } from './read-object.ts';
import { RESOURCES, collectionPath, objectPath } from './resources.ts';
import type { KubeClient, KubeObject } from './types.ts';

export interface LeaderOptions {
  /** Must not share its speed limit with anything: a renewal that waits is a leadership lost. */
  readonly client: KubeClient;
  readonly namespace: string;
  /** Name of the Lease. */
  readonly name: string;
  /** Stays the same when this very candidate is started again: it then takes its own Lease back at once. */
  readonly identity: string;
  readonly onChange: (leading: boolean) => void;
  /** Milliseconds since the epoch until when watches were interrupted last: the Lease keeps it for whoever leads next. */
  readonly interruptedUntil?: () => number | undefined;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
}

export interface Leader {
  start(): void;
  /** Whether this process may write now. Asked, not told: also true to time when the process was frozen meanwhile. */
  isLeading(): boolean;
  /**
   * When whoever led before renewed the Lease last, or gave it up, by the API server's clock: nobody has led since.
   * `undefined` = nobody ever has, or nobody was asked.
   */
  ledUntil(): number | undefined;
  /** Until when the watches of whoever led before were interrupted last, as far as the Lease tells. */
  wasInterruptedUntil(): number | undefined;
  /** Reads the Lease; rejects with NotLeading when it is not ours. Before each step that cannot be taken back. */
  fence(): Promise<void>;
  /** Gives the Lease up, so that another one has it at once. What writes must have stopped before. */
  stop(): Promise<void>;
}

export class NotLeading extends Error {
  constructor() {
    super('this process does not lead');
    this.name = 'NotLeading';
  }
}

/** Milliseconds, as in client-go: a holder that does not renew for `lease` loses it; it stops by itself at `renew`. */
const TIMES = { lease: 15_000, renew: 10_000, retry: 2000 };

const INTERRUPTED = 'waymark.dev/interrupted-until';

interface LeaseSpec {
  readonly holderIdentity?: string | null;
  readonly leaseDurationSeconds?: number | null;
  readonly acquireTime?: string | null;
  readonly renewTime?: string | null;
  readonly leaseTransitions?: number | null;
}

/** What another candidate's Lease looked like, and when we first saw it like that, by our own clock. */
interface Sighting {
  readonly resourceVersion: string;
  readonly at: number;
}

export function createLeader(options: LeaderOptions): Leader {
  const { client, namespace, name, identity, onChange, log, clock, random } = options;
  const path = objectPath(RESOURCES.leases, namespace, name);
  const stopping = new AbortController();
  const { signal } = stopping;
  let running: Promise<void> | undefined;
  /** Until when the last renewal counts. */
  let leadsUntil = -Infinity;
  let wasLeading = false;
  /** Our Lease as we wrote it last. */
  let held: KubeObject | undefined;
  let seen: Sighting | undefined;
  let ledUntil: number | undefined;
  let wasInterruptedUntil: number | undefined;
  let cancelExpiry: () => void = () => undefined;

  const isLeading = () => clock.now() < leadsUntil;

  function tell(): void {
    if (isLeading() === wasLeading) return;
    wasLeading = !wasLeading;
    log.info({ lease: `${namespace}/${name}`, identity, leading: wasLeading }, 'leadership');
    onChange(wasLeading);
  }

  /** `sentAt`, not now: whoever watches may have seen the renewal as early as that. */
  function renewed(lease: KubeObject, sentAt: number): void {
    held = lease;
    leadsUntil = sentAt + TIMES.renew;
    cancelExpiry();
    cancelExpiry = clock.after(leadsUntil - clock.now(), tell);
    tell();
  }

  function lost(): void {
    held = undefined;
    leadsUntil = -Infinity;
    cancelExpiry();
    tell();
  }

  function specOf(lease: KubeObject | undefined): LeaseSpec {
    return lease?.['spec'] ?? {};
  }

  function claim(lease: KubeObject | undefined): LeaseSpec {
    const before = specOf(lease);
    const now = microTime(client.serverTime());
    const isOurs = before.holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: TIMES.lease / 1000,
      acquireTime: isOurs ? (before.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (before.leaseTransitions ?? 0) + (isOurs || lease === undefined ? 0 : 1),
    };
  }

  function metadataOf(lease: KubeObject | undefined): KubeObject['metadata'] {
    const metadata = lease?.metadata ?? { name, namespace };
    const until = options.interruptedUntil?.();
    if (until === undefined) return metadata;
    return { ...metadata, annotations: { ...metadata.annotations, [INTERRUPTED]: microTime(until) } };
  }

  async function write(lease: KubeObject | undefined): Promise<void> {
    const sentAt = clock.now();
    const body = {
      apiVersion: RESOURCES.leases.apiVersion,
      kind: RESOURCES.leases.kind,
      metadata: metadataOf(lease),
      spec: claim(lease),
    };
    const request =
      lease === undefined
        ? { method: 'POST' as const, path: collectionPath(RESOURCES.leases, namespace) }
        : { method: 'PUT' as const, path };
    // Not aborted by a stop: whether it was written decides which version can be given up.
    const answer = await client.request({ ...request, body, timeout: TIMES.renew / 2 });
    if (!isLeading()) {
      ledUntil = timeOf(specOf(lease).renewTime);
      wasInterruptedUntil = timeOf(lease?.metadata.annotations?.[INTERRUPTED]);
    }
    renewed(answer as KubeObject, sentAt);
  }

  const look = () => readObject(client, path, { timeout: TIMES.renew / 2, signal });

  /**
   * Free: given up, our own from an earlier life, or not renewed for as long as its holder promised. That is measured
   * here, between two looks of ours: no clock of another machine has a say in it.
   */
  function isFree(lease: KubeObject): boolean {
    const { holderIdentity, leaseDurationSeconds } = specOf(lease);
    if ((holderIdentity ?? '') === '' || holderIdentity === identity) return true;
    const { resourceVersion = '' } = lease.metadata;
    if (seen?.resourceVersion !== resourceVersion) seen = { resourceVersion, at: clock.now() };
    return clock.now() - seen.at >= (leaseDurationSeconds ?? TIMES.lease / 1000) * 1000;
  }

  async function round(): Promise<void> {
    try {
      if (held !== undefined) {
        await write(held);
        return;
      }
      const lease = await look();
      if (lease === undefined || isFree(lease)) await write(lease);
    } catch (error) {
      if (signal.aborted) return;
      // Somebody else wrote it: whether it is still ours is seen at the next look, which is now.
      if (isConflict(error)) await afterConflict();
      // Deleted: another candidate may have made it anew by now.
      else if (isNotFound(error)) lost();
      else log.warn({ err: error }, 'Lease neither read nor renewed');
    }
  }

  async function afterConflict(): Promise<void> {
    held = undefined;
    try {
      const lease = await look();
      if (lease !== undefined && specOf(lease).holderIdentity === identity) held = lease;
      else lost();
    } catch (error) {
      log.warn({ err: error }, 'Lease not read');
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await round();
      if (!isLeading()) held = undefined;
      // Candidates that look at different times do not fight over the moment when it becomes free.
      await sleep(clock, TIMES.retry * (0.9 + random() * 0.2), signal);
    }
  }

  async function release(): Promise<void> {
    if (held === undefined || !isLeading()) return;
    const lease = held;
    lost();
    const spec = {
      ...specOf(lease),
      holderIdentity: '',
      leaseDurationSeconds: 1,
      renewTime: microTime(client.serverTime()),
    };
    try {
      await client.request({ method: 'PUT', path, body: { ...lease, spec }, timeout: TIMES.retry });
    } catch (error) {
      log.warn({ err: error }, 'Lease not given up: another one has to wait until it runs out');
    }
  }

  return {
    start() {
      running ??= run();
    },
    isLeading,
    ledUntil: () => ledUntil,
    wasInterruptedUntil: () => wasInterruptedUntil,
    async fence() {
      if (!isLeading()) throw new NotLeading();
      const lease = await look();
      if (specOf(lease).holderIdentity !== identity || !isLeading()) throw new NotLeading();
    },
    async stop() {
      stopping.abort();
      await running;
      await release();
    },
  };
}

/** `metav1.MicroTime`: six digits, always. */
export function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z');
}

function timeOf(text: string | null | undefined): number | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** For a process that was told to lead without asking anybody. */
export function alwaysLeading(onChange: (leading: boolean) => void): Leader {
  return {
    start: () => onChange(true),
    isLeading: () => true,
    ledUntil: () => undefined,
    wasInterruptedUntil: () => undefined,
    fence: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
}
