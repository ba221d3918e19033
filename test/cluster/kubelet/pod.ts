import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ContainerLife } from './container.ts';
import type { RestartPolicy } from './container.ts';
import { planContainer } from './container-plan.ts';
import type { Placement } from './environment.ts';
import type { PodNamespace } from './network.ts';
import type { NodeContext } from './node-context.ts';
import { isMissing, keyOf } from './objects.ts';
import type { Container, Pod, PodStatus } from './objects.ts';
import { StatusWriter } from './status-writer.ts';
import { statusOf } from './status.ts';
import type { ContainerView } from './status.ts';
import { tokensOf } from './tokens.ts';
import { writeVolumes } from './volumes.ts';
import { Bell, aborted, firstOf, pause } from './timing.ts';

const DEFAULT_GRACE = 30;
const RETRY = 500;

/** The life of one pod on this node, from its network to its removal. */
export class PodLife {
  /** Resolves when nothing of the pod is left on the machine. */
  readonly finished: Promise<void>;

  private pod: Pod;
  private readonly node: NodeContext;
  private readonly folder: string;
  private readonly startTime = new Date().toISOString();
  private readonly lives = new Map<string, ContainerLife>();
  private readonly stopping = new AbortController();
  private readonly changed = new Bell();
  private readonly tokens;
  private readonly status: StatusWriter;
  private namespace: PodNamespace | undefined;
  private volumes: ReadonlyMap<string, string> = new Map();
  private keeping: Promise<void> | undefined;
  private isInitialized = false;
  private isOver = false;
  /** Seconds; set when the pod is to end. */
  private gracePeriod: number | undefined;

  constructor(node: NodeContext, pod: Pod) {
    this.node = node;
    this.pod = pod;
    this.folder = join(node.folder, pod.metadata.uid);
    this.tokens = tokensOf(node.api);
    const { api, signal } = node;
    this.status = new StatusWriter({ api, pod, signal, compute: before => this.statusNow(before) });
    this.finished = this.live();
    if (pod.metadata.deletionTimestamp !== undefined) this.update(pod);
  }

