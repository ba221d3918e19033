import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { once } from 'node:events';
import { parseAllDocuments } from 'yaml';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { contents, stored } from '../cluster/assets/store.ts';
import { runOrThrow } from '../cluster/command.ts';
import { start } from './servers.ts';
import type { Progress } from '../cluster/assets/store.ts';
import type { ServerProcess, Site } from './servers.ts';

/** Package, lockfile and source of a module of Pepr that injects what Waymark injects. */
const MODULE = join(import.meta.dirname, 'pepr');

/** Pepr listens here, and nowhere else. */
const PORT = 3000;
const API_PATH = 'bench';

/** What `pepr build` makes of the module, with all that it needs beside it. Needs the network once. */
export function buildPepr(progress: Progress): Promise<string> {
  const files = readdirSync(MODULE).sort();
  return stored(
    {
      name: 'pepr',
      waitsFor: 'installing Pepr and building its module (a minute)',
      key: contents(...files.map(file => join(MODULE, file))),
      async make(folder) {
        for (const file of files) cpSync(join(MODULE, file), join(folder, file));
        await runOrThrow('npm', ['ci', '--ignore-scripts'], { cwd: folder });
        await runOrThrow('npx', ['--no-install', 'pepr', 'build'], { cwd: folder });
      },
    },
    progress,
  );
}

/**
 * The module as Pepr's image runs it: in the environment of the Deployment that `pepr build` writes, with the
 * certificate that it makes. Its image starts another process first, which only unpacks the module, and is not counted.
 */
export async function startPepr({ folder }: Site, build: string): Promise<ServerProcess> {
  const { cert, key } = certificateIn(readFileSync(join(build, 'dist/pepr-module-peer.yaml'), 'utf8'));
  const site = join(folder, 'pepr');
  mkdirSync(site, { recursive: true });
  const api = await startApiServer();
  const file = (name: string, text: string) => {
    writeFileSync(join(site, name), text);
    return join(site, name);
  };
  const env = {
    KUBECONFIG: file('kubeconfig', kubeconfig((api.address() as AddressInfo).port)),
    SSL_CERT_PATH: file('tls.crt', cert),
    SSL_KEY_PATH: file('tls.key', key),
    PEPR_API_PATH: API_PATH,
    PEPR_WATCH_MODE: 'false',
    PEPR_PRETTY_LOG: 'false',
    LOG_LEVEL: 'info',
  };
  const started = await start({
    args: [join(build, 'dist/pepr-peer.cjs')],
    env,
    logFile: join(folder, 'logs', 'pepr'),
    port: PORT,
    isUp: isHealthy,
    // It names neither its subject nor its issuer: OpenSSL takes it for one that signs itself.
    ca: undefined,
  });
  return {
    ...started,
    path: hook => `/${hook}/${API_PATH}`,
    async stop() {
      await started.stop();
      api.closeAllConnections();
      api.close();
    },
  };
}

function isHealthy(): Promise<boolean> {
  return new Promise(resolve => {
    const options = { host: '127.0.0.1', port: PORT, path: '/healthz', rejectUnauthorized: false, agent: false };
    get(options, answer => resolve(answer.resume().statusCode === 200)).on('error', () => resolve(false));
  });
}

interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

function certificateIn(manifests: string): KeyPair {
  const objects = parseAllDocuments(manifests).map(document => document.toJS() as { data?: Record<string, string> });
  const secret = objects.find(({ data }) => data?.['tls.crt'] !== undefined)?.data ?? {};
  const decoded = (text = '') => Buffer.from(text, 'base64').toString();
  return { cert: decoded(secret['tls.crt']), key: decoded(secret['tls.key']) };
}

function kubeconfig(port: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    // Its client refuses plain HTTP otherwise.
    clusters: [{ name: 'bench', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'bench', user: { token: 'none' } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    'current-context': 'bench',
  });
}

/** As much of an API server as Pepr needs to start: its store is there, and never changes. */
async function startApiServer(): Promise<Server> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    request.resume();
    response.setHeader('Content-Type', 'application/json');
    if (url.searchParams.has('watch')) response.flushHeaders();
    else response.end(JSON.stringify(answerTo(url)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function answerTo({ pathname, searchParams }: URL): unknown {
  const last = pathname.split('/').at(-1) ?? '';
  const store = (name: string) => ({
    apiVersion: 'pepr.dev/v1',
    kind: 'PeprStore',
    metadata: { name, namespace: 'pepr-system', uid: name, resourceVersion: '1' },
    data: {},
  });
  if (last !== 'peprstores') return store(last);
  const name = searchParams.get('fieldSelector')?.split('=').at(-1) ?? '';
  return { apiVersion: 'pepr.dev/v1', kind: 'PeprStoreList', metadata: { resourceVersion: '1' }, items: [store(name)] };
}
