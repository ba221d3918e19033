import type { IncomingMessage } from 'node:http';

/**
 * The first header of a name, which is given in lower case. Node would make an object of all of them, which costs 2 µs a
 * request.
 */
export function headerOf({ rawHeaders }: IncomingMessage, name: string): string | undefined {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.length === name.length && rawHeaders[i]?.toLowerCase() === name) return rawHeaders[i + 1];
  }
  return undefined;
}
