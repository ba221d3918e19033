import type { Api } from './api.ts';
import { keyOf } from './objects.ts';
import { pause } from './timing.ts';

interface Watched {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly resourceVersion: string };
}

/** What one kind holds now, kept up to date by list and watch. */
export interface Store<T> {
  /** Resolves after the first list. */
  readonly synced: Promise<void>;
  get(namespace: string, name: string): T | undefined;
  /** Resolves when the watch has ended; no change is reported after the call. */
  stop(): Promise<void>;
}

export interface StoreOptions<T> {
  readonly api: Api;
  /** Collection, for example `/api/v1/pods`. */
  readonly path: string;
  /** `after` is absent when the object went; `before` is the last known one. */
  readonly onChange: (change: { readonly before?: T; readonly after?: T }) => void;
}

interface List<T> {
  readonly metadata: { readonly resourceVersion: string };
  readonly items?: readonly T[];
}

interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

const FIRST_RETRY = 50;
const LONGEST_RETRY = 1_000;

export function watchObjects<T extends Watched>({ api, path, onChange }: StoreOptions<T>): Store<T> {
  const objects = new Map<string, T>();
  const ending = new AbortController();
  const { signal } = ending;
  const synced = Promise.withResolvers<undefined>();

  function report(key: string, after: T | undefined): void {
    const before = objects.get(key);
    if (before === undefined && after === undefined) return;
    if (before !== undefined && before.metadata.resourceVersion === after?.metadata.resourceVersion) return;
    if (after === undefined) objects.delete(key);
    else objects.set(key, after);
    if (!signal.aborted) onChange({ ...(before && { before }), ...(after && { after }) });
  }

  async function list(): Promise<string> {
    const { status, body } = await api.request('GET', path);
    if (status !== 200) throw new Error(`GET ${path}: ${status}`);
    const { metadata, items = [] } = body as List<T>;
    const listed = new Map(items.map(item => [keyOf(item.metadata), item]));
    for (const key of [...objects.keys()]) if (!listed.has(key)) report(key, undefined);
    for (const [key, item] of listed) report(key, item);
    synced.resolve(undefined);
    return metadata.resourceVersion;
  }

  /** Returns the version to go on from; `undefined` = list again. */
  async function follow(from: string): Promise<string | undefined> {
    const query = `watch=1&allowWatchBookmarks=1&timeoutSeconds=300&resourceVersion=${from}`;
    let version = from;
    for await (const line of api.lines(`${path}?${query}`, signal)) {
      if (line === '') continue;
      const { type, object } = JSON.parse(line) as WatchEvent<T>;
      if (type === 'ERROR') return undefined;
      version = object.metadata.resourceVersion;
      if (type !== 'BOOKMARK') report(keyOf(object.metadata), type === 'DELETED' ? undefined : object);
    }
    return version;
  }

  async function run(): Promise<void> {
    let version: string | undefined;
    let retry = FIRST_RETRY;
    while (!signal.aborted) {
      try {
        version = version === undefined ? await list() : await follow(version);
        retry = FIRST_RETRY;
      } catch {
        // The API server is away, or the version is too old to watch from: a list answers both.
        version = undefined;
        await pause(retry, signal);
        retry = Math.min(retry * 2, LONGEST_RETRY);
      }
    }
  }

  const running = run();
  return {
    synced: synced.promise,
    get: (namespace, name) => objects.get(keyOf({ namespace, name })),
    async stop() {
      ending.abort();
      await running;
    },
  };
}
