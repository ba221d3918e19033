import type { Applier } from '../kube/apply.ts';
import type { Clock } from '../kube/clock.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { KubeClient, KubeObject, Resource } from '../kube/types.ts';
import { createWorkQueue } from '../kube/work-queue.ts';
import type { Logger } from '../runtime/log.ts';
import { OUR_LABELS, isLabelledOurs } from '../shared/render/labels.ts';
import { issueCertificate } from './issue-certificate.ts';
import type { IssueRequest, IssuedCertificate } from './issue-certificate.ts';
import { watchOne } from './latest.ts';
import type { Latest } from './latest.ts';
import { parseCertificate, rotateAt, splitPem, unexpired, unfitness, validTo } from './serving-certificate.ts';
import type { ServingCertificate } from './serving-certificate.ts';
import { WEBHOOK_CONFIGURATIONS, createTrust, projectConfiguration } from './webhook-trust.ts';
import type { TrustingConfiguration } from './webhook-trust.ts';

export interface CertificateOptions {
  /** Reads for the watches. */
  readonly client: KubeClient;
  /** Writes; refuses while this process does not lead. */
  readonly applier: Applier;
  readonly namespace: string;
  readonly secretName: string;
  readonly serviceName: string;
  /** Name of both webhook configurations. */
  readonly configurationName: string;
  readonly clusterDomain: string;
  /** Milliseconds. */
  readonly validity: number;
  /** The certificate that serves ends then, in milliseconds since the epoch. */
  readonly onExpiry: (at: number) => void;
  readonly onRestart: (kind: string) => void;
  /** Default: here, in this process. */
  readonly issue?: (request: IssueRequest) => Promise<IssuedCertificate>;
  readonly log: Logger;
  readonly clock: Clock;
  /** Of the watches; default: the same. */
  readonly watchClock?: Clock;
  readonly random: () => number;
}

/**
 * Keeps the certificate of the webhook: its Secret, and the trust of the API server in it. Rotation in three steps, so
 * that no call fails: the new authority is trusted beside the old one; that has reached every API server; the new
 * certificate serves. An old authority is trusted until it expires by itself. Private keys of authorities are never
 * kept, and a certificate that is still waiting lives in memory only: after a crash another one is made.
 */
export interface Certificates {
  readonly synced: Promise<void>;
  /** Begins to watch; writes nothing. */
  start(): void;
  /** From now on the Secret and the trust are kept. */
  lead(): void;
  follow(): Promise<void>;
  stop(): Promise<void>;
}

/** Clocks of API servers differ: valid a little before it is made, at most a tenth of its life. */
const BACKDATED = 300_000;

/** An API server takes up a changed configuration within a second or two; with a short validity there is less time. */
const PROPAGATION = 10_000;

/** Until the next look, which arms the timer of the next rotation; the Secret's own change mostly comes first. */
const SHORTLY = 1000;

interface StoredSecret extends ServingCertificate {
  readonly isOurs: boolean;
}

