import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { eventually } from './eventually.ts';
import { steadyLoad } from './load.ts';
import { createNamespace, deployment, inferenceService } from './manifests.ts';
import { find, read } from './objects.ts';
import type { LiveObject } from './objects.ts';
import { isReady, someLeader, waymarkPods, webhookAddresses } from './waymark-pods.ts';
import { caBundles, reviewIn, reviewOf, trustedCertificates, webhookCaller } from './webhook-call.ts';
import { SYSTEM, apply, startWorld, stopWorlds } from './world.ts';
import type { World } from './world.ts';

const SECRET = 'waymark-webhook-tls';
const SERVICE = `waymark-webhook.${SYSTEM}.svc`;

let world: World;
beforeAll(async () => {
  world = await startWorld({ values: { webhook: { replicas: 2 } } });
  await createNamespace(world.cluster, 'shop');
});
afterAll(stopWorlds);

describe('the first installation', () => {
  it('has a certificate for the name that the API server calls, and both configurations trust it', async () => {
    // The second Pod may be among the endpoints a moment after the first one.
    const served = await eventually(
      async () => {
        const certificates = await servedCertificates();
        expect(certificates).toHaveLength(2);
        return certificates;
      },
      { within: 10_000 },
    );
    const [mutating, validating] = await caBundles(world.cluster);
    const authorities = certificatesIn(await trustedCertificates(world.cluster));

    expect(mutating).toBe(validating);
    for (const certificate of served) {
      expect(certificate.checkHost(SERVICE)).toBe(SERVICE);
      expect(authorities.some(authority => certificate.verify(authority.publicKey))).toBe(true);
      expect(authorities.every(({ serialNumber }) => serialNumber !== certificate.serialNumber)).toBe(true);
    }
  });

  it('keeps the private key in the Secret alone: not in the logs (W28)', async () => {
    const { data } = await read<LiveObject & { readonly data: Readonly<Record<string, string>> }>(
      world.cluster,
      'Secret',
      SYSTEM,
      SECRET,
    );
    const key = Buffer.from(data['tls.key'] ?? '', 'base64').toString();
    const body = key.split('\n')[1] ?? '';
    const pods = [
      ...(await waymarkPods(world.cluster, 'webhook')),
      ...(await waymarkPods(world.cluster, 'controller')),
    ];

    expect(key).toMatch(/^-----BEGIN (RSA )?PRIVATE KEY-----/);
    for (const { metadata } of pods) {
      const log = world.kubelet.logs(SYSTEM, metadata.name);
      expect(log).not.toContain('PRIVATE KEY');
      expect(log).not.toContain(body);
    }
  });
});

describe('under a steady stream of annotated updates no request fails', () => {
  it('when the Secret is deleted: it is made anew and served', async () => {
    const before = await serials();
    const load = await steadyLoad(world.cluster, 'shop');

    await world.kubectl(['delete', 'secret', SECRET, '-n', SYSTEM]);
    await eventually(
      async () => {
        expect(await find(world.cluster, 'Secret', SYSTEM, SECRET)).toBeDefined();
        for (const serial of await serials()) expect(before).not.toContain(serial);
      },
      { within: 90_000 },
    );

    await answered(load, 50);
    expect(await load.stop()).toEqual([]);
  });

  it('when helm upgrades and rolls both programs (W24)', async () => {
    const pods = (await waymarkPods(world.cluster, 'webhook')).map(({ metadata }) => metadata.uid);
    const load = await steadyLoad(world.cluster, 'shop');

    await world.install({ logLevel: 'debug' });
    await eventually(
      async () => {
        const now = await waymarkPods(world.cluster, 'webhook');
        expect(now.filter(isReady)).toHaveLength(2);
        for (const { metadata } of now) expect(pods).not.toContain(metadata.uid);
      },
      { within: 60_000 },
    );

    await answered(load, 50);
    expect(await load.stop()).toEqual([]);
    expect((await caBundles(world.cluster)).map(bundle => bundle === '')).toEqual([false, false]);
  });

  it('when certificate and authority change every few seconds (W26)', async () => {
    await world.install({ certificates: { validity: '20s' } });
    const load = await steadyLoad(world.cluster, 'shop');
    const seen = new Set<string>();
    const authorities = new Set<string>();

    await eventually(
      async () => {
        for (const serial of await serials()) seen.add(serial);
        for (const { serialNumber } of certificatesIn(await trustedCertificates(world.cluster)))
          authorities.add(serialNumber);
        expect(seen.size).toBeGreaterThanOrEqual(4);
      },
      { within: 90_000 },
    );

    await answered(load, 50);
    expect(await load.stop()).toEqual([]);
    expect(authorities.size).toBeGreaterThan(1);
  });
});

describe('a caBundle that somebody empties', () => {
  it('is put back at once', async () => {
    const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/waymark';
    const emptied = [{ op: 'remove', path: '/webhooks/0/clientConfig/caBundle' }];

    expect((await world.cluster.api('PATCH', path, emptied, 'application/json-patch+json')).status).toBe(200);

    await eventually(
      async () => {
        const [mutating, validating] = await caBundles(world.cluster);
        expect(mutating).not.toBe('');
        expect(mutating).toBe(validating);
      },
      { within: 5_000 },
    );
    await apply(world, deployment('shop/serving-mended-1', { config: inferenceService('mended', 'v1') }));
  });
});

describe('while the API server is away', () => {
  it('the webhook goes on answering and stays ready', async () => {
    await world.install({ certificates: { validity: '90d' } });
    const manifest = deployment('shop/serving-alone-1', { config: inferenceService('alone', 'v1') });
    const caller = await webhookCaller(world.cluster);
    await world.cluster.stopApiServer();

    const answers = [];
    for (let round = 0; round < 20; round++) {
      answers.push(reviewIn(await caller.call({ hook: 'mutate', body: reviewOf(manifest) })).allowed);
    }
    await world.cluster.startApiServer();
    caller.close();

    expect(answers).toEqual(Array.from({ length: 20 }, () => true));
    expect((await waymarkPods(world.cluster, 'webhook')).map(isReady)).toEqual([true, true]);
    await someLeader(world.cluster);
  });
});

/** So many more requests answered: the load went on after the change, not only before. */
async function answered(load: { succeeded(): number }, more: number): Promise<void> {
  const from = load.succeeded();
  await eventually(() => expect(load.succeeded()).toBeGreaterThanOrEqual(from + more), { within: 15_000 });
}

async function serials(): Promise<readonly string[]> {
  return (await servedCertificates()).map(({ serialNumber }) => serialNumber);
}

/** What each webhook Pod presents now. */
async function servedCertificates(): Promise<readonly X509Certificate[]> {
  return Promise.all((await webhookAddresses(world.cluster)).map(servedAt));
}

function servedAt(host: string): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    // Trust is what the tests look at, so it is not decided here.
    const socket = connect({ host, port: 8443, servername: SERVICE, rejectUnauthorized: false }, () => {
      const certificate = socket.getPeerX509Certificate();
      socket.end();
      if (certificate === undefined) reject(new Error(`${host} showed no certificate`));
      else resolve(certificate);
    });
    socket.on('error', reject);
  });
}

function certificatesIn(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map(block => new X509Certificate(block));
}
