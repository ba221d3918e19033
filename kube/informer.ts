import { createBackoff } from './backoff.ts';
import { sleep, systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { createCache } from './informer-cache.ts';
import { KubeError, errorOfStatus, isNotFound } from './kube-error.ts';
import { listProjected } from './list.ts';
import { collectionPath } from './resources.ts';
import type { Informer, InformerOptions, KubeObject } from './types.ts';

/** The API server sends a bookmark about once a minute; three minutes' half without a word is a dead stream. */
const SILENCE_LIMIT = 90_000;

/** Seconds after which the API server ends a watch by itself; spread, so that they do not all come back together. */
const WATCH_SECONDS = { from: 240, to: 360 };

/** A server that ends every watch at once gets one request a second from us, not hundreds. */
const SHORTEST_CYCLE = 1000;

/** A watch that lived as long was a good one: the next failure is the first again. */
const GOOD_CYCLE = 10_000;

const BACKOFF = { base: 500, cap: 10_000 };

/** A kind whose coming is told otherwise is looked for all the same, in case that was missed. */
const SELDOM = 600_000;

/** An API server ends a watch at its time limit, and by its own clock. */
const TOLERANCE = 1000;

/**
 * Objects a page. They are ten times what is kept of them, all kinds are listed at the same time, and what a page takes
 * while it is read the process does not give back.
 */
const PAGE = 100;

/** What ended a watch: `list` when the cache can no longer be brought up to date by watching. */
interface Ending {
  readonly next: 'watch' | 'list';
  readonly version: string;
  readonly error?: KubeError;
  /** Milliseconds: how long it lived, how long it was to live, and for how long nothing came at its end. */
  readonly lived: number;
  readonly limit: number;
  readonly silent: number;
}

export function createInformer<T>(options: InformerOptions<T>): Informer<T> {
  const { client, resource, namespace, project, onChange, onServed, log, onRestart, watcher } = options;
  const { clock = systemClock, random = Math.random } = options;
  const path = collectionPath(resource, namespace);
  const fields = { kind: resource.kind, ...(namespace !== undefined && { namespace }) };
  const stopping = new AbortController();
  const { signal } = stopping;
  const synced = Promise.withResolvers<undefined>();
  const backoff = createBackoff(BACKOFF.base, BACKOFF.cap, random);
  let isSynced = false;
  let isServed = false;
  let running: Promise<void> | undefined;
  let endNap: () => void = () => undefined;

  const cache = createCache<T>({
    // Items of a list do not say their kind, events do.
    project: object =>
      project(object.kind === undefined ? { apiVersion: resource.apiVersion, kind: resource.kind, ...object } : object),
    onChange: change => {
      if (!signal.aborted) onChange?.(change);
    },
    onBug: (error, object) => log.error({ err: error, ...fields, object }, 'change not taken in: this is a bug'),
  });

  function selectors(): URLSearchParams {
    const query = new URLSearchParams();
    if (options.labelSelector !== undefined) query.set('labelSelector', options.labelSelector);
    if (options.fieldSelector !== undefined) query.set('fieldSelector', options.fieldSelector);
    return query;
  }

  function setServed(served: boolean): void {
    if (isServed === served || signal.aborted) return;
    isServed = served;
    if (options.optional === true) log.info({ ...fields, served }, 'kind is served, or no longer');
    onServed?.(served);
  }

  function setSynced(): void {
    isSynced = true;
    synced.resolve(undefined);
  }

  /** Answers with the version to watch from. */
  async function list(): Promise<string> {
    const entryOf = (object: KubeObject) => cache.entryOf(object);
    const { items, resourceVersion } = await listProjected(client, path, selectors(), signal, entryOf, PAGE);
    if (signal.aborted) return '';
    cache.replace(items);
    setServed(true);
    setSynced();
    return resourceVersion;
  }

  async function run(): Promise<void> {
    let version: string | undefined;
    while (!signal.aborted) {
      try {
        version ??= await list();
      } catch (error) {
        await afterFailedList(error as KubeError);
        continue;
      }
      const watch = await watchFrom(version);
      version = watch.next === 'list' ? undefined : watch.version;
      await afterWatch(watch);
    }
  }

  async function afterFailedList(error: KubeError): Promise<void> {
    if (signal.aborted) return;
    if (options.optional === true && isNotFound(error)) {
      cache.replace([]);
      setServed(false);
      setSynced();
      watcher?.back();
      await nap(options.isExpected?.() === false ? SELDOM * (0.5 + random() / 2) : backoff.next());
      return;
    }
    log.warn({ err: error, ...fields }, 'list failed');
    await sleep(clock, Math.max(backoff.next(), error.retryAfter ?? 0), signal);
  }

  /** Ends early when the kind may be served. */
  async function nap(delay: number): Promise<void> {
    const awake = new AbortController();
    endNap = () => awake.abort();
    if (!signal.aborted) await sleep(clock, delay, awake.signal);
    endNap = () => undefined;
  }

  async function afterWatch({ next, error, lived, limit, silent }: Ending): Promise<void> {
    if (signal.aborted) return;
    if (lived >= GOOD_CYCLE) backoff.reset();
    if (error !== undefined || lived < limit - TOLERANCE) {
      watcher?.lost(silent);
      onRestart?.();
    }
    if (error !== undefined) log.info({ ...fields, reason: error.message, next }, 'watch interrupted');
    const pause = error === undefined ? 0 : Math.max(backoff.next(), error.retryAfter ?? 0);
    await sleep(clock, Math.max(pause, SHORTEST_CYCLE - lived), signal);
  }

  async function watchFrom(from: string): Promise<Ending> {
    const query = selectors();
    const seconds = WATCH_SECONDS.from + Math.floor(random() * (WATCH_SECONDS.to - WATCH_SECONDS.from + 1));
    query.set('watch', 'true');
    query.set('allowWatchBookmarks', 'true');
    query.set('timeoutSeconds', String(seconds));
    query.set('resourceVersion', from);
    let version = from;
    const startedAt = clock.now();

    const silence = createSilenceAlarm(signal, SILENCE_LIMIT, clock);
    const span = (rang = false) => ({
      lived: clock.now() - startedAt,
      limit: seconds * 1000,
      silent: rang ? SILENCE_LIMIT : 0,
    });
    try {
      const lines = await client.stream(`${path}?${query.toString()}`, silence.signal);
      watcher?.back();
      for await (const line of lines) {
        if (signal.aborted) break;
        silence.heard();
        const { type, object } = JSON.parse(line) as { type: string; object: KubeObject };
        if (type === 'ERROR') throw errorOfStatus(`watch ${path}`, object);
        if (type === 'DELETED') cache.delete(object);
        else if (type !== 'BOOKMARK') cache.put(object);
        version = object.metadata.resourceVersion ?? version;
      }
      return { next: 'watch', version, ...span() };
    } catch (error) {
      const failure = silence.rang() ? silenceError(path) : asKubeError(error, path);
      return { next: mustList(failure) ? 'list' : 'watch', error: failure, version, ...span(silence.rang()) };
    } finally {
      silence.release();
    }
  }

  return {
    start() {
      running ??= run();
    },
    async stop() {
      stopping.abort();
      endNap();
      await running;
    },
    retry: () => endNap(),
    synced: synced.promise,
    isSynced: () => isSynced,
    isServed: () => isServed,
    get: (space, name) => cache.get(space, name)?.value,
    version: (space, name) => cache.get(space, name),
    values: () => cache.values(),
  };
}

/**
 * A version that the API server does not take (410, or one that it has not reached since it was restored) is never
 * taken again. It only cannot serve right now: 429 and 503.
 */
function mustList({ code, status }: KubeError): boolean {
  return code === 'answer' && status !== 429 && status !== 503;
}

function silenceError(path: string): KubeError {
  return new KubeError({ code: 'timeout', message: `watch ${path}: silent for ${SILENCE_LIMIT} ms` });
}

/** A line that is no JSON came from something between the API server and us. */
function asKubeError(error: unknown, path: string): KubeError {
  if (error instanceof KubeError) return error;
  return new KubeError({ code: 'unreachable', message: `watch ${path}: ${(error as Error).message}`, cause: error });
}

interface SilenceAlarm {
  /** Aborts when the caller's does, or after the limit without `heard`. */
  readonly signal: AbortSignal;
  heard(): void;
  rang(): boolean;
  release(): void;
}

/** One timer at a time: a line only notes the hour, and the timer looks at it when it goes off. */
function createSilenceAlarm(outer: AbortSignal, limit: number, clock: Clock): SilenceAlarm {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let heardAt = clock.now();
  let rang = false;
  let cancel: () => void;

  const arm = (delay: number) => {
    cancel = clock.after(delay, () => {
      const rest = limit - (clock.now() - heardAt);
      if (rest > 0) {
        arm(rest);
        return;
      }
      rang = true;
      abort();
    });
  };
  arm(limit);
  outer.addEventListener('abort', abort, { once: true });
  if (outer.aborted) abort();

  return {
    signal: controller.signal,
    heard() {
      heardAt = clock.now();
    },
    rang: () => rang,
    release() {
      cancel();
      outer.removeEventListener('abort', abort);
    },
  };
}
