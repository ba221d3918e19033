import { BROKEN, NOT_A_PATH, NOT_FOUND, NOT_POST } from './refusals.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../runtime/log.ts';
import type { Refusal } from './refusals.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What is used of express's router, with Node's own types. */
interface Router {
  (request: IncomingMessage, response: ServerResponse, done: (error?: unknown) => void): void;
  all(path: string, handler: Handler): void;
}

/**
 * Answers whatever no API server sends: other paths, other methods. Express is loaded for the first such request, and in
 * most processes never: it is 12 MB, and its router 8 µs a request.
 */
export function strayRequests(refuse: (response: ServerResponse, refusal: Refusal) => void, log: Logger): Handler {
  let loading: Promise<Router> | undefined;

  async function load(): Promise<Router> {
    const { default: express } = await import('express');
    // The router alone: an application would dress every request and response with methods that nobody calls here.
    const router = express.Router({ caseSensitive: true, strict: true }) as unknown as Router;
    for (const path of ['/mutate', '/validate']) router.all(path, (_, response) => refuse(response, NOT_POST));
    return router;
  }

  return (request, response) => {
    request.resume();
    const done = (error?: unknown) => {
      if (error === undefined || error === null) refuse(response, NOT_FOUND);
      else if ((error as { status?: unknown }).status === 400) refuse(response, NOT_A_PATH);
      else {
        log.error({ err: error }, 'request not answered');
        if (response.headersSent) response.destroy();
        else refuse(response, BROKEN);
      }
    };
    loading ??= load();
    loading.then(router => router(request, response, done)).catch(done);
  };
}
