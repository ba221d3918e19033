import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSettings } from '../shared/settings-file.ts';
import { createAuthority } from '../test/support/certificates.ts';
import { httpsClient } from '../test/support/https-client.ts';
import { memoryLog } from '../test/support/log.ts';
import { CONFIG, UID, acceptAnswer, deployment, patchedObject, reviewOf } from '../test/support/reviews.ts';
import { startWebhook } from './start.ts';
import type { TestCertificate } from '../test/support/certificates.ts';
import type { HttpsClient } from '../test/support/https-client.ts';
import type { MemoryLog } from '../test/support/log.ts';
import type { DrainTimes, RunningWebhook, WebhookOptions } from './start.ts';

const authority = createAuthority();
const localhost = authority.issue({ names: ['localhost'] });

let folder: string;
let webhook: RunningWebhook | undefined;
let client: HttpsClient;
let memory: MemoryLog;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webhook-'));
  // Without a home there is no kubeconfig, and without the variables no service account: no cluster at all.
  process.env['HOME'] = folder;
  delete process.env['KUBECONFIG'];
  delete process.env['KUBERNETES_SERVICE_HOST'];
  memory = memoryLog();
});
afterEach(async () => {
  await webhook?.close();
  webhook = undefined;
  await rm(folder, { recursive: true });
});

const AT_ONCE: DrainTimes = { quiet: 0, linger: 0, deadline: 0 };

function optionsWith(given: Partial<WebhookOptions>): WebhookOptions {
  return {
    settings: defaultSettings,
    port: 0,
    metricsPort: 0,
    host: '127.0.0.1',
    tlsFiles: { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') },
    tlsSecret: 'waymark-webhook-tls',
    onMissingMutation: 'deny',
    namespaces: [],
    log: memory.log,
    drain: AT_ONCE,
    ...given,
  };
}

async function start(given: Partial<WebhookOptions> = {}, pair: TestCertificate = localhost): Promise<RunningWebhook> {
  await write(pair);
  webhook = await startWebhook(optionsWith(given));
  client = httpsClient(webhook.port, authority.cert);
  return webhook;
}

async function write({ cert, key }: TestCertificate): Promise<void> {
  for (const [name, text] of [
    ['tls.key', key],
    ['tls.crt', cert],
  ] as const) {
    await writeFile(join(folder, `${name}.new`), text);
    await rename(join(folder, `${name}.new`), join(folder, name));
  }
}

async function probe({ metricsPort }: RunningWebhook, path: string): Promise<{ status: number; body: string }> {
  const answer = await fetch(`http://127.0.0.1:${metricsPort}${path}`);
  return { status: answer.status, body: await answer.text() };
}

const send = (hook: 'mutate' | 'validate', body: unknown) =>
  client.send({ path: `/${hook}?timeout=5s`, body: JSON.stringify(body) });

describe('a webhook without any cluster', () => {
  it('starts from files, says ready once, and judges', async () => {
    const running = await start();

    const object = deployment();
    const mutated = acceptAnswer('mutate', (await send('mutate', reviewOf(object))).body);
    const validated = acceptAnswer('validate', (await send('validate', reviewOf(patchedObject(object, mutated)))).body);

    expect(validated).toEqual({ uid: UID, allowed: true });
    expect(await probe(running, '/readyz')).toEqual({ status: 200, body: 'ok\n' });
    expect(memory.messages().filter(message => message === 'ready')).toHaveLength(1);
  });

  it('W30: with an expired certificate it lives and is not ready, until a good one comes', async () => {
    const notAfter = new Date(Date.now() - 1000);
    const running = await start({}, authority.issue({ names: ['localhost'], notAfter }));

    const [live, ready] = [await probe(running, '/healthz'), await probe(running, '/readyz')];
    await write(localhost);
    await until(() => memory.messages().includes('ready'));

    expect(live.status).toBe(200);
    expect(ready).toEqual({ status: 503, body: 'not ready: certificate\n' });
    expect(await probe(running, '/readyz')).toMatchObject({ status: 200 });
  });

  it('W31: counts every answer, once', async () => {
    const running = await start();
    const bad = deployment({ annotations: { 'waymark.dev/config': `${CONFIG}unknown: 1\n` } });

    await send('mutate', reviewOf(deployment()));
    const once = await probe(running, '/metrics');
    await send('mutate', reviewOf(deployment()));
    await send('validate', reviewOf(bad));
    await client.send({ path: '/validate', body: 'nonsense' });
    const later = await probe(running, '/metrics');

    const patched = '{operation="CREATE",result="patched"}';
    expect(once.body).toContain(`waymark_admission_requests_total${patched} 1\n`);
    expect(later.body).toContain(`waymark_admission_requests_total${patched} 2\n`);
    expect(later.body).toContain(`waymark_admission_duration_seconds_count${patched} 2\n`);
    expect(later.body).toContain('waymark_admission_requests_total{operation="CREATE",result="denied"} 1\n');
    expect(later.body).toContain('waymark_admission_requests_total{operation="unknown",result="malformed"} 1\n');
    expect(later.body).toMatch(/^waymark_findings_total\{code="WM\d{3}",severity="error"\} 1$/m);
    expect(later.body).toContain('waymark_admission_patch_bytes_count 2\n');
    expect(later.body).toContain('waymark_admission_in_flight 0\n');
    expect(later.body).toMatch(/^waymark_certificate_expiry_timestamp_seconds 1\d{9}$/m);
    expect(later.body).toMatch(/^process_resident_memory_bytes /m);
  });

  it('W32: logs one line a request, with uid, operation, kind, name, result and time, and nothing of the object', async () => {
    await start();
    const object = deployment({ env: [{ name: 'PASSWORD', value: 'hunter2' }] });

    await send('mutate', reviewOf(object));

    const lines = memory.lines().filter(({ msg }) => msg === 'admission');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'info',
      uid: UID,
      hook: 'mutate',
      operation: 'CREATE',
      kind: 'Deployment',
      object: 'service/tfserving-resnet50-20240501',
      result: 'patched',
      ms: expect.any(Number),
    });
    expect(JSON.stringify(memory.lines())).not.toMatch(/hunter2|PASSWORD|KUBEFLOW|tensorflow/);
  });

  it('W26: takes a new certificate from the files under load without a failed request', async () => {
    const other = createAuthority('other');
    await start();
    client.close();
    client = httpsClient(webhook?.port ?? 0, `${authority.cert}${other.cert}`);
    const body = JSON.stringify(reviewOf(deployment()));
    const statuses = new Set<number>();
    let going = true;
    const load = Promise.all(
      [1, 2, 3, 4].map(async () => {
        while (going) statuses.add((await client.send({ path: '/mutate', body })).status);
      }),
    );

    const fromOther = other.issue({ names: ['localhost'] });
    for (const pair of [fromOther, authority.issue({ names: ['localhost'] })]) {
      const seen = certificatesInService();
      await write(pair);
      await until(() => certificatesInService() > seen);
      const newcomer = httpsClient(webhook?.port ?? 0, pair === fromOther ? other.cert : authority.cert);
      expect(await newcomer.send({ path: '/mutate', body })).toMatchObject({ status: 200 });
      newcomer.close();
    }
    going = false;
    await load;

    expect([...statuses]).toEqual([200]);
  }, 30_000);
});

