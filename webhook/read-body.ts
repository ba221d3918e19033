import { headerOf } from './header.ts';
import type { IncomingMessage } from 'node:http';

/**
 * An object is at most 1.5 MiB in etcd, and the API server takes requests of 3 MiB; a review of an update holds two
 * objects, of which an annotated Deployment fills a few per cent.
 */
export const MAX_BODY = 3 * 1024 * 1024;

/** All bodies together that are being received: 20 of the largest. A flood costs its senders an answer, not us the heap. */
const MAX_RECEIVING = 20 * MAX_BODY;

/**
 *   too-large   more than MAX_BODY
 *   busy        too many bytes of other requests are being received
 *   late        not complete before the sender's own time limit
 *   aborted     the connection is gone; nobody is there to be answered
 */
export type Unread = 'too-large' | 'busy' | 'late' | 'aborted';

/** Receives bodies for one server. */
export interface BodyReader {
  /** Calls back exactly once, whatever the sender does. `limit` is in milliseconds. */
  read(request: IncomingMessage, limit: number, done: (body: Buffer | Unread) => void): void;
}

/** Milliseconds between two looks at who is late. */
const LOOK = 100;

export function createBodyReader(): BodyReader {
  let receiving = 0;
  /** What is being received → when it is late. One timer looks after all: most are complete before it would fire. */
  const deadlines = new Map<(outcome: Unread) => void, number>();
  let watch: NodeJS.Timeout | undefined;

  function look(): void {
    const now = performance.now();
    for (const [settle, deadline] of deadlines) if (deadline <= now) settle('late');
    watch = deadlines.size > 0 ? setTimeout(look, LOOK) : undefined;
  }

  return {
    read(request, limit, done) {
      const chunks: Buffer[] = [];
      let length = 0;
      let settled = false;

      function settle(outcome: Buffer | Unread): void {
        if (settled) return;
        settled = true;
        deadlines.delete(settle);
        receiving -= length;
        chunks.length = 0;
        done(outcome);
      }

      deadlines.set(settle, performance.now() + limit);
      watch ??= setTimeout(look, LOOK);
      // What comes after an early answer is read and dropped: closing at once could cost the sender the answer.
      request.on('data', (chunk: Buffer) => {
        if (settled) return;
        length += chunk.length;
        receiving += chunk.length;
        if (length > MAX_BODY) settle('too-large');
        else if (receiving > MAX_RECEIVING) settle('busy');
        else chunks.push(chunk);
      });
      request.on('end', () => settle(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, length)));
      request.on('close', () => settle('aborted'));
      if (Number(headerOf(request, 'content-length')) > MAX_BODY) settle('too-large');
    },
  };
}
