import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startApiServer } from '../test/support/api-server/server.ts';
import type { ApiServer } from '../test/support/api-server/server.ts';
import { createFakeClock } from '../test/support/fake-clock.ts';
import { until } from '../test/support/until.ts';
import { createClient } from './client.ts';
import { KubeError } from './kube-error.ts';
import { readLines } from './lines.ts';
import { RESOURCES } from './resources.ts';
import { createServerTime } from './server-time.ts';
import type { Access, Credentials, KubeClient } from './types.ts';

const SERVICES = '/api/v1/services';

let server: ApiServer;
let client: KubeClient;

beforeEach(async () => {
  server = await startApiServer([RESOURCES.services]);
  client = createClient(server.credentials, { userAgent: 'waymark/1.2.3' });
});

afterEach(async () => {
  await client.close();
  await server.close();
});

async function failure(promise: Promise<unknown>): Promise<KubeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KubeError);
  return error as KubeError;
}

describe('connections (D1)', () => {
  // A connection counts as free a moment after its answer was read: a call in a row may take a second one.
  it('serves 200 calls in a row on two connections', async () => {
    for (let call = 0; call < 200; call++) await client.request({ path: SERVICES });

    expect(server.handshakes()).toBeLessThanOrEqual(2);
    expect(server.openSockets()).toBeLessThanOrEqual(2);
  });

  it('serves 200 calls of 8 workers on two connections each at most', async () => {
    const worker = async () => {
      for (let call = 0; call < 25; call++) await client.request({ path: SERVICES });
    };

    await Promise.all(Array.from({ length: 8 }, worker));

    expect(server.requests).toHaveLength(200);
    expect(server.handshakes()).toBeLessThanOrEqual(16);
  });

  it('keeps its connections when headers change and makes new ones when certificates do', async () => {
    const { tls } = await server.credentials.access();
    let access: Access = { headers: { authorization: 'Bearer one' }, tls };
    const changing = createClient({ ...server.credentials, access: () => Promise.resolve(access) });

    await changing.request({ path: SERVICES });
    access = { headers: { authorization: 'Bearer two' }, tls };
    await changing.request({ path: SERVICES });
    const withNewToken = server.handshakes();
    access = { ...access, tls: { ...tls } };
    await changing.request({ path: SERVICES });
    await changing.close();

    expect(server.requests.map(request => request.authorization)).toEqual(['Bearer one', 'Bearer two', 'Bearer two']);
    expect(withNewToken).toBeLessThanOrEqual(2);
    expect(server.handshakes()).toBe(withNewToken + 1);
  });
});

describe('requests', () => {
  it('say who asks (D24), also those of watches', async () => {
    const watch = new AbortController();

    await client.request({ path: SERVICES });
    await client.stream(`${SERVICES}?watch=true&resourceVersion=100`, watch.signal);
    watch.abort();

    expect(server.requests.map(request => request.userAgent)).toEqual(['waymark/1.2.3', 'waymark/1.2.3']);
  });

  it('end after their time limit (D22)', async () => {
    server.fault = () => 'hang';

    const error = await failure(client.request({ path: SERVICES, timeout: 50 }));

    expect(error).toMatchObject({ code: 'timeout', status: 0, retryable: true });
  });

  it('end when the caller takes them back', async () => {
    server.fault = () => 'hang';
    const caller = new AbortController();

    const pending = failure(client.request({ path: SERVICES, signal: caller.signal }));
    await until('the request has arrived', () => server.requests.length === 1);
    caller.abort();

    expect(await pending).toMatchObject({ code: 'aborted', retryable: false });
  });

  it('send and return fields that this code does not know (D17, D23)', async () => {
    const path = '/api/v1/namespaces/shop/services/web';
    const body = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { future: 1 },
    };
    const query = '?fieldManager=waymark';

    await client.request({ method: 'PATCH', path: path + query, body, contentType: 'application/apply-patch+yaml' });

    expect(await client.request({ path })).toMatchObject({ spec: { future: 1 } });
  });

  it('are sent once more with credentials read anew when the token ran out', async () => {
    const renewals: boolean[] = [];
    const credentials: Credentials = {
      ...server.credentials,
      async access(renew = false) {
        renewals.push(renew);
        return {
          ...(await server.credentials.access()),
          headers: { authorization: renew ? 'Bearer new' : 'Bearer old' },
        };
      },
    };
    const renewing = createClient(credentials);
    server.fault = request => (request.authorization === 'Bearer new' ? undefined : { status: 401 });

    await renewing.request({ path: SERVICES });
    await renewing.close();

    expect(renewals).toEqual([false, true]);
  });

  it('fail with an error, and work again, when credentials cannot be read for a while (D10)', async () => {
    let readable = false;
    const refusal = new KubeError({ code: 'credentials', message: 'no token' });
    const flaky = createClient({
      ...server.credentials,
      access: () => (readable ? server.credentials.access() : Promise.reject(refusal)),
    });

    expect(await failure(flaky.request({ path: SERVICES }))).toMatchObject({ code: 'credentials', retryable: true });
    readable = true;
    expect(await flaky.request({ path: SERVICES })).toMatchObject({ kind: 'ServiceList' });
    await flaky.close();
  });
});

