import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../cluster/types.ts';

/**
 * Upgrades a connection through the gateway as a browser would for a websocket, is silent for a while (milliseconds), says
 * something and resolves with what comes back. Rejects when the connection is not upgraded or ends.
 */
export async function saidOverWebsocket({ gateway }: Cluster, url: URL, silence: number): Promise<string> {
  const socket = await upgraded(gateway, url);
  try {
    await delay(silence);
    return await answerTo(socket, 'hello');
  } finally {
    socket.destroy();
  }
}

function upgraded({ address, port }: Cluster['gateway'], { host, pathname }: URL): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const headers = {
      host,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'c2hvd24gdG8gbm9ib2R5IQ==',
    };
    const sent = request({ host: address, port, path: pathname, headers, agent: false });
    sent.on('error', reject);
    sent.on('response', ({ statusCode }) => reject(new Error(`answered with ${statusCode ?? 0} instead of upgraded`)));
    sent.on('upgrade', (_, socket) => resolve(socket));
    sent.end();
  });
}

function answerTo(socket: Duplex, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('data', (data: Buffer) => resolve(data.toString()));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed')));
    socket.write(text);
  });
}
