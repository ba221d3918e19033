import { mkdirSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Assets } from '../assets.ts';
import { AUDIT_POLICY } from './audit.ts';
import { createCertificates, createTokenKey } from './certificates.ts';
import { createPrograms } from './program.ts';
import type { Programs } from './program.ts';

export const SERVICE_RANGE = '10.96.0.0/16';
const FIRST_SERVICE_ADDRESS = '10.96.0.1';
const KUBERNETES_NAMES = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

/** The same for every cluster: each has an address of its own. */
export const PORTS = {
  etcd: 2379,
  etcdPeer: 2380,
  apiServer: 6443,
  controllerManager: 10257,
  istioDiscovery: 15010,
  istioDebug: 15014,
  istioValidation: 15017,
  envoyAdmin: 15000,
  gateway: 8080,
} as const;

// Programs are known by name, so that the audit log tells who wrote what.
const ACCOUNTS = {
  admin: { user: 'admin', groups: 'system:masters' },
  controllerManager: { user: 'system:kube-controller-manager', groups: '' },
  istio: { user: 'istiod', groups: 'system:masters' },
} as const;

/** Where a cluster lives: its folder with all files written, its address, and the programs that run there. */
export interface Site {
  readonly directory: string;
  readonly address: string;
  readonly assets: Assets;
  readonly url: string;
  readonly adminToken: string;
  /** PEM. */
  readonly ca: string;
  /** Paths. */
  readonly files: Readonly<Record<keyof ReturnType<typeof filesIn>, string>>;
  readonly programs: Programs;
}

/** Writes keys, certificates, accounts and kubeconfigs into the folder. */
export async function prepareSite(directory: string, address: string, assets: Assets): Promise<Site> {
  for (const folder of ['logs', 'pki', 'home']) mkdirSync(join(directory, folder), { recursive: true });
  const files = filesIn(directory);
  const url = `https://${address}:${PORTS.apiServer}`;

  const { authority, serving } = await createCertificates([
    [...KUBERNETES_NAMES, 'localhost', address, '127.0.0.1', FIRST_SERVICE_ADDRESS],
    ['istiod.istio-system.svc', address],
  ]);
  const [apiServer, istio] = serving;
  if (apiServer === undefined || istio === undefined) throw new Error('fewer certificates than asked for');
  writeFileSync(files.ca, authority);
  writeFileSync(files.apiServerCertificate, apiServer.certificate);
  writeFileSync(files.apiServerKey, apiServer.key, { mode: 0o600 });
  writeFileSync(files.istioCertificate, istio.certificate);
  writeFileSync(files.istioKey, istio.key, { mode: 0o600 });
  writeFileSync(files.tokenKey, createTokenKey(), { mode: 0o600 });
  writeFileSync(files.auditPolicy, JSON.stringify(AUDIT_POLICY));

  const tokens = { admin: randomUUID(), controllerManager: randomUUID(), istio: randomUUID() };
  const accounts = (['admin', 'controllerManager', 'istio'] as const).map(name => {
    const { user, groups } = ACCOUNTS[name];
    return `${tokens[name]},${user},${user},"${groups}"\n`;
  });
  writeFileSync(files.accounts, accounts.join(''), { mode: 0o600 });
  const kubeconfig = (token: string) => JSON.stringify(kubeconfigOf(url, authority, token), undefined, 2);
  writeFileSync(files.kubeconfig, kubeconfig(tokens.admin), { mode: 0o600 });
  writeFileSync(files.controllerManagerKubeconfig, kubeconfig(tokens.controllerManager), { mode: 0o600 });
  writeFileSync(files.istioKubeconfig, kubeconfig(tokens.istio), { mode: 0o600 });

  return {
    directory,
    address,
    assets,
    url,
    adminToken: tokens.admin,
    ca: authority,
    files,
    programs: createPrograms(join(directory, 'logs'), join(directory, 'home')),
  };
}

function filesIn(directory: string) {
  return {
    kubeconfig: join(directory, 'kubeconfig'),
    controllerManagerKubeconfig: join(directory, 'controller-manager.kubeconfig'),
    istioKubeconfig: join(directory, 'istio.kubeconfig'),
    accounts: join(directory, 'accounts.csv'),
    ca: join(directory, 'pki/ca.crt'),
    apiServerCertificate: join(directory, 'pki/kube-apiserver.crt'),
    apiServerKey: join(directory, 'pki/kube-apiserver.key'),
    istioCertificate: join(directory, 'pki/istio.crt'),
    istioKey: join(directory, 'pki/istio.key'),
    tokenKey: join(directory, 'pki/service-accounts.key'),
    auditPolicy: join(directory, 'audit-policy.json'),
    auditLog: join(directory, 'logs/audit.log'),
    envoyBootstrap: join(directory, 'envoy.json'),
  };
}

/** JSON is YAML, so every reader of kubeconfigs reads this. */
function kubeconfigOf(server: string, ca: string, token: string): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
}
