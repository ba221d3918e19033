import { writeFileSync } from 'node:fs';
import type { ApiServer } from './api-server/server.ts';

/** Writes how to reach a server of `startApiServer`, as a user would have it in a file. */
export async function writeKubeconfig(server: ApiServer, path: string): Promise<void> {
  const { ca } = (await server.credentials.access()).tls;
  const cluster = {
    server: server.credentials.server,
    'tls-server-name': 'kubernetes',
    'certificate-authority-data': Buffer.from(String(ca)).toString('base64'),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user: { token: 'test' } }],
  };
  writeFileSync(path, JSON.stringify(config));
}
