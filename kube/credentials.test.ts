import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeClock } from '../test/support/fake-clock.ts';
import { loadCredentials } from './credentials.ts';
import { inClusterCredentials, isInCluster } from './in-cluster.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waymark-credentials-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, text: string) => writeFile(join(folder, name), text);

describe('in a Pod', () => {
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };

  it('the service account says who asks, the environment where', async () => {
    await write('token', 'secret\n');
    await write('ca.crt', 'CA');
    const credentials = inClusterCredentials({ env, folder });

    expect(isInCluster(env, folder)).toBe(true);
    expect(credentials.server).toBe('https://[fd00::1]:6443');
    expect(await credentials.access()).toEqual({ headers: { authorization: 'Bearer secret' }, tls: { ca: 'CA' } });
  });

  it('the token is read anew after a minute, or when it was not accepted; the TLS part stays while the CA does', async () => {
    const clock = createFakeClock();
    await write('token', 'one');
    await write('ca.crt', 'CA');
    const credentials = inClusterCredentials({ env, folder, clock });
    const tokens = async (renew?: boolean) => (await credentials.access(renew)).headers['authorization'];
    const { tls } = await credentials.access();
    await write('token', 'two');

    expect(await tokens()).toBe('Bearer one');
    expect(await tokens(true)).toBe('Bearer two');
    await write('token', 'three');
    clock.advance(60_000);
    expect(await tokens()).toBe('Bearer three');
    expect((await credentials.access()).tls).toBe(tls);
    await write('ca.crt', 'CA 2');
    expect((await credentials.access(true)).tls).toEqual({ ca: 'CA 2' });
  });

  it('files that cannot be read are an error first, and later leave what was read last (D10)', async () => {
    const credentials = inClusterCredentials({ env, folder });
    await expect(credentials.access()).rejects.toMatchObject({ code: 'credentials', retryable: true });

    await write('token', 'one');
    await write('ca.crt', 'CA');
    await credentials.access();
    await rm(join(folder, 'token'));
    expect((await credentials.access(true)).headers).toEqual({ authorization: 'Bearer one' });
  });
});

describe('by kubeconfig', () => {
  const kubeconfig = (user: object, cluster: object = {}) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'main',
      clusters: [{ name: 'c', cluster: { server: 'https://api.example.com:6443/base/', ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [
        { name: 'main', context: { cluster: 'c', user: 'u' } },
        { name: 'lost', context: { cluster: 'none', user: 'u' } },
      ],
    });
  const load = async (text: string, context?: string) => {
    await write('config', text);
    return loadCredentials({ kubeconfig: join(folder, 'config'), context });
  };

  const users: Record<string, { user: object; headers: Record<string, string> }> = {
    'a token': { user: { token: 't' }, headers: { Authorization: 'Bearer t' } },
    'name and password': {
      user: { username: 'n', password: 'p' },
      headers: { authorization: `Basic ${Buffer.from('n:p').toString('base64')}` },
    },
    'an exec plugin': {
      user: {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'echo',
          args: ['{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"e"}}'],
          interactiveMode: 'Never',
        },
      },
      headers: { Authorization: 'Bearer e' },
    },
  };
  it.each(Object.entries(users))('%s says who asks', async (_, { user, headers }) => {
    const credentials = await load(kubeconfig(user));

    expect(credentials.server).toBe('https://api.example.com:6443/base');
    expect((await credentials.access()).headers).toMatchObject(headers);
  });

  it('authority, certificate, server name and proxy are taken over', async () => {
    const encode = (text: string) => Buffer.from(text).toString('base64');
    const credentials = await load(
      kubeconfig(
        { 'client-certificate-data': encode('CERT'), 'client-key-data': encode('KEY') },
        {
          'certificate-authority-data': encode('CA'),
          'tls-server-name': 'kubernetes',
          'proxy-url': 'http://proxy.example.com:3128',
        },
      ),
    );
    const { tls } = await credentials.access();

    expect({ ...tls, ca: String(tls.ca), cert: String(tls.cert), key: String(tls.key) }).toEqual({
      ca: 'CA',
      cert: 'CERT',
      key: 'KEY',
      servername: 'kubernetes',
    });
    expect(credentials.proxy).toBe('http://proxy.example.com:3128');
    expect((await credentials.access(true)).tls).toBe(tls);
  });

  const mistakes: Record<string, { text?: string; context?: string; message: RegExp }> = {
    'a file that is not there': { message: /cannot be read/ },
    'a file that is no YAML': { text: '{', message: /cannot be read/ },
    'a context that is not there': { text: kubeconfig({}), context: 'other', message: /has no context 'other'/ },
    'a context without a cluster': { text: kubeconfig({}), context: 'lost', message: /names no known cluster/ },
    'a proxy of another kind': {
      text: kubeconfig({}, { 'proxy-url': 'socks5://x' }),
      message: /only http and https proxies/,
    },
  };
  it.each(Object.entries(mistakes))('%s is said in one line', async (_, { text, context, message }) => {
    const loading = text === undefined ? loadCredentials({ kubeconfig: join(folder, 'nowhere') }) : load(text, context);

    const error: unknown = await loading.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'credentials' });
    expect((error as Error).message).toMatch(message);
  });
});
