import type { Server } from 'node:net';

/** Why a program cannot start, in one line for whoever started it: a port in use, a file that is not there. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}

/** Rejects with CannotStart when the port cannot be had. `server` is any of Node's. */
export async function listen(server: Listener, port: number, host: string | undefined): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: Error) => {
      reject(new CannotStart(`cannot listen on port ${port}: ${error.message}`, { cause: error }));
    });
    server.listen({ port, host }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address and a port');
  return address.port;
}

type Listener = Pick<Server, 'once' | 'listen' | 'address'>;
