import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAuthority } from '../test/support/certificates.ts';
import { everything, httpsClient } from '../test/support/https-client.ts';
import { createLoggedAdmission } from '../test/support/logged-admission.ts';
import { reviewOf, deployment } from '../test/support/reviews.ts';
import { startServer } from './server.ts';
import type { HttpsClient } from '../test/support/https-client.ts';
import type { WebhookServer } from './server.ts';

let server: WebhookServer;
let client: HttpsClient;
const lines: string[] = [];

beforeAll(async () => {
  const authority = createAuthority();
  const { answer, log } = createLoggedAdmission(lines);
  server = await startServer({ port: 0, host: '127.0.0.1', answer, log });
  server.use(authority.issue({ names: ['localhost'] }));
  client = httpsClient(server.port, authority.cert);
});
afterAll(async () => {
  client.close();
  await server.drain({ linger: 0, deadline: 0 });
});

const body = JSON.stringify(reviewOf(deployment()));

async function answerTo(head: string): Promise<string> {
  const socket = await client.open();
  const said = everything(socket);
  socket.write(`${head}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  return said;
}

describe('S-20: no request is sent elsewhere', () => {
  it.each([
    '/mutate/',
    '//mutate',
    '//example.com/mutate',
    '/mutate/..',
    '/../mutate',
    '/%2e%2e/mutate',
    '/mutate%2f',
    '/mutate;x',
    '/MUTATE',
    'http://example.com/mutate',
    '/\\example.com',
    '/mutate%0d%0aLocation:%20http://example.com',
    '*',
  ])('POST %s', async path => {
    const answer = await answerTo(`POST ${path} HTTP/1.1\r\nHost: example.com\r\nContent-Type: application/json`);

    const [head = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 (?:200|400|404|405) /);
    expect(head).not.toMatch(/^(?:location|refresh|content-location):/im);
    expect(answer).not.toMatch(/<html|<pre|\n\s+at /i);
  });
});

describe('S-22: what a stranger may put into the head', () => {
  it.each([
    ['a content type that reorders', 'Content-Type: text/\u202eplain'],
    ['a content type of 8 KiB', `Content-Type: ${'x'.repeat(8192)}`],
    ['a path of 8 KiB', 'Content-Type: application/json', `/${'p'.repeat(8192)}`],
  ])('%s stays out of the log and is answered in one line', async (_, header, path = '/mutate') => {
    lines.length = 0;

    const answer = await answerTo(`POST ${path} HTTP/1.1\r\nHost: a\r\n${header}`);

    expect(answer).toMatch(/^HTTP\/1\.1 40[04] [^]*\r\n\r\n[ -~]{1,200}\n$/);
    expect(lines.join('')).not.toMatch(/x{100}|p{100}|\u202e/);
  });
});

describe('W20: a client that hangs up', () => {
  it('in the middle of a head or a body is forgotten at once, and the next one is served', async () => {
    const whole = `POST /mutate?timeout=30s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    for (let length = 1; length < whole.length; length += 37) {
      const socket = await client.open();
      const ended = everything(socket);
      socket.write(whole.slice(0, length), () => socket.destroy());
      await ended;
    }

    const answer = await client.send({ path: '/mutate', body });

    expect(answer.status).toBe(200);
    await nothingInFlight(performance.now() + 5_000);
  });
});

/** Far below the time limit that the clients gave. */
async function nothingInFlight(deadline: number): Promise<void> {
  while (server.inFlight() > 0) {
    expect(performance.now()).toBeLessThan(deadline);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
