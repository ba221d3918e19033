import { afterEach, beforeEach } from '@jest/globals';
import { createClient } from '../../kube/client.ts';
import { createInformer } from '../../kube/informer.ts';
import { RESOURCES } from '../../kube/resources.ts';
import type { Informer, InformerOptions, KubeClient, KubeObject } from '../../kube/types.ts';
import { startApiServer } from './api-server/server.ts';
import type { ApiServer, SeenRequest } from './api-server/server.ts';
import { createFakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';
import { silentLog } from './silent-log.ts';
import { until } from './until.ts';

/** What the informers under test keep of a Service. */
export interface Kept {
  readonly name: string;
  readonly size: number | string;
}

/** A server that holds Services, and informers on it whose time a test moves. New for every test. */
export interface ServiceWatch {
  readonly server: ApiServer;
  readonly client: KubeClient;
  readonly clock: FakeClock;
  /** What was told, as `name before→after`. */
  readonly changes: string[];
  readonly logged: string[];
  restarts(): number;
  put(name: string, size?: number, metadata?: Partial<KubeObject['metadata']>): KubeObject;
  remove(name: string): void;
  start(options?: Partial<InformerOptions<Kept>>): Informer<Kept>;
  /** Ends every pause that an informer makes at once, until the condition holds; stays below its silence limit. */
  hurry(what: string, holds: () => boolean): Promise<void>;
  lists(): readonly SeenRequest[];
  watches(): readonly SeenRequest[];
  isWatching(): boolean;
}

/** Above every pause that an informer makes, far below its silence limit. */
const LONGEST_PAUSE = 15_000;

export function keep({ metadata, spec }: KubeObject): Kept {
  return { name: metadata.name, size: (spec as { size: number | string }).size };
}

/** `name=size` of everything in the cache, sorted. */
export function contents(informer: Informer<Kept>): string[] {
  return [...informer.values()].map(({ name, size }) => `${name}=${size}`).sort();
}

/** For the top of a test file: the answer is that of the test which runs. */
export function useServiceWatch(): () => ServiceWatch {
  let current: ServiceWatch | undefined;
  let close: () => Promise<void>;

  beforeEach(async () => {
    const opened = await openServiceWatch();
    current = opened.watch;
    close = opened.close;
  });
  afterEach(() => close());

  return () => {
    if (current === undefined) throw new Error('only inside a test');
    return current;
  };
}

async function openServiceWatch(): Promise<{ watch: ServiceWatch; close: () => Promise<void> }> {
  const server = await startApiServer([RESOURCES.services, RESOURCES.virtualServices]);
  const client = createClient(server.credentials);
  const clock = createFakeClock();
  const changes: string[] = [];
  const logged: string[] = [];
  const informers: Informer<Kept>[] = [];
  let restarts = 0;

  const watch: ServiceWatch = {
    server,
    client,
    clock,
    changes,
    logged,
    restarts: () => restarts,
    put: (name, size = 1, metadata = {}) =>
      server.put({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace: 'shop', ...metadata },
        spec: { size },
        status: { noise: size },
      }),
    remove: name => server.remove(RESOURCES.services, 'shop', name),
    start(options = {}) {
      const informer = createInformer<Kept>({
        client,
        resource: RESOURCES.services,
        project: keep,
        onChange: ({ name, before, after }) => changes.push(`${name} ${before?.size ?? '-'}→${after?.size ?? '-'}`),
        onRestart: () => restarts++,
        log: silentLog(logged),
        clock,
        random: () => 0.5,
        ...options,
      });
      informers.push(informer);
      informer.start();
      return informer;
    },
    hurry: (what, holds) =>
      until(what, () => {
        const next = clock.waiting()[0];
        if (next !== undefined && next < LONGEST_PAUSE) clock.advance(next);
        return holds();
      }),
    lists: () => server.requests.filter(request => !request.watch),
    watches: () => server.requests.filter(request => request.watch),
    isWatching: () => server.watches().length === 1,
  };
  return {
    watch,
    async close() {
      await Promise.all(informers.map(informer => informer.stop()));
      await client.close();
      await server.close();
    },
  };
}
