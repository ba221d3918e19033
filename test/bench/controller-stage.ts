import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { RESOURCES } from '../../kube/resources.ts';
import type { Resource } from '../../kube/types.ts';
import { startCluster } from '../cluster/cluster.ts';
import { SYSTEM_NAMESPACE } from '../cluster/install.ts';
import type { Cluster } from '../cluster/types.ts';
import { sumOf } from '../integration/waymark-pods.ts';
import { createClient } from './controller-client.ts';
import type { Client } from './controller-client.ts';
import { startControllerProcess } from './controller-program.ts';
import type { ControllerProcess } from './controller-program.ts';
import { SETTINGS, namespacesOfStock, post } from './controller-stock.ts';

const CHART = join(import.meta.dirname, '../../charts/waymark');
/** Of what the chart renders: there are no Pods here, and no webhook. */
const CREATED: Readonly<Record<string, string>> = {
  CustomResourceDefinition: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  ServiceAccount: `/api/v1/namespaces/${SYSTEM_NAMESPACE}/serviceaccounts`,
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  Role: `/apis/rbac.authorization.k8s.io/v1/namespaces/${SYSTEM_NAMESPACE}/roles`,
  RoleBinding: `/apis/rbac.authorization.k8s.io/v1/namespaces/${SYSTEM_NAMESPACE}/rolebindings`,
};
const ACCOUNT = 'waymark-controller';
const ADMINISTRATORS_CONNECTIONS = 16;

const VERBS = ['APPLY', 'PATCH', 'POST', 'PUT', 'DELETE'];
const WRITTEN: readonly Resource[] = [
  RESOURCES.services,
  RESOURCES.horizontalPodAutoscalers,
  RESOURCES.virtualServices,
  RESOURCES.hosts,
  RESOURCES.deployments,
  RESOURCES.events,
  RESOURCES.configMaps,
  RESOURCES.secrets,
];

/** An API server with etcd and no controllers, and the rights of Waymark's controller from its chart. */
export interface Stage {
  readonly admin: Client;
  /** With the controller's own account, and so many connections. */
  asController(connections: number): Client;
  startController(profile?: string): Promise<ControllerProcess>;
  /** Writes to kinds that the controller writes, its Lease left out, by the API server's own count. */
  writes(): Promise<number>;
  stop(): Promise<void>;
}

/** `program`: the packed `bin/waymark.js`. */
export async function openStage(program: string): Promise<Stage> {
  const cluster = await startCluster({ istio: false, istioCrds: true, controllers: false });
  try {
    return await furnish(cluster, program);
  } catch (error) {
    await cluster.stop({ keep: true });
    throw error;
  }
}

async function furnish(cluster: Cluster, program: string): Promise<Stage> {
  const { url, caFile, token } = cluster.apiServer;
  const ca = readFileSync(caFile, 'utf8');
  const admin = createClient({ url, ca, token, connections: ADMINISTRATORS_CONNECTIONS, userAgent: 'bench' });
  for (const name of [SYSTEM_NAMESPACE, ...namespacesOfStock()]) {
    await admin.send(post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  }
  for (const object of await rendered(cluster)) {
    const path = CREATED[object.kind];
    if (path !== undefined) await admin.send(post(path, object));
  }
  const accountToken = await tokenOf(admin);
  const kubeconfig = join(cluster.directory, 'controller.kubeconfig');
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigOf(url, caFile, accountToken)), { mode: 0o600 });
  const settingsFile = join(cluster.directory, 'settings.yaml');
  writeFileSync(settingsFile, SETTINGS);
  const logFile = join(cluster.directory, 'logs', 'waymark-controller.log');

  return {
    admin,
    asController: connections => createClient({ url, ca, token: accountToken, connections, userAgent: 'bare-loop' }),
    startController: profile => startControllerProcess({ program, kubeconfig, settingsFile, logFile, profile }),
    async writes() {
      const { body } = await cluster.api('GET', '/metrics');
      const counts = WRITTEN.flatMap(({ plural: resource }) =>
        VERBS.map(verb => sumOf(String(body), 'apiserver_request_total', { verb, resource })),
      );
      return counts.filter(count => !Number.isNaN(count)).reduce((sum, count) => sum + count, 0);
    },
    async stop() {
      await admin.close();
      await cluster.stop();
    },
  };
}

interface Rendered {
  readonly kind: string;
}

async function rendered(cluster: Cluster): Promise<readonly Rendered[]> {
  const { code, stdout, stderr } = await cluster.helm(['template', 'waymark', CHART, '--namespace', SYSTEM_NAMESPACE]);
  if (code !== 0) throw new Error(`helm template ended with ${code}: ${stderr}`);
  return parseAllDocuments(stdout).flatMap(one => (one.toJS() as Rendered | null) ?? []);
}

async function tokenOf(admin: Client): Promise<string> {
  const path = `/api/v1/namespaces/${SYSTEM_NAMESPACE}/serviceaccounts/${ACCOUNT}/token`;
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 86_400 } };
  const answer = (await admin.ask(post(path, request))) as { readonly status: { readonly token: string } };
  return answer.status.token;
}

function kubeconfigOf(server: string, caFile: string, token: string): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    clusters: [{ name: 'bench', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: 'bench', user: { token } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
  };
}
