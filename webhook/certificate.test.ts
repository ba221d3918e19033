import { describe, expect, it } from '@jest/globals';
import { connect } from 'node:tls';
import { createAuthority } from '../test/support/certificates.ts';
import { httpsClient } from '../test/support/https-client.ts';
import { memoryLog } from '../test/support/log.ts';
import { certificateExpiryMetric, createRegistry } from '../runtime/metrics.ts';
import { createCertificateKeeper } from './certificate.ts';
import { startServer } from './server.ts';
import type { KeyPair } from './certificate.ts';

const authority = createAuthority();
const first = authority.issue({ names: ['localhost'] });
const second = authority.issue({ names: ['localhost'] });

function keeper(now = Date.now()) {
  const registry = createRegistry();
  const { log, messages } = memoryLog();
  const used: KeyPair[] = [];
  let valid = 0;
  const keep = createCertificateKeeper({
    use: pair => used.push(pair),
    onValid: () => valid++,
    expiry: certificateExpiryMetric(registry),
    log,
    now: () => now,
  });
  return { keep, used, messages, validCalls: () => valid, metrics: () => registry.metrics() };
}

describe('a pair that was read', () => {
  const unusable: Record<string, KeyPair> = {
    'W26: the key of another certificate': { cert: first.cert, key: second.key },
    'W26: half a certificate': { cert: first.cert.slice(0, 300), key: first.key },
    'W26: half a key': { cert: first.cert, key: first.key.slice(0, 300) },
    'W26: nothing': { cert: '', key: '' },
    'W26: no PEM': { cert: 'certificate', key: 'key' },
  };

  it.each(Object.entries(unusable))('%s leaves the old pair in service', (_, bad) => {
    const { keep, used, messages } = keeper();

    keep(first);
    keep(bad);

    expect(used).toEqual([first]);
    expect(messages()).toEqual([
      'certificate in service',
      'certificate not taken; the old one, if there is one, stays',
    ]);
  });

  it('is put into service once, however often it is read', () => {
    const { keep, used } = keeper();

    keep(first);
    keep({ ...first });

    expect(used).toEqual([first]);
  });

  it('is taken after a bad one, also when it is the one before', () => {
    const { keep, used } = keeper();

    keep(first);
    keep({ cert: first.cert, key: second.key });
    keep(first);
    keep(second);

    expect(used).toEqual([first, first, second]);
  });

  it('W26: does not make the program ready when it has expired', () => {
    const { keep, used, validCalls, messages } = keeper(Date.now() + 365 * 86_400_000);

    keep(first);

    expect(used).toEqual([first]);
    expect(validCalls()).toBe(0);
    expect(messages()).toEqual(['certificate in service has expired']);
  });

  it('W29: is shown by its end in the metrics', async () => {
    const { keep, metrics } = keeper();
    const notAfter = new Date('2031-05-01T00:00:00Z');

    keep(authority.issue({ names: ['localhost'], notAfter }));

    expect(await metrics()).toContain(`waymark_certificate_expiry_timestamp_seconds ${notAfter.getTime() / 1000}\n`);
  });

  it('W28: is never written to the log', () => {
    const { log, lines } = memoryLog();
    const registry = createRegistry();
    const keep = createCertificateKeeper({
      use: () => undefined,
      onValid: () => undefined,
      expiry: certificateExpiryMetric(registry),
      log,
      now: Date.now,
    });

    keep(first);
    keep({ cert: first.cert, key: second.key });
    keep({ cert: first.cert, key: first.key.slice(0, 300) });

    expect(JSON.stringify(lines())).not.toContain(first.key.slice(60, 90));
    expect(JSON.stringify(lines())).not.toContain('PRIVATE KEY');
  });
});

describe('rotation under load', () => {
  it('W26: leaf and CA change every few milliseconds without one failed request, and all are served', async () => {
    const { log } = memoryLog();
    const authorities = [createAuthority('one'), createAuthority('two')];
    const pairs = authorities.flatMap(one => [
      one.issue({ names: ['localhost'] }),
      one.issue({ names: ['localhost'] }),
    ]);
    const bundle = authorities.map(one => one.cert).join('\n');
    const server = await startServer({
      port: 0,
      host: '127.0.0.1',
      answer: () => ({ status: 200, type: 'application/json', body: '{}' }),
      log,
    });
    server.use(pairs[0] ?? first);

    let rotations = 0;
    const rotating = setInterval(() => server.use(pairs[++rotations % pairs.length] ?? first), 5);
    const serials = new Set<string>();
    const end = performance.now() + 1000;
    let requests = 0;
    await Promise.all([
      // One keeps its connections, the others make new ones all the time, as many API servers would.
      ...[true, false, false].map(async keeps => {
        let client = httpsClient(server.port, bundle);
        while (performance.now() < end) {
          const { status } = await client.send({ path: '/validate', body: '{}' });
          expect(status).toBe(200);
          requests++;
          if (keeps) continue;
          client.close();
          client = httpsClient(server.port, bundle);
        }
        client.close();
      }),
      (async () => {
        while (performance.now() < end) serials.add(await serialOf(server.port, bundle));
      })(),
    ]);
    clearInterval(rotating);
    await server.drain({ linger: 0, deadline: 1000 });

    expect(serials.size).toBe(pairs.length);
    expect(rotations).toBeGreaterThan(20);
    expect(requests).toBeGreaterThan(50);
  }, 60_000);
});

function serialOf(port: number, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}
