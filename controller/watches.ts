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

/** Kinds whose watches tell of interruptions. Others may fail for reasons of their own, and traffic must not wait for them. */
const TELLING: ReadonlySet<string> = new Set(['Deployment', 'Service', 'EndpointSlice', 'VirtualService', 'Host']);

export function createWatches({ onRestart, onResumed, ...given }: WatchesOptions): Watches {
  const { client } = given;
  const interruptions = createInterruptions(() => client.serverTime(), onResumed);
  const informers: Informer<unknown>[] = [];
  const kinds = new Map<string, ServedKind>();

  const optional = new Map<string, Informer<unknown>[]>();

  /** Whether a kind that is not served may be looked for; `false` = its coming is told. */
  function expectation(resource: Resource): () => boolean | undefined {
    // Kinds of the API server itself come with its next version, and with it all watches begin anew.
    if (isBuiltIn(resource)) return () => false;
    const { kind } = resource;
    const definition =
      kinds.get(kind) ??
      watchServedKind(given, resource, () => {
        for (const informer of optional.get(kind) ?? []) informer.retry();
      });
    kinds.set(kind, definition);
    return () => definition.isServed();
  }

  function watch<T>(
    resource: Resource,
    options: Pick<InformerOptions<T>, 'project' | 'onChange'> & Partial<InformerOptions<T>>,
  ): Informer<T> {
    const informer = createInformer<T>({
      ...given,
      resource,
      ...(TELLING.has(resource.kind) && { watcher: interruptions.watcher() }),
      onRestart: () => onRestart(resource.kind),
      ...(options.optional === true && { isExpected: expectation(resource) }),
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

function isBuiltIn({ apiVersion }: Resource): boolean {
  return !apiVersion.includes('.') || apiVersion.includes('.k8s.io/');
}
