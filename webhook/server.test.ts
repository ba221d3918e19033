import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createAuthority } from '../test/support/certificates.ts';
import { everything, httpsClient } from '../test/support/https-client.ts';
import { memoryLog } from '../test/support/log.ts';
import { MAX_BODY } from './read-body.ts';
import { startServer } from './server.ts';
import type { HttpsClient } from '../test/support/https-client.ts';
import type { WebhookServer } from './server.ts';

const authority = createAuthority();
const localhost = authority.issue({ names: ['localhost'] });

const { log } = memoryLog();
let server: WebhookServer;
let client: HttpsClient;

/** Says what arrived: enough to see that the right bytes reached the right hook. */
async function start(timeouts = {}): Promise<void> {
  server = await startServer({
    port: 0,
    host: '127.0.0.1',
    answer: (hook, body) => ({
      status: 200,
      type: 'application/json',
      body: JSON.stringify({ hook, bytes: body.length, text: body.subarray(0, 20).toString() }),
    }),
    log,
    timeouts,
  });
  server.use(localhost);
  client = httpsClient(server.port, authority.cert);
}

beforeEach(() => start());
afterEach(async () => {
  client.close();
  await server.drain({ linger: 0, deadline: 0 });
});

describe('what is answered', () => {
  it.each([
    ['a mutation reaches its hook', '/mutate?timeout=5s', 'mutate'],
    ['a validation reaches its hook', '/validate?timeout=5s', 'validate'],
    ['without a query as well', '/validate', 'validate'],
  ])('%s', async (_, path, hook) => {
    const answer = await client.send({ path, body: '{"é":1}' });

    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.body)).toEqual({ hook, bytes: 8, text: '{"é":1}' });
  });

  const refusals: Record<
    string,
    { path?: string; method?: string; type?: string; body?: Buffer; status: number; says: string }
  > = {
    'W19: an unknown path': { path: '/', status: 404, says: 'not found: try POST /mutate or /validate\n' },
    'W19: a path with a slash too many': {
      path: '/mutate/',
      status: 404,
      says: 'not found: try POST /mutate or /validate\n',
    },
    'W19: a path that cannot be decoded': {
      path: '/mutate%zz',
      status: 404,
      says: 'not found: try POST /mutate or /validate\n',
    },
    'W19: another method': { method: 'GET', status: 405, says: 'must be POST\n' },
    'W19: a method that Express would answer itself': { method: 'OPTIONS', status: 405, says: 'must be POST\n' },
    'W19: another content type': {
      type: 'text/plain',
      status: 400,
      says: "the content type must be 'application/json', but is 'text/plain'\n",
    },
    'W19: no content type': { type: '', status: 400, says: "the content type must be 'application/json', but is ''\n" },
    'W19: 3 MiB and one byte': {
      body: Buffer.alloc(MAX_BODY + 1, 0x20),
      status: 413,
      says: 'the body must be at most 3 MiB\n',
    },
    'W19: 7 MiB': { body: Buffer.alloc(7 * 1024 * 1024, 0x20), status: 413, says: 'the body must be at most 3 MiB\n' },
  };

  it.each(Object.entries(refusals))('%s is refused in plain text', async (_, row) => {
    const { path = '/mutate', method = 'POST', type = 'application/json', body, status, says } = row;

    const answer = await client.send({
      path,
      method,
      headers: type === '' ? {} : { 'content-type': type },
      ...(body && { body }),
    });

    expect({ status: answer.status, body: answer.body }).toEqual({ status, body: says });
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.headers).not.toHaveProperty('location');
    expect(answer.headers).not.toHaveProperty('x-powered-by');
  });

  it('a body of exactly 3 MiB is taken', async () => {
    const answer = await client.send({ path: '/mutate', body: Buffer.alloc(MAX_BODY, 0x20) });

    expect(JSON.parse(answer.body)).toMatchObject({ bytes: MAX_BODY });
  });

  it('a connection serves on after a refusal', async () => {
    await client.send({ path: '/mutate', body: Buffer.alloc(MAX_BODY + 1, 0x20) });
    const answer = await client.send({ path: '/mutate', body: '{}' });

    expect(answer).toMatchObject({ status: 200, reused: true });
  });

  it('a length that is a lie is refused before the bytes come', async () => {
    const socket = await client.open();
    const said = everything(socket);

    socket.write(
      'POST /mutate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n{',
    );
    await new Promise(resolve => socket.once('data', resolve));
    socket.destroy();

    expect(await said).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('W25: idle connections are kept for longer than the 90 s for which an API server keeps them', async () => {
    const { headers } = await client.send({ path: '/mutate', body: '{}' });

    expect(headers['keep-alive']).toBe('timeout=120');
  });

  it('W25: a call after a silence reuses the connection, however short the limit of a request is', async () => {
    await server.drain({ linger: 0, deadline: 0 });
    await start({ head: 50, request: 60 });

    const before = await client.send({ path: '/mutate', body: '{}' });
    await new Promise(resolve => setTimeout(resolve, 1500));
    const after = await client.send({ path: '/mutate', body: '{}' });

    expect([before.reused, after.reused]).toEqual([false, true]);
    expect(after.status).toBe(200);
  });
});

