import { X509Certificate, createPrivateKey } from 'node:crypto';

/** What the Secret of the webhook holds, in PEM. */
export interface ServingCertificate {
  readonly certificate: string;
  readonly privateKey: string;
  /** Authorities that clients trust: the one of the certificate, and those of earlier ones. */
  readonly authorities: readonly string[];
}

/** One certificate after the other, as PEM texts. */
export function splitPem(bundle: string): readonly string[] {
  return (bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []).map(pem => `${pem}\n`);
}

/** Those that are certificates and not expired, each once, in order. */
export function unexpired(certificates: readonly string[], now: number): readonly string[] {
  return [...new Set(certificates)].filter(pem => {
    const parsed = parseCertificate(pem);
    return parsed !== undefined && validTo(parsed) > now;
  });
}

/** Undefined for what is no certificate. */
export function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** Milliseconds since the epoch. */
export function validTo(certificate: X509Certificate): number {
  return Date.parse(certificate.validTo);
}

function validFrom(certificate: X509Certificate): number {
  return Date.parse(certificate.validFrom);
}

/** Why a certificate cannot serve under these names; undefined = it can. */
export function unfitness(
  { certificate, privateKey, authorities }: ServingCertificate,
  dnsNames: readonly string[],
  now: number,
): string | undefined {
  const leaf = parseCertificate(certificate);
  if (leaf === undefined) return 'it is no certificate';
  if (validTo(leaf) <= now) return 'it has expired';
  if (!hasKey(leaf, privateKey)) return 'it has another key';
  const missing = dnsNames.find(name => leaf.checkHost(name) === undefined);
  if (missing !== undefined) return `it is not for ${missing}`;
  const isIssued = authorities.some(pem => {
    const authority = parseCertificate(pem);
    return authority !== undefined && leaf.checkIssued(authority) && leaf.verify(authority.publicKey);
  });
  return isIssued ? undefined : 'its authority is not among the trusted ones';
}

function hasKey(leaf: X509Certificate, privateKey: string): boolean {
  try {
    return leaf.checkPrivateKey(createPrivateKey(privateKey));
  } catch {
    return false;
  }
}

/**
 * When a new one is due: after two thirds of its life, or of the life that one made now would have, whatever is
 * earlier, so that a shorter validity holds from the next start on.
 */
export function rotateAt(pem: string, validity: number): number {
  const leaf = parseCertificate(pem);
  if (leaf === undefined) return -Infinity;
  const from = validFrom(leaf);
  const life = Math.min(validTo(leaf) - from, validity);
  return from + (life * 2) / 3;
}
