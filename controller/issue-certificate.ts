import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';

const { pki } = forge;
const newKeyPair = promisify(generateKeyPair);

export interface IssueRequest {
  /** The first one is the common name as well. */
  readonly dnsNames: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** All in PEM. */
export interface IssuedCertificate {
  /** Self-signed; its key was thrown away, so that it never signs anything else. */
  readonly authority: string;
  readonly certificate: string;
  /** PKCS#8. */
  readonly privateKey: string;
}

/** Makes an authority of its own for one serving certificate. Signing blocks the event loop for about 40 ms, twice. */
export async function issueCertificate(request: IssueRequest): Promise<IssuedCertificate> {
  const [authorityKeys, keys] = await Promise.all([rsaKeys(), rsaKeys()]);
  // The serial in the name tells authorities apart that trust bundles hold side by side.
  const serial = serialNumber();
  const issuer = [{ name: 'commonName', value: `waymark-ca-${serial.slice(0, 12)}` }];

  const authority = unsigned(authorityKeys.publicKey, serial, request);
  authority.setSubject(issuer);
  authority.setIssuer(issuer);
  authority.setExtensions([
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  authority.sign(pki.privateKeyFromPem(authorityKeys.privateKey), forge.md.sha256.create());

  const leaf = unsigned(keys.publicKey, serialNumber(), request);
  // A common name holds 64 characters; the names that count are the alternative ones.
  leaf.setSubject([{ name: 'commonName', value: (request.dnsNames[0] ?? '').slice(0, 64) }]);
  leaf.setIssuer(issuer);
  leaf.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: request.dnsNames.map(value => ({ type: 2, value })) },
    { name: 'authorityKeyIdentifier', keyIdentifier: authority.generateSubjectKeyIdentifier().getBytes() },
  ]);
  leaf.sign(pki.privateKeyFromPem(authorityKeys.privateKey), forge.md.sha256.create());

  return {
    authority: pem(authority),
    certificate: pem(leaf),
    privateKey: keys.privateKey,
  };
}

/** The library ends lines as Windows does; bundles that are taken apart and joined again must stay the same text. */
function pem(certificate: forge.pki.Certificate): string {
  return pki.certificateToPem(certificate).replaceAll('\r\n', '\n');
}

/** By Node's crypto, on its thread pool: the library's own would block the event loop for up to a second. */
async function rsaKeys(): Promise<{ publicKey: string; privateKey: string }> {
  return newKeyPair('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

function unsigned(publicKey: string, serial: string, { notBefore, notAfter }: IssueRequest): forge.pki.Certificate {
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = serial;
  certificate.validity.notBefore = new Date(notBefore);
  certificate.validity.notAfter = new Date(notAfter);
  return certificate;
}

/** 126 random bits in 16 octets: the two highest bits are 01, so that it is positive and never starts with zeros. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes.toString('hex');
}