const answers: Record<string, { fault: Parameters<typeof faulty>[0]; error: Partial<KubeError> }> = {
  'a Status object gives reason and message': {
    fault: { status: 409, body: { kind: 'Status', reason: 'Conflict', message: 'modified' } },
    error: { status: 409, reason: 'Conflict', retryable: true },
  },
  'a Retry-After header is milliseconds to wait (C14)': {
    fault: { status: 429, headers: { 'retry-after': '3' } },
    error: { status: 429, retryAfter: 3000, retryable: true },
  },
  'the details of a Status count before the header': {
    fault: { status: 503, headers: { 'retry-after': '3' }, body: { details: { retryAfterSeconds: 7 } } },
    error: { status: 503, retryAfter: 7000, retryable: true },
  },
  'what somebody must change is not retryable': {
    fault: { status: 422, body: { kind: 'Status', reason: 'Invalid', message: 'spec.ports: Required value' } },
    error: { status: 422, reason: 'Invalid', retryable: false, retryAfter: undefined },
  },
  'a page of some proxy is quoted': {
    fault: { status: 502, body: '<html>bad gateway</html>' },
    error: { status: 502, reason: '', message: `GET ${SERVICES}: 502 <html>bad gateway</html>` },
  },
  'a cut connection is unreachable': {
    fault: 'reset',
    error: { code: 'unreachable', status: 0, retryable: true },
  },
};

function faulty(fault: NonNullable<ReturnType<ApiServer['fault']>>): void {
  server.fault = () => fault;
}

it.each(Object.entries(answers))('%s', async (_, { fault, error }) => {
  faulty(fault);

  expect(await failure(client.request({ path: SERVICES }))).toMatchObject(error);
});

describe('server time', () => {
  it('follows the clock of the API server, however far ours is from it', async () => {
    server.clockAhead = 3_600_000;

    await client.request({ path: SERVICES });

    const ahead = client.serverTime() - Date.now();
    expect(ahead).toBeGreaterThan(3_600_000 - 1500);
    expect(ahead).toBeLessThan(3_600_000 + 500);
  });

  it('is this machine’s until the first answer', () => {
    const time = createServerTime(createFakeClock(), () => 42);

    expect(time.now()).toBe(42);
  });

  it('is pinned down by many answers to less than the second that one of them tells', () => {
    const clock = createFakeClock();
    const time = createServerTime(clock);
    const epoch = Date.parse('2026-01-01T00:00:00.700Z');
    for (let sample = 0; sample < 20; sample++) {
      clock.advance(137);
      time.observe(new Date(epoch + clock.now()).toUTCString(), clock.now() - 5, clock.now() + 5);
      clock.advance(5);
    }

    expect(Math.abs(time.now() - (epoch + clock.now()))).toBeLessThan(120);
  });

  it('is not moved by an answer that took long', () => {
    const clock = createFakeClock(60_000);
    const time = createServerTime(clock);
    time.observe('Thu, 01 Jan 2026 00:01:00 GMT', 60_000, 60_000);
    const before = time.now();

    time.observe('Thu, 01 Jan 2026 00:00:50 GMT', 50_500, 60_000);

    expect(time.now()).toBe(before);
  });
});

describe('lines', () => {
  async function linesOf(...chunks: readonly (string | Uint8Array)[]): Promise<string[]> {
    async function* bytes() {
      for (const chunk of chunks) yield await Promise.resolve(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    }
    const lines: string[] = [];
    for await (const line of readLines(bytes())) lines.push(line);
    return lines;
  }

  it('end at a line feed only: U+2028 and U+2029 stay inside (D20)', async () => {
    expect(await linesOf('{"a":"x\u2028y\u2029z"}\n{}\n')).toEqual(['{"a":"x\u2028y\u2029z"}', '{}']);
  });

  it('are put together from chunks that cut characters in two', async () => {
    const bytes = Buffer.from('{"a":"ü"}\n');

    expect(await linesOf(bytes.subarray(0, 7), bytes.subarray(7))).toEqual(['{"a":"ü"}']);
  });

  it('that were cut off are dropped', async () => {
    expect(await linesOf('{}\n{"type":"ADD')).toEqual(['{}']);
  });
});
