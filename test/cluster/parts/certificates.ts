import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** PEM texts. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** DNS names and IP addresses of one server. */
export type ServingNames = readonly string[];

export interface Certificates {
  /** PEM; its key is not kept. */
  readonly authority: string;
  /** In the order of the names asked for. */
  readonly serving: readonly KeyPair[];
}

/**
 * Makes an authority and has it issue serving certificates.
 * In a thread of its own: in jest's module sandbox the arithmetic takes seconds instead of a tenth of one.
 */
export async function createCertificates(serving: readonly ServingNames[]): Promise<Certificates> {
  const worker = new Worker(new URL('certificate-worker.ts', import.meta.url), { workerData: serving });
  const [certificates] = (await once(worker, 'message')) as [Certificates];
  return certificates;
}

/** The key that signs service account tokens; PEM. */
export function createTokenKey(): string {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    // The API server takes the public half from a private key only in this form.
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return privateKey;
}
