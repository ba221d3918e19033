import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOrThrow } from '../cluster/command.ts';
import { isInSandbox } from '../cluster/isolation.ts';
import { createAuthority } from '../support/certificates.ts';

/** What a server outside the cluster saw of a request. */
export interface SeenOutside {
  readonly server: 'plain' | 'encrypted' | 'http2';
  readonly host: string;
  readonly path: string;
  /** Of a TLS connection: the name that the client asked for. */
  readonly sni?: string;
  readonly version: string;
}

/** Servers that no Service of the cluster knows, each at a port of the loopback. */
export interface Outside {
  readonly ports: Readonly<Record<SeenOutside['server'], number>>;
  stop(): Promise<void>;
}

interface Asked {
  readonly url?: string | undefined;
  readonly httpVersion: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly socket: object;
}

interface Answering {
  end(text: string): unknown;
}

/** Under `names`. The certificate of the encrypted one is made by nobody whom any system trusts. */
export async function startOutside(names: readonly string[]): Promise<Outside> {
  await giveNames(names);
  const certificate = createAuthority().issue({ names: ['nobody.example.com'] });
  const servers = {
    plain: createServer(answering('plain')),
    encrypted: createTlsServer(certificate, answering('encrypted')),
    http2: createHttp2Server(answering('http2')),
  };
  const all: readonly Server[] = Object.values(servers);
  for (const server of all) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  const portOf = (server: Server) => (server.address() as AddressInfo).port;
  return {
    ports: {
      plain: portOf(servers.plain),
      encrypted: portOf(servers.encrypted),
      http2: portOf(servers.http2),
    },
    async stop() {
      servers.plain.closeAllConnections();
      servers.encrypted.closeAllConnections();
      // Its connections are the gateway's, which ends after this.
      for (const server of all) server.close();
      await Promise.resolve();
    },
  };
}

/** For everything in this sandbox that asks a resolver from now on. */
async function giveNames(names: readonly string[]): Promise<void> {
  if (!isInSandbox()) throw new Error('names are given only inside a sandbox');
  const file = join(await mkdtemp(join(tmpdir(), 'hosts-')), 'hosts');
  await writeFile(file, `${await readFile('/etc/hosts', 'utf8')}\n127.0.0.1 ${names.join(' ')}\n`);
  await runOrThrow('mount', ['--bind', file, '/etc/hosts']);
}

function answering(server: SeenOutside['server']) {
  return ({ url = '', headers, httpVersion, socket }: Asked, response: Answering): void => {
    const { servername } = socket as { readonly servername?: string | false };
    const seen: SeenOutside = {
      server,
      host: String(headers['host'] ?? headers[':authority'] ?? ''),
      path: url,
      version: httpVersion,
      ...(typeof servername === 'string' && { sni: servername }),
    };
    response.end(JSON.stringify(seen));
  };
}
