import type { ServerResponse } from 'node:http';
import { sendStatus } from './requests.ts';
import { matches, parseTarget } from './target.ts';
import type { Store, WatchEvent } from './store.ts';

/** One watch that a client has open, in the hands of a test. */
export interface OpenWatch {
  /** Path and query. */
  readonly url: string;
  /** Ends it as the server does when its time is up. */
  close(): void;
  /** Cuts the connection. */
  reset(): void;
  /** From now on no event leaves: the stream is dead and does not say so. */
  mute(): void;
  bookmark(): void;
  /** Sends a line as it is. */
  send(line: string): void;
}

export interface WatchRequest {
  readonly store: Store;
  readonly url: string;
  readonly response: ServerResponse;
  readonly watches: Set<OpenWatch>;
}

export function openWatch({ store, url, response, watches }: WatchRequest): void {
  const target = parseTarget(url);
  const collection = store.at(target.collection);
  if (collection === undefined) {
    sendStatus(response, 404, 'NotFound', 'the server could not find the requested resource');
    return;
  }
  const past = collection.eventsSince(Number(target.query.get('resourceVersion')));
  if (past === undefined) {
    sendStatus(response, 410, 'Expired', 'too old resource version');
    return;
  }

  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  let muted = false;
  const write = (text: string) => {
    if (!response.writableEnded) response.write(text);
  };
  const line = (type: string, object: unknown) => {
    if (!muted) write(`${JSON.stringify({ type, object })}\n`);
  };
  const pass = ({ type, object }: WatchEvent) => {
    if (matches(target, object)) line(type, object);
  };
  for (const event of past) pass(event);
  const forget = collection.onEvent(pass);

  const watch: OpenWatch = {
    url,
    close: () => response.end(),
    reset: () => response.socket?.destroy(),
    mute: () => (muted = true),
    bookmark: () => {
      const { kind, apiVersion } = collection.resource;
      line('BOOKMARK', { kind, apiVersion, metadata: { resourceVersion: String(store.version()) } });
    },
    send: write,
  };
  watches.add(watch);
  response.on('close', () => {
    watches.delete(watch);
    forget();
  });
}
