import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import forge from 'node-forge';
import type { Certificates, KeyPair, ServingNames } from './certificates.ts';

const HOUR_MS = 3_600_000;
// A developer's cluster may stay up over a holiday; nothing here leaves the machine.
const LIFE_MS = 60 * 24 * HOUR_MS;

/** A certificate authority for one cluster. */
function createAuthority(): KeyPair {
  const subject = [{ name: 'commonName', value: 'cluster authority' }];
  return sign(subject, [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
}

/** A serving certificate for DNS names and IP addresses. */
function issueServing(authority: KeyPair, names: readonly string[]): KeyPair {
  const subject = [{ name: 'commonName', value: names[0] ?? '' }];
  const altNames = names.map(name => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name }));
  return sign(
    subject,
    [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ],
    authority,
  );
}

function sign(subject: forge.pki.CertificateField[], extensions: unknown[], authority?: KeyPair): KeyPair {
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(keys.publicKey);
  // Positive, and without zeros in front, which Go refuses.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(Date.now() - HOUR_MS);
  certificate.validity.notAfter = new Date(Date.now() + LIFE_MS);
  certificate.setSubject(subject);
  certificate.setIssuer(
    authority === undefined ? subject : forge.pki.certificateFromPem(authority.certificate).subject.attributes,
  );
  certificate.setExtensions(extensions as object[]);
  certificate.sign(forge.pki.privateKeyFromPem(authority?.key ?? keys.privateKey), forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate), key: keys.privateKey };
}

const authority = createAuthority();
const certificates: Certificates = {
  authority: authority.certificate,
  serving: (workerData as readonly ServingNames[]).map(names => issueServing(authority, names)),
};
parentPort?.postMessage(certificates);
