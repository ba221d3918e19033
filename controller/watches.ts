import type { Clock } from '../kube/clock.ts';
import { createInformer } from '../kube/informer.ts';
import { createInterruptions } from '../kube/interruptions.ts';
import type { Interruptions } from '../kube/interruptions.ts';
import { watchServedKind } from '../kube/served-kinds.ts';
import type { ServedKind } from '../kube/served-kinds.ts';
import type { Informer, InformerOptions, KubeClient, Resource } from '../kube/types.ts';
import type { Logger } from '../runtime/log.ts';
import type { Watch } from './address-book.ts';

/** All watches of one world, begun and ended together. */
export interface Watches {
  readonly watch: Watch;
  readonly interruptions: Interruptions;
  /** Resolves when every cache holds its first complete list; asked when all watches are known. */
  synced(): Promise<unknown>;
  start(): void;
  stop(): Promise<void>;
}

export interface WatchesOptions {
  readonly client: KubeClient;
  readonly onRestart: (kind: string) => void;
  /** Watches were interrupted, and all of them are back. */
  readonly onResumed: () => void;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
}

export function createWatches({ onRestart, onResumed, ...given }: WatchesOptions): Watches {
  const { client } = given;
  const interruptions = createInterruptions(() => client.serverTime(), onResumed);
  const informers: Informer<unknown>[] = [];
  const kinds = new Map<string, ServedKind>();

  /** Kinds of the API server itself come with its next version, and with it all watches begin anew. */
  function isBuiltIn({ apiVersion }: Resource): boolean {
    return !apiVersion.includes('.') || apiVersion.includes('.k8s.io/');
  }

  function expect({ kind, ...resource }: Resource): () => boolean | undefined {
    if (isBuiltIn({ kind, ...resource })) return () => false;
    let definition = kinds.get(kind);
    if (definition === undefined) {
      definition = watchServedKind(given, { kind, ...resource }, () => {
        for (const informer of optional.get(kind) ?? []) informer.retry();
      });
      kinds.set(kind, definition);
    }
    const known = definition;
    return () => known.isServed();
  }
  const optional = new Map<string, Informer<unknown>[]>();

  function watch<T>(
    resource: Resource,
    options: Pick<InformerOptions<T>, 'project' | 'onChange'> & Partial<InformerOptions<T>>,
  ): Informer<T> {
    const informer = createInformer<T>({
      ...given,
      resource,
      watcher: interruptions.watcher(),
      onRestart: () => onRestart(resource.kind),
      ...(options.optional === true && { isExpected: expect(resource) }),
      ...options,
    });
    informers.push(informer);
    if (options.optional === true) optional.set(resource.kind, [...(optional.get(resource.kind) ?? []), informer]);
    return informer;
  }

  return {
    watch,
    interruptions,
    // Not of the definitions: who may not see them finds out by asking for the kinds themselves.
    synced: () => Promise.all(informers.map(informer => informer.synced)),
    start() {
      for (const one of [...informers, ...kinds.values()]) one.start();
    },
    async stop() {
      await Promise.all([...informers, ...kinds.values()].map(one => one.stop()));
    },
  };
}