const certificatesInService = () => memory.messages().filter(message => message === 'certificate in service').length;

describe('a webhook that stops', () => {
  it('W24: is first not ready and still serves; then it ends its connections, and none of its requests fails', async () => {
    const going = await start({ drain: { quiet: 300, linger: 200, deadline: 2000 } });
    const next = await startWebhook(optionsWith({}));
    const body = JSON.stringify(reviewOf(deployment()));
    const answers = { before: 0, whileUnready: 0, next: 0 };
    let stopping = false;
    let stopped = false;

    // As the API server with its endpoints: a connection is kept until its server closes it; a new one goes to a server
    // that was ready a moment ago.
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        let target = going;
        let own = httpsClient(target.port, authority.cert, 1);
        while (!stopped || answers.next < 50) {
          const { status, headers } = await own.send({ path: '/mutate', body });
          expect(status).toBe(200);
          if (target === next) answers.next++;
          else answers[stopping ? 'whileUnready' : 'before']++;
          if (headers.connection !== 'close') continue;
          own.close();
          target = next;
          own = httpsClient(target.port, authority.cert, 1);
        }
        own.close();
      }),
    );

    await until(() => answers.before > 50);
    stopping = true;
    const closed = going.close();
    await until(async () => (await probe(going, '/readyz')).status === 503);
    await closed;
    stopped = true;
    webhook = undefined;
    await load;
    await next.close();

    expect(answers.whileUnready).toBeGreaterThan(20);
    expect(answers.next).toBeGreaterThanOrEqual(50);
    await expect(fetch(`http://127.0.0.1:${going.metricsPort}/healthz`)).rejects.toThrow();
  }, 30_000);
});

describe('a webhook that cannot start', () => {
  it('says which port is taken, and leaves nothing open', async () => {
    const first = await start();
    const second = start({ port: first.port });

    await expect(second).rejects.toMatchObject({
      name: 'CannotStart',
      message: expect.stringContaining(`port ${first.port}`),
    });
    webhook = first;
  });

  it('says which file is not there', async () => {
    const tlsFiles = { certFile: join(folder, 'none.crt'), keyFile: join(folder, 'none.key') };

    await expect(start({ tlsFiles })).rejects.toMatchObject({
      name: 'CannotStart',
      message: expect.stringContaining('none.crt'),
    });
  });

  it('says so when it has neither files nor a cluster', async () => {
    await expect(startWebhook(optionsWith({ tlsFiles: undefined }))).rejects.toMatchObject({
      name: 'CannotStart',
      message: 'no cluster to read the certificate from: give --tls-cert-file and --tls-key-file',
    });
  });
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 5));
}
