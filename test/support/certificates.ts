import forge from 'node-forge';
import { constants, generateKeyPairSync, privateEncrypt, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export interface TestCertificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

export interface TestAuthority extends TestCertificate {
  issue(options: IssueOptions): TestCertificate;
}

export interface IssueOptions {
  readonly names: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const DAY = 86_400_000;

/** A CA for one test run; its certificates are accepted by whoever is given `cert` as `ca`. */
export function createAuthority(commonName = 'test authority'): TestAuthority {
  const keys = newKeys();
  const authority = newCertificate(commonName, keys.public, {});
  authority.setIssuer(authority.subject.attributes);
  authority.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ]);
  sign(authority, keys.private);

  return {
    cert: forge.pki.certificateToPem(authority),
    key: keys.pem,
    issue({ names, ...validity }) {
      const leafKeys = newKeys();
      const leaf = newCertificate(names[0] ?? 'localhost', leafKeys.public, validity);
      leaf.setIssuer(authority.subject.attributes);
      leaf.setExtensions([
        { name: 'basicConstraints', cA: false },
        { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        { name: 'subjectAltName', altNames: names.map(name => ({ type: 2, value: name })) },
      ]);
      sign(leaf, keys.private);
      return { cert: forge.pki.certificateToPem(leaf), key: leafKeys.pem };
    },
  };
}

function newKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    private: privateKey,
    public: forge.pki.publicKeyFromPem(publicKey.export({ type: 'spki', format: 'pem' }) as string),
  };
}

/** DER of `DigestInfo` for SHA-256 up to the digest itself: RFC 8017, section 9.2, note 1. */
const SHA256_DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/** With the native key: the library's own arithmetic takes seconds inside jest. */
function sign(certificate: forge.pki.Certificate, key: KeyObject): void {
  const signer = {
    sign(md: forge.md.MessageDigest) {
      const digest = Buffer.from(md.digest().getBytes(), 'latin1');
      const padded = { key, padding: constants.RSA_PKCS1_PADDING };
      return privateEncrypt(padded, Buffer.concat([SHA256_DIGEST_INFO, digest])).toString('latin1');
    },
  };
  certificate.sign(signer as unknown as forge.pki.rsa.PrivateKey, forge.md.sha256.create());
}

function newCertificate(
  commonName: string,
  publicKey: forge.pki.rsa.PublicKey,
  { notBefore = new Date(Date.now() - DAY), notAfter = new Date(Date.now() + DAY) }: Omit<IssueOptions, 'names'>,
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  // A leading byte below 0x80 keeps the number positive.
  certificate.serialNumber = `01${randomBytes(8).toString('hex')}`;
  certificate.validity.notBefore = notBefore;
  certificate.validity.notAfter = notAfter;
  certificate.setSubject([{ name: 'commonName', value: commonName }]);
  return certificate;
}
