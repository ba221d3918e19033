import type { Api } from './api.ts';
import type { Pod, PodStatus } from './objects.ts';
import { pause } from './timing.ts';

const RETRY = 200;

/** Keeps the status of one pod in the API server as it is here. Writes what is newest, one at a time, until it is taken. */
export class StatusWriter {
  private readonly api: Api;
  private readonly path: string;
  private readonly uid: string;
  private readonly compute: (before: PodStatus | undefined) => PodStatus;
  private readonly signal: AbortSignal;
  private written: PodStatus | undefined;
  private isStale = false;
  private writing: Promise<void> | undefined;

  constructor(options: {
    readonly api: Api;
    readonly pod: Pod;
    /** Gets the status written last. */
    readonly compute: (before: PodStatus | undefined) => PodStatus;
    /** Ends all trying. */
    readonly signal: AbortSignal;
  }) {
    const { namespace, name, uid } = options.pod.metadata;
    this.api = options.api;
    this.path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    this.uid = uid;
    this.compute = options.compute;
    this.signal = options.signal;
    this.written = options.pod.status;
  }

  /** To be called when the status may have changed. Resolves when the API server has it, or the pod is gone. */
  write(): Promise<void> {
    this.isStale = true;
    this.writing ??= this.run();
    return this.writing;
  }

  /** Removes the object of a pod whose containers have ended. */
  async remove(): Promise<void> {
    const preconditions = { uid: this.uid };
    await this.insist('DELETE', this.path, { gracePeriodSeconds: 0, preconditions });
  }

  private async run(): Promise<void> {
    // Changes of one turn are written together.
    await Promise.resolve();
    try {
      while (this.isStale && !this.signal.aborted) {
        this.isStale = false;
        await this.writeOnce();
      }
    } finally {
      this.writing = undefined;
    }
  }

  private async writeOnce(): Promise<void> {
    const status = this.compute(this.written);
    if (JSON.stringify(status) === JSON.stringify(this.written)) return;
    const body = { metadata: { uid: this.uid }, status };
    await this.insist('PATCH', `${this.path}/status`, body, 'application/strategic-merge-patch+json');
    this.written = status;
  }

  /** Tries until there is an answer that settles it; that the pod is gone settles it too. */
  private async insist(method: string, path: string, body: unknown, contentType?: string): Promise<void> {
    for (;;) {
      const answer = await this.api.request(method, path, body, contentType).catch(() => undefined);
      if (this.signal.aborted) return;
      const { status = 0 } = answer ?? {};
      if ((status >= 200 && status < 300) || status === 404 || status === 409) return;
      // A status that the API server does not accept would be our own bug, and repeating it would hide it.
      if (status >= 400 && status < 500 && status !== 429) {
        throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer?.body)}`);
      }
      await pause(RETRY, this.signal);
    }
  }
}
