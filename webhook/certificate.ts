import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { Gauge } from 'prom-client';
import type { Logger } from '../runtime/log.ts';

/** PEM; the certificate may bring its chain. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** Puts a pair into service; throws when it cannot. */
  readonly use: (pair: KeyPair) => void;
  /** Called when a certificate that is still valid is in service. */
  readonly onValid: () => void;
  readonly expiry: Gauge;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Takes every pair that some source has read, and keeps the one in service when the new one is no good: half written,
 * key and certificate of two generations, no PEM at all. Never throws.
 */
export function createCertificateKeeper(options: CertificateOptions): (pair: KeyPair) => void {
  const { use, onValid, expiry, log, now } = options;
  let last: KeyPair | undefined;

  return pair => {
    if (pair.cert === last?.cert && pair.key === last.key) return;
    last = pair;
    try {
      const leaf = new X509Certificate(pair.cert);
      if (!leaf.checkPrivateKey(createPrivateKey(pair.key))) throw new Error('the key is not that of the certificate');
      use(pair);
      const end = leaf.validToDate.getTime();
      expiry.set(end / 1000);
      const fields = { names: leaf.subjectAltName, expires: leaf.validToDate.toISOString(), serial: leaf.serialNumber };
      if (end > now()) {
        log.info(fields, 'certificate in service');
        onValid();
      } else {
        log.warn(fields, 'certificate in service has expired');
      }
    } catch (error) {
      log.warn({ err: error }, 'certificate not taken; the old one, if there is one, stays');
    }
  };
}
