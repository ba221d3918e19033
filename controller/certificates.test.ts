import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { createApplier } from '../kube/apply.ts';
import { createClient } from '../kube/client.ts';
import { systemClock } from '../kube/clock.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { KubeClient, KubeObject } from '../kube/types.ts';
import { startApiServer } from '../test/support/api-server/server.ts';
import type { ApiServer } from '../test/support/api-server/server.ts';
import { createFakeClock } from '../test/support/fake-clock.ts';
import type { FakeClock } from '../test/support/fake-clock.ts';
import { issueOutside } from '../test/support/issue-certificate.ts';
import { silentLog } from '../test/support/silent-log.ts';
import { until } from '../test/support/until.ts';
import { createCertificates } from './certificates.ts';
import type { Certificates } from './certificates.ts';
import type { IssueRequest } from './issue-certificate.ts';
import { splitPem, unfitness } from './serving-certificate.ts';

const DAY = 86_400_000;
const VALIDITY = 90 * DAY;
const NAMES = ['waymark-webhook.waymark-system.svc', 'waymark-webhook.waymark-system.svc.cluster.local'];
const CONFIGURATIONS = [RESOURCES.mutatingWebhookConfigurations, RESOURCES.validatingWebhookConfigurations];

/** When every test begins, so that the first certificates of all are the same and need to be made once. */
const BEGIN = Date.now();
const issued = new Map<string, ReturnType<typeof issueOutside>>();
let issuedHere: number;

function issueOnce(request: IssueRequest): ReturnType<typeof issueOutside> {
  const key = JSON.stringify([request, issuedHere++]);
  const known = issued.get(key) ?? issueOutside(request);
  issued.set(key, known);
  return known;
}

let server: ApiServer;
let client: KubeClient;
let clock: FakeClock;
let expiry: number;
const running: Certificates[] = [];

beforeEach(async () => {
  server = await startApiServer([RESOURCES.secrets, ...CONFIGURATIONS]);
  clock = createFakeClock();
  // The server's clock goes with the test's: certificates are as old as the test wants them.
  issuedHere = 0;
  const real = createClient(server.credentials);
  client = { ...real, serverTime: () => BEGIN + clock.now() };
  for (const { apiVersion, kind } of CONFIGURATIONS) server.put(configuration(apiVersion, kind));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map(one => one.stop()));
  await client.close();
  await server.close();
});

function configuration(apiVersion: string, kind: string): KubeObject {
  const service = { namespace: 'waymark-system', name: 'waymark-webhook', path: '/x' };
  return {
    apiVersion,
    kind,
    metadata: { name: 'waymark' },
    webhooks: [
      { name: 'deployments.waymark.dev', clientConfig: { service }, failurePolicy: 'Fail' },
      { name: 'elsewhere.example.com', clientConfig: { url: 'https://elsewhere.example.com' } },
    ],
  };
}

function start(validity = VALIDITY): Certificates {
  const certificates = createCertificates({
    client,
    applier: createApplier({ client, manager: 'waymark', onWrite: () => undefined }),
    namespace: 'waymark-system',
    secretName: 'waymark-webhook-tls',
    serviceName: 'waymark-webhook',
    configurationName: 'waymark',
    clusterDomain: 'cluster.local',
    validity,
    onExpiry: at => (expiry = at),
    onRestart: () => undefined,
    issue: issueOnce,
    log: silentLog(),
    clock,
    watchClock: systemClock,
    random: () => 0.5,
  });
  running.push(certificates);
  certificates.start();
  void certificates.synced.then(() => certificates.lead());
  return certificates;
}

const secret = () => server.collection(RESOURCES.secrets).get('waymark-system', 'waymark-webhook-tls');

function stored(key: 'tls.crt' | 'tls.key' | 'ca.crt'): string {
  return Buffer.from((secret()?.['data'] as Record<string, string> | undefined)?.[key] ?? '', 'base64').toString();
}

function bundles(): string[] {
  return CONFIGURATIONS.map(resource => {
    const webhooks = server.collection(resource).get('', 'waymark')?.['webhooks'] as
      { clientConfig: { caBundle?: string } }[] | undefined;
    return Buffer.from(webhooks?.[0]?.clientConfig.caBundle ?? '', 'base64').toString();
  });
}

const writes = () => server.requests.filter(({ method }) => method !== 'GET').map(({ url }) => url.split('/').at(-2));

/** What a call of the API server comes to: the leaf that serves, against the bundle that is trusted. */
function isTrusted(leaf: string, bundle: string): boolean {
  const certificate = new X509Certificate(leaf);
  return splitPem(bundle).some(pem => {
    const authority = new X509Certificate(pem);
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  });
}

const isSettled = () =>
  secret() !== undefined && bundles().every(bundle => bundle !== '' && bundle === stored('ca.crt'));

