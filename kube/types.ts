import type { Logger } from '../runtime/log.ts';
import type { OwnerReference } from '../shared/snapshot.ts';
import type { Clock } from './clock.ts';
import type { Watcher } from './interruptions.ts';

/** The API server as the programs see it. Plain JSON in and out; nothing is ever deserialised into classes. */

/** A REST resource: where a kind lives. Plurals are written down, never made. */
export interface Resource {
  /** `v1` or `group/version`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly OwnerReference[];
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** Where the API server is and how to be known to it. */
export interface Credentials {
  /** Base URL without a slash at its end. */
  readonly server: string;
  /** The proxy between here and there. */
  readonly proxy?: string;
  /**
   * What the next request presents. `renew` = the API server did not accept the last answer: read it anew. `tls` stays
   * the same object as long as nothing in it changes. Rejects when there is nothing to present.
   */
  access(renew?: boolean): Promise<Access>;
}

export interface Access {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
}

export interface TlsOptions {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, for example `/api/v1/namespaces/shop/services/web`. */
  readonly path: string;
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Milliseconds; default 10 000. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** One pooled connection set to one API server; refreshes its credentials by itself. */
export interface KubeClient {
  /** Resolves with the parsed body of a 2xx answer; rejects with KubeError for every other. */
  request(options: RequestOptions): Promise<unknown>;
  /** A streaming GET for watches: the caller reads lines. Rejects with KubeError for a non-2xx answer. */
  stream(path: string, signal: AbortSignal): Promise<AsyncIterable<string>>;
  /** Milliseconds since the epoch by the API server's clock (its `Date` header, carried forward monotonically). */
  serverTime(): number;
  close(): Promise<void>;
}

export interface InformerOptions<T> {
  readonly client: KubeClient;
  readonly resource: Resource;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Keeps only the needed fields; `undefined` keeps nothing of this object. The result is never mutated. */
  readonly project: (object: KubeObject) => T | undefined;
  /**
   * Called for every change of the projection (deep equality), with what was there before. Must only enqueue keys.
   * An object that was deleted and made again is two changes.
   */
  readonly onChange?: (change: Change<T>) => void;
  /** 404 on list means the kind is not served: counts as synced and empty, looked for again with back-off. */
  readonly optional?: boolean;
  /** For `optional` resources: the kind is served from now on, or no longer. */
  readonly onServed?: (served: boolean) => void;
  /** For `optional` resources that are not served: `false` = it need not be looked for before `retry` is called. */
  readonly isExpected?: () => boolean | undefined;
  readonly log: Logger;
  /** A watch ended otherwise than by its own time limit. */
  readonly onRestart?: () => void;
  /** Is told when the watch is lost and when it is back. */
  readonly watcher?: Watcher;
  readonly clock?: Clock;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

export interface Change<T> {
  readonly namespace: string;
  readonly name: string;
  readonly before: T | undefined;
  readonly after: T | undefined;
}

/** A list-watch with its cache. Restarts by itself for ever, with jittered back-off, until `stop`. */
export interface Informer<T> {
  /** Once; a second call changes nothing. */
  start(): void;
  /** After it has resolved nothing is called back any more. A stopped informer stays stopped. */
  stop(): Promise<void>;
  /** For `optional` resources: the kind may be served by now. */
  retry(): void;
  /** Resolves after the first complete list; never when it is stopped before. */
  readonly synced: Promise<void>;
  isSynced(): boolean;
  /** For `optional` resources: whether the kind is served. */
  isServed(): boolean;
  get(namespace: string, name: string): T | undefined;
  /** Of the object that `get` knows: also when the version moved and the projection did not. */
  version(namespace: string, name: string): ObjectVersion | undefined;
  /** Iterates over the cache in no particular order. */
  values(): IterableIterator<T>;
}

/** Which object, and which state of it. */
export interface ObjectVersion {
  readonly uid: string;
  readonly resourceVersion: string;
}