  /** Takes the newest version of the object. */
  update(pod: Pod): void {
    this.pod = pod;
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.end(pod.metadata.deletionGracePeriodSeconds ?? DEFAULT_GRACE);
    }
    this.changed.ring();
  }

  /** Ends the pod; `gracePeriod` in seconds, 0 = at once. */
  end(gracePeriod: number): void {
    if (this.gracePeriod !== undefined && gracePeriod >= this.gracePeriod) return;
    this.gracePeriod = gracePeriod;
    this.stopping.abort();
    // Those that are being stopped already are stopped faster.
    if (gracePeriod === 0) for (const life of this.lives.values()) void life.stop(0);
  }

  async crash(): Promise<void> {
    await Promise.all([...this.lives.values()].map(life => life.crash()));
  }

  signalAll(name: NodeJS.Signals): void {
    for (const life of this.lives.values()) life.signalAll(name);
  }

  private async live(): Promise<void> {
    const { signal } = this.stopping;
    try {
      // The constructor must have returned before anything looks at this pod.
      await Promise.resolve();
      if (!this.hasEnded()) await this.runContainers(signal);
      this.tell();
      await aborted(signal);
    } catch (error) {
      this.node.report(`pod ${keyOf(this.pod.metadata)}: ${String(error)}`);
    }
    await this.cleanUp();
  }

  /** A pod that had ended before this kubelet saw it is never run again. */
  private hasEnded(): boolean {
    const { phase } = this.pod.status ?? {};
    return phase === 'Succeeded' || phase === 'Failed';
  }

  private async runContainers(signal: AbortSignal): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const placement = await this.attach(signal);
    if (placement === undefined) return;
    await this.fillVolumes(placement, signal);
    this.keeping = this.keepVolumes(placement, signal);

    const { spec } = this.pod;
    const policy = spec.restartPolicy ?? 'Always';
    for (const container of spec.initContainers ?? []) {
      const isSidecar = container.restartPolicy === 'Always';
      const life = this.start(container, isSidecar ? 'Always' : policy === 'Always' ? 'OnFailure' : policy, placement);
      await Promise.race([aborted(signal), isSidecar ? life.started() : life.finished]);
      const hasFailed = !isSidecar && 'terminated' in life.state && life.state.terminated.exitCode !== 0;
      if (hasFailed || this.stopping.signal.aborted) return this.stopAll();
    }
    if (this.stopping.signal.aborted) return;
    this.isInitialized = true;
    const lives = spec.containers.map(container => this.start(container, policy, placement));
    this.tell();
    await Promise.race([aborted(signal), Promise.all(lives.map(life => life.finished))]);
    await this.stopAll();
  }

  /** Containers first, then the sidecars in the reverse of their order, all within one grace period. */
  private async stopAll(): Promise<void> {
    const grace = this.gracePeriod ?? this.pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE;
    const deadline = Date.now() + grace * 1_000;
    const left = () => Math.max(0, (deadline - Date.now()) / 1_000);
    const { containers, initContainers = [] } = this.pod.spec;
    const livesOf = (group: readonly Container[]) => group.flatMap(({ name }) => this.lives.get(name) ?? []);
    await Promise.all(livesOf(containers).map(life => life.stop(grace)));
    for (const life of livesOf(initContainers).reverse()) await life.stop(left());
    this.isOver = true;
  }

  private async attach(signal: AbortSignal): Promise<Placement | undefined> {
    const { name, namespace } = this.pod.metadata;
    while (!signal.aborted) {
      try {
        this.namespace = await this.node.network.attach(this.pod.spec.hostname ?? name);
        const { address } = this.namespace;
        await writeFile(join(this.folder, 'hosts'), `127.0.0.1 localhost\n${address} ${name}\n`);
        this.tell();
        const { nodeName, nodeAddress } = this.node;
        return { nodeName, nodeAddress, podAddress: address };
      } catch (error) {
        this.node.report(`pod ${namespace}/${name} has no network yet: ${String(error)}`);
        await pause(RETRY, signal);
      }
    }
    return undefined;
  }

  private async fillVolumes(placement: Placement, signal: AbortSignal): Promise<void> {
    let told = '';
    while (!signal.aborted) {
      const events = [this.node.sourcesChanged.rung, this.changed.rung];
      const written = await this.writeVolumes(placement);
      if (!isMissing(written)) {
        this.volumes = written;
        return;
      }
      if (written.missing !== told) {
        told = written.missing;
        this.node.report(`pod ${keyOf(this.pod.metadata)} waits for its volumes: ${told}`);
      }
      await firstOf(events, RETRY, signal);
    }
  }

  /** Follows Secrets, ConfigMaps, the pod's own labels and annotations, and renews tokens. */
  private async keepVolumes(placement: Placement, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // Before the writing, so that what changes during it is not missed.
      const events = [this.node.sourcesChanged.rung, this.changed.rung];
      const written = await this.writeVolumes(placement).catch((error: unknown) => ({ missing: String(error) }));
      // What was there stays while its source is away.
      const retryIn = isMissing(written) ? RETRY : Infinity;
      const renewIn = Math.max(RETRY, (this.tokens.renewAt() ?? Infinity) - Date.now());
      await firstOf(events, Math.min(retryIn, renewIn), signal);
    }
  }

  private writeVolumes(placement: Placement) {
    const { sources } = this.node;
    return writeVolumes(join(this.folder, 'volumes'), { pod: this.pod, placement, sources, tokens: this.tokens });
  }

  private start(container: Container, policy: RestartPolicy, placement: Placement): ContainerLife {
    const { node, folder } = this;
    const life = new ContainerLife({
      container,
      policy,
      podAddress: placement.podAddress,
      gracePeriod: this.pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE,
      prepare: () =>
        planContainer({
          node,
          pod: this.pod,
          container,
          placement,
          folder,
          volumes: this.volumes,
          enter: this.namespace?.enter ?? [],
        }),
      sources: node.sourcesChanged,
      longestBackoff: node.longestBackoff,
      onChange: () => this.tell(),
    });
    this.lives.set(container.name, life);
    return life;
  }

  private async cleanUp(): Promise<void> {
    try {
      // Nothing of it runs any more, unless something failed above.
      this.stopping.abort();
      await Promise.allSettled([...this.lives.values()].map(life => life.stop(0)));
      await this.keeping;
      await this.namespace?.release();
      await rm(this.folder, { recursive: true, force: true });
      if (this.pod.metadata.deletionTimestamp === undefined) return;
      this.isOver = true;
      await this.status.write();
      await this.status.remove();
    } catch (error) {
      this.node.report(`pod ${keyOf(this.pod.metadata)} is not removed cleanly: ${String(error)}`);
    }
  }

  private tell(): void {
    this.status.write().catch((error: unknown) => {
      this.node.report(`status of pod ${keyOf(this.pod.metadata)}: ${String(error)}`);
    });
  }

  private statusNow(before: PodStatus | undefined): PodStatus {
    const { spec } = this.pod;
    const view = (container: Container) => this.viewOf(container);
    return statusOf(
      {
        pod: this.pod,
        hostAddress: this.node.nodeAddress,
        podAddress: this.namespace?.address,
        startTime: this.startTime,
        initContainers: (spec.initContainers ?? []).map(view),
        containers: spec.containers.map(view),
        isInitialized: this.isInitialized,
        isOver: this.isOver,
      },
      before,
      new Date(),
    );
  }

  private viewOf(container: Container): ContainerView {
    const life = this.lives.get(container.name);
    const { state, lastTermination, restarts, isStarted, isReady } = life ?? {
      state: { waiting: { reason: this.isInitialized ? 'ContainerCreating' : 'PodInitializing' } },
      lastTermination: undefined,
      restarts: 0,
      isStarted: false,
      isReady: false,
    };
    return { container, state, lastTermination, restarts, isStarted, isReady };
  }
}