export function createCertificates(options: CertificateOptions): Certificates {
  const { client, applier, namespace, secretName, configurationName, serviceName, validity, log, clock } = options;
  const { issue = issueCertificate } = options;
  const service = { namespace, name: serviceName };
  const dnsNames = [`${serviceName}.${namespace}.svc`, `${serviceName}.${namespace}.svc.${options.clusterDomain}`];
  const propagation = Math.min(PROPAGATION, validity / 20);
  /** Made and not served yet; `trustedSince` on the local clock. */
  let next: { readonly issued: IssuedCertificate; trustedSince: number | undefined } | undefined;

  function watch<T>(resource: Resource, name: string, project: (object: KubeObject) => T): Latest<T> {
    return watchOne<T>({
      client,
      resource,
      namespace: resource.namespaced ? namespace : undefined,
      name,
      project,
      onChange: () => queue.add('certificate'),
      onRestart: () => options.onRestart(resource.kind),
      log,
      clock: options.watchClock ?? clock,
      random: options.random,
    });
  }
  const secret = watch(RESOURCES.secrets, secretName, projectSecret);
  const configurations = new Map<string, Latest<TrustingConfiguration>>(
    WEBHOOK_CONFIGURATIONS.map(resource => [
      resource.kind,
      watch(resource, configurationName, object => projectConfiguration(object, service)),
    ]),
  );
  const informers = [secret, ...configurations.values()];
  const trust = createTrust({ configurations, name: configurationName, applier });

  const queue = createWorkQueue<'certificate'>({
    workers: 1,
    work: keep,
    onFailure: (_, error) => {
      log.warn({ err: error }, 'certificate not kept: tried again');
      return 0;
    },
    onDepth: () => undefined,
    clock,
    random: options.random,
  });

  /** Does the next thing that is to do; resolves with milliseconds until there may be another one. */
  async function keep(): Promise<number | undefined> {
    const now = client.serverTime();
    const stored = secret.get();
    if (stored !== undefined) reportExpiry(stored);
    if (stored !== undefined && !stored.isOurs) {
      // The user's own: it is used, and its authority trusted if he says which it is.
      if (stored.authorities.length > 0) await trust.put(stored.authorities.join(''));
      return undefined;
    }
    const reason = stored === undefined ? 'there is none' : unfitness(stored, dnsNames, now);
    const trusted = unexpired(stored?.authorities ?? trust.bundles().flatMap(splitPem), now);
    const due = stored === undefined || reason !== undefined ? now : rotateAt(stored.certificate, validity);
    if (stored !== undefined && due > now) return settle(stored, trusted, Math.min(due, firstExpiry(trusted)) - now);
    return replace(trusted, reason ?? 'two thirds of its life are over', now);
  }

  /** Nothing to rotate: expired authorities go, and what was reset is mended. */
  async function settle(stored: StoredSecret, trusted: readonly string[], delay: number): Promise<number> {
    next = undefined;
    if (trusted.length < stored.authorities.length) await writeSecret({ ...stored, authorities: trusted });
    await trust.put(trusted.join(''));
    return delay;
  }

  async function replace(trusted: readonly string[], reason: string, now: number): Promise<number | undefined> {
    if (next === undefined) {
      log.info({ secret: `${namespace}/${secretName}`, reason }, 'making a new certificate');
      const issued = await issue({
        dnsNames,
        notBefore: now - Math.min(BACKDATED, validity / 10),
        notAfter: now + validity,
      });
      next = { issued, trustedSince: undefined };
    }
    const { authority, certificate, privateKey } = next.issued;
    const authorities = [authority, ...trusted.filter(pem => pem !== authority)];
    await trust.put(authorities.join(''));
    // Where nothing was trusted nothing can be lost.
    if (trusted.length > 0) {
      // Somebody meddled: the change itself calls this again.
      if (!trust.holds(authorities.join(''))) return undefined;
      next.trustedSince ??= clock.now();
      const rest = next.trustedSince + propagation - clock.now();
      if (rest > 0) return rest;
    }
    await writeSecret({ certificate, privateKey, authorities });
    next = undefined;
    return SHORTLY;
  }

  async function writeSecret({ certificate, privateKey, authorities }: ServingCertificate): Promise<void> {
    const version = secret.version();
    const encode = (text: string) => Buffer.from(text).toString('base64');
    const applied = await applier.apply({
      resource: RESOURCES.secrets,
      desired: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: secretName, namespace, labels: OUR_LABELS },
        type: 'kubernetes.io/tls',
        data: {
          'tls.crt': encode(certificate),
          'tls.key': encode(privateKey),
          'ca.crt': encode(authorities.join('')),
        },
      },
      live: version && { ...version, owned: undefined },
      isOurs: found => isLabelledOurs(found.metadata.labels),
    });
    if (applied.outcome === 'written') secret.wrote(applied.object);
    log.info({ secret: `${namespace}/${secretName}`, outcome: applied.outcome }, 'certificate stored');
  }

  function reportExpiry({ certificate }: StoredSecret): void {
    const leaf = parseCertificate(certificate);
    if (leaf !== undefined) options.onExpiry(validTo(leaf));
  }

  return {
    synced: Promise.all(informers.map(informer => informer.synced)).then(() => undefined),
    start() {
      for (const informer of informers) informer.start();
    },
    lead() {
      next = undefined;
      queue.resume();
      queue.add('certificate');
    },
    follow: () => queue.pause(),
    async stop() {
      await queue.stop();
      await Promise.all(informers.map(informer => informer.stop()));
    },
  };
}

function firstExpiry(authorities: readonly string[]): number {
  return Math.min(
    ...authorities.map(pem => {
      const parsed = parseCertificate(pem);
      return parsed === undefined ? Infinity : validTo(parsed);
    }),
  );
}

function projectSecret({ metadata, data }: KubeObject): StoredSecret {
  const decode = (text: string | undefined) => Buffer.from(text ?? '', 'base64').toString();
  const { 'tls.crt': crt, 'tls.key': key, 'ca.crt': ca } = (data ?? {}) as Readonly<Record<string, string | undefined>>;
  return {
    isOurs: isLabelledOurs(metadata.labels),
    certificate: decode(crt),
    privateKey: decode(key),
    authorities: splitPem(decode(ca)),
  };
}
