import forge from 'node-forge';
import { generateKeyPairSync, randomBytes } from 'node:crypto';

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
  authority.sign(keys.private, forge.md.sha256.create());

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
      leaf.sign(keys.private, forge.md.sha256.create());
      return { cert: forge.pki.certificateToPem(leaf), key: leafKeys.pem };
    },
  };
}

function newKeys() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const forgeKey = forge.pki.privateKeyFromPem(pem);
  return { pem, private: forgeKey, public: forge.pki.setRsaPublicKey(forgeKey.n, forgeKey.e) };
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