describe('the first certificate', () => {
  it('is put into the Secret and trusted by every webhook of ours, and by no other', async () => {
    start();
    await until('it is there', isSettled);

    expect(secret()).toMatchObject({
      type: 'kubernetes.io/tls',
      metadata: { labels: { 'app.kubernetes.io/managed-by': 'waymark' } },
    });
    const [ours, others] = server.collection(CONFIGURATIONS[0] ?? RESOURCES.secrets).get('', 'waymark')?.[
      'webhooks'
    ] as object[];
    expect(ours).toMatchObject({ failurePolicy: 'Fail', clientConfig: { service: { path: '/x' } } });
    expect(others).toEqual({ name: 'elsewhere.example.com', clientConfig: { url: 'https://elsewhere.example.com' } });
  });

  it('serves under the names of the Service, for the asked validity, with a positive serial number', async () => {
    start();
    await until('it is there', isSettled);
    const leaf = new X509Certificate(stored('tls.crt'));

    expect(NAMES.map(name => leaf.checkHost(name))).toEqual(NAMES);
    expect(leaf.checkHost('other.waymark-system.svc')).toBeUndefined();
    expect(leaf.checkPrivateKey(createPrivateKey(stored('tls.key')))).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(isTrusted(stored('tls.crt'), stored('ca.crt'))).toBe(true);
    expect(Math.abs(Date.parse(leaf.validTo) - client.serverTime() - VALIDITY)).toBeLessThan(2000);
    expect(leaf.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    await until('its end is told', () => Math.abs(expiry - Date.parse(leaf.validTo)) < 1);
  });

  it('is made when there is no webhook configuration yet, which then trusts it', async () => {
    for (const resource of CONFIGURATIONS) server.remove(resource, '', 'waymark');
    start();
    await until('it is there', () => secret() !== undefined);
    for (const { apiVersion, kind } of CONFIGURATIONS) server.put(configuration(apiVersion, kind));

    await until('it is trusted', isSettled);
  });

  it('of a restart is the same: nothing is written', async () => {
    await startAndStop();
    server.requests.splice(0);
    const next = start();
    await next.synced;
    await clock.pass(DAY);

    expect(writes()).toEqual([]);
  });
});

async function startAndStop(validity?: number): Promise<void> {
  const first = start(validity);
  await until('it is there', isSettled);
  await clock.pass(0);
  await first.stop();
}

describe('rotation', () => {
  it('comes after two thirds of its life: first the new authority is trusted beside the old, then the new one serves', async () => {
    start();
    await until('it is there', isSettled);
    await clock.pass(0);
    const oldLeaf = stored('tls.crt');
    const oldBundle = stored('ca.crt');
    const history: { leaf: string; trusted: string }[] = [];
    server.fault = ({ method }) => {
      if (method === 'GET') return undefined;
      for (const trusted of bundles()) history.push({ leaf: stored('tls.crt'), trusted });
      return undefined;
    };

    await clock.pass((VALIDITY * 2) / 3 - 60_000);
    expect(stored('tls.crt')).toBe(oldLeaf);
    clock.advance(120_000);
    await until('both are trusted', () => bundles().every(bundle => splitPem(bundle).length === 2));
    expect(stored('tls.crt')).toBe(oldLeaf);
    await clock.pass(9900);
    expect(stored('tls.crt')).toBe(oldLeaf);
    await until('the new one serves', () => {
      if ((clock.waiting()[0] ?? Infinity) < 1000) clock.advance(100);
      return stored('tls.crt') !== oldLeaf;
    });
    await until('all is settled', isSettled);

    expect(splitPem(stored('ca.crt'))).toHaveLength(2);
    expect(stored('ca.crt')).toContain(oldBundle);
    expect(isTrusted(oldLeaf, stored('ca.crt')) && isTrusted(stored('tls.crt'), stored('ca.crt'))).toBe(true);
    expect(history.filter(({ leaf, trusted }) => !isTrusted(leaf, trusted))).toEqual([]);
  });

  it('drops the old authority when it has expired, and works again and again', async () => {
    start();
    await until('it is there', isSettled);
    const untrusted: string[] = [];
    for (let rotation = 0; rotation < 4; rotation++) {
      await clock.pass(0);
      const oldLeaf = stored('tls.crt');
      clock.advance((VALIDITY * 2) / 3);
      await until('the next one serves', () => {
        for (const bundle of bundles()) if (!isTrusted(stored('tls.crt'), bundle)) untrusted.push(bundle);
        if ((clock.waiting()[0] ?? Infinity) <= 10_000) clock.advance(500);
        return stored('tls.crt') !== oldLeaf && isSettled();
      });
    }
    // The last one and the one before it; those of the earlier ones have expired.
    await until('the expired one is dropped', () => {
      if ((clock.waiting()[0] ?? Infinity) <= 30 * DAY) clock.advance(DAY);
      return splitPem(stored('ca.crt')).length === 1 && isSettled();
    });

    expect(untrusted).toEqual([]);
  }, 60_000);

  it('that a crash interrupted is begun anew', async () => {
    await startAndStop();
    const oldLeaf = stored('tls.crt');
    clock.advance((VALIDITY * 2) / 3);
    const second = start();
    await until('both are trusted', () => bundles().every(bundle => splitPem(bundle).length === 2));
    await second.stop();
    expect(stored('tls.crt')).toBe(oldLeaf);

    start();
    await until('the new one serves', () => {
      if ((clock.waiting()[0] ?? Infinity) <= 10_000) clock.advance(100);
      return stored('tls.crt') !== oldLeaf;
    });
    await until('all is settled', isSettled);
    expect(isTrusted(oldLeaf, stored('ca.crt'))).toBe(true);
  });

  it('keeps to a validity of seconds', async () => {
    start(30_000);
    await until('it is there', isSettled);
    await clock.pass(0);
    const oldLeaf = stored('tls.crt');
    const life = Date.parse(new X509Certificate(oldLeaf).validTo) - client.serverTime();

    expect(life).toBeLessThanOrEqual(31_000);
    clock.advance(21_000);
    await until('the new one serves', () => {
      if ((clock.waiting()[0] ?? Infinity) <= 2000) clock.advance(50);
      return stored('tls.crt') !== oldLeaf;
    });
    expect(client.serverTime()).toBeLessThan(Date.parse(new X509Certificate(oldLeaf).validTo));
  });
});

describe('what others do', () => {
  it('a bundle that was reset, as by an upgrade of the chart, is mended', async () => {
    start();
    await until('it is there', isSettled);
    const [mutating] = CONFIGURATIONS;
    server.put(configuration(mutating?.apiVersion ?? '', mutating?.kind ?? ''));

    await until('it is mended', isSettled);
  });

  it('a deleted Secret is made anew; the certificate that still serves is trusted meanwhile', async () => {
    start();
    await until('it is there', isSettled);
    const oldLeaf = stored('tls.crt');
    server.remove(RESOURCES.secrets, 'waymark-system', 'waymark-webhook-tls');
    await until('it is there again', () => {
      if ((clock.waiting()[0] ?? Infinity) <= 10_000) clock.advance(100);
      return isSettled();
    });

    expect(stored('tls.crt')).not.toBe(oldLeaf);
    expect(isTrusted(oldLeaf, stored('ca.crt'))).toBe(true);
  });

  it('a Secret that cannot serve is replaced', async () => {
    await startAndStop();
    const { data, metadata } = secret() ?? { metadata: { name: '' } };
    const broken = { ...(data as object), 'tls.key': Buffer.from('nonsense').toString('base64') };
    server.put({ apiVersion: 'v1', kind: 'Secret', metadata, data: broken });
    start();
    await until('it is replaced', () => {
      if ((clock.waiting()[0] ?? Infinity) <= 10_000) clock.advance(100);
      return stored('tls.key').includes('PRIVATE KEY') && isSettled();
    });
  });

  it('a Secret of the user is used and never written; its authority is trusted', async () => {
    const own = await issueOutside({ dnsNames: NAMES, notBefore: Date.now(), notAfter: Date.now() + DAY });
    const encode = (text: string) => Buffer.from(text).toString('base64');
    const data = {
      'tls.crt': encode(own.certificate),
      'tls.key': encode(own.privateKey),
      'ca.crt': encode(own.authority),
    };
    const metadata = { name: 'waymark-webhook-tls', namespace: 'waymark-system' };
    const given = server.put({ apiVersion: 'v1', kind: 'Secret', metadata, data });
    start();
    await until('it is trusted', () => bundles().every(bundle => bundle === own.authority));
    await clock.pass(100 * DAY);

    expect(secret()).toEqual(given);
  });

  it('a user’s Secret without an authority leaves the trust to its owner', async () => {
    const metadata = { name: 'waymark-webhook-tls', namespace: 'waymark-system' };
    server.put({ apiVersion: 'v1', kind: 'Secret', metadata, data: {} });
    const certificates = start();
    await certificates.synced;
    await clock.pass(60_000);

    expect(writes()).toEqual([]);
  });
});

describe('what makes a certificate unfit', () => {
  it('is said', async () => {
    const now = Date.now();
    const issue = (dnsNames: readonly string[]) =>
      issueOutside({ dnsNames, notBefore: now - DAY, notAfter: now + DAY });
    const [good, other] = await Promise.all([issue(NAMES), issue(['other.svc'])]);
    const authorities = [good.authority];
    const check = (changes: object, at = now) => unfitness({ ...good, authorities, ...changes }, NAMES, at);

    expect(check({})).toBeUndefined();
    expect(check({}, now + 2 * DAY)).toBe('it has expired');
    expect(check({ privateKey: other.privateKey })).toBe('it has another key');
    expect(check({ privateKey: 'x' })).toBe('it has another key');
    expect(check({ certificate: 'x' })).toBe('it is no certificate');
    expect(check({ authorities: [other.authority] })).toBe('its authority is not among the trusted ones');
    expect(check({ certificate: other.certificate, privateKey: other.privateKey })).toBe(
      `it is not for ${NAMES[0] ?? ''}`,
    );
  });
});