describe('senders that do not finish', () => {
  const HEAD = 'Host: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n';

  it('W20: a connection cut in the middle of a body leaves the server as it was', async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => client.open()));
    for (const socket of sockets) socket.write(`POST /mutate HTTP/1.1\r\n${HEAD}{"half":`);
    await until(() => server.inFlight() === 20);
    for (const socket of sockets) socket.destroy();
    await until(() => server.inFlight() === 0);

    expect(await client.send({ path: '/mutate', body: '{}' })).toMatchObject({ status: 200 });
  });

  it('W7: a body that is not there within the caller’s own time limit is given up', async () => {
    const socket = await client.open();
    const said = everything(socket);

    const begin = performance.now();
    socket.write(`POST /mutate?timeout=1s HTTP/1.1\r\n${HEAD}{"half":`);
    const answer = await said;

    expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*the body did not come in time\n$/);
    expect(performance.now() - begin).toBeLessThan(1900);
  });

  it('a head that comes byte by byte is cut off', async () => {
    await server.drain({ linger: 0, deadline: 0 });
    await start({ head: 100, request: 200 });
    const socket = await client.open();
    const said = everything(socket);

    const drip = setInterval(() => socket.write('x'), 20);
    socket.write('POST /mutate HTTP/1.1\r\nX-Slow: ');
    const answer = await said;
    clearInterval(drip);

    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('a hundred slow senders keep nobody else waiting', async () => {
    const slow = await Promise.all(Array.from({ length: 100 }, () => client.open()));
    for (const socket of slow) socket.write(`POST /mutate HTTP/1.1\r\n${HEAD}{`);
    await until(() => server.inFlight() === 100);

    const begin = performance.now();
    const answer = await client.send({ path: '/mutate', body: '{}' });

    expect(answer.status).toBe(200);
    expect(performance.now() - begin).toBeLessThan(1000);
    for (const socket of slow) socket.destroy();
  });

  it('bytes that are no HTTP are answered in one line without a page', async () => {
    const socket = await client.open();
    const said = everything(socket);

    socket.write('\x16\x03\x01 nonsense\r\n\r\n');

    expect(await said).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n\r\n$/);
  });
});

describe('the end of a server', () => {
  it('W24: answers what is in flight, and asks its client to close', async () => {
    const socket = await client.open();
    const said = everything(socket);
    socket.write('POST /mutate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{');
    await until(() => server.inFlight() === 1);

    const drained = server.drain({ linger: 0, deadline: 5000 });
    socket.write('}');
    const answer = await said;
    await drained;

    expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*Connection: close/i);
  });

  it('W24: does not wait for connections that never sent anything', async () => {
    const silent = await client.open();
    const ended = everything(silent);

    await server.drain({ linger: 0, deadline: 50 });

    expect(await ended).toBe('');
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 5));
}
