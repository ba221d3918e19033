import { until } from '../wait.ts';
import type { Api } from './api.ts';
import { httpStatus } from './http-status.ts';
import type { Program } from './program.ts';
import { PORTS, SERVICE_RANGE } from './site.ts';
import type { Site } from './site.ts';

export const NODE_NAME = 'node-1';

// What applications notice. Each costs a part of the start; those for volumes, certificates and devices do nothing here.
// The Node's life cycle and the eviction by taint must not run: nobody sends heartbeats, so they would take the Pods away.
const CONTROLLERS = [
  'clusterrole-aggregation-controller',
  'cronjob-controller',
  'daemonset-controller',
  'deployment-controller',
  'disruption-controller',
  'endpointslice-controller',
  'garbage-collector-controller',
  'horizontal-pod-autoscaler-controller',
  'job-controller',
  'namespace-controller',
  'pod-garbage-collector-controller',
  'replicaset-controller',
  'resourcequota-controller',
  'root-ca-certificate-publisher-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'statefulset-controller',
];

/** Starts etcd and waits until it answers. */
export async function startEtcd(site: Site): Promise<Program> {
  const client = `http://${site.address}:${PORTS.etcd}`;
  const peer = `http://${site.address}:${PORTS.etcdPeer}`;
  const program = site.programs.start('etcd', [
    site.assets.etcd,
    `--data-dir=${site.directory}/etcd`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // The data need not outlive the machine, and the only member need not wait long for another to win.
    '--unsafe-no-fsync',
    '--heartbeat-interval=10',
    '--election-timeout=100',
    '--log-level=warn',
  ]);
  await until('etcd to be ready', async () => (await httpStatus(`${client}/health`)) === 200, {
    givesUp: () => program.assertRunning(),
  });
  return program;
}

/** Starts the API server and waits until all its checks pass. */
export async function startApiServer(site: Site, api: Api): Promise<Program> {
  const { files } = site;
  const program = site.programs.start('kube-apiserver', [
    site.assets.kubeApiserver,
    `--etcd-servers=http://${site.address}:${PORTS.etcd}`,
    // Without a default route it finds no address by itself; with the reconciler it would want other servers' leases.
    `--bind-address=${site.address}`,
    `--advertise-address=${site.address}`,
    `--secure-port=${PORTS.apiServer}`,
    '--endpoint-reconciler-type=none',
    `--service-cluster-ip-range=${SERVICE_RANGE}`,
    `--tls-cert-file=${files.apiServerCertificate}`,
    `--tls-private-key-file=${files.apiServerKey}`,
    '--authorization-mode=RBAC',
    `--token-auth-file=${files.accounts}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.tokenKey}`,
    `--service-account-signing-key-file=${files.tokenKey}`,
    // Webhooks named by Service are called at the Service's endpoints: there is no kube-proxy.
    '--enable-aggregator-routing=true',
    // It taints new Nodes until the node controller, which does not run here, says they are well.
    '--disable-admission-plugins=TaintNodesByCondition',
    '--allow-privileged=true',
    `--audit-policy-file=${files.auditPolicy}`,
    `--audit-log-path=${files.auditLog}`,
    // Megabytes; it must not be rotated under its reader.
    '--audit-log-maxsize=10000',
    '--profiling=false',
  ]);
  await until('the API server to be ready', async () => (await api.call('GET', '/readyz')).status === 200, {
    timeout: 60_000,
    givesUp: () => program.assertRunning(),
  });
  return program;
}

/** Every second, without the minutes for which Kubernetes distrusts new Pods and a falling load. */
const PROMPT_AUTOSCALING = [
  '--horizontal-pod-autoscaler-sync-period=1s',
  '--horizontal-pod-autoscaler-downscale-stabilization=1s',
  '--horizontal-pod-autoscaler-cpu-initialization-period=1s',
  '--horizontal-pod-autoscaler-initial-readiness-delay=1s',
];

/** Starts the controllers and waits until they have made what the first Pod needs. */
export async function startControllerManager(
  site: Site,
  api: Api,
  { promptAutoscaling }: { readonly promptAutoscaling: boolean },
): Promise<Program> {
  const { files } = site;
  const program = site.programs.start('kube-controller-manager', [
    site.assets.kubeControllerManager,
    `--kubeconfig=${files.controllerManagerKubeconfig}`,
    `--bind-address=${site.address}`,
    `--secure-port=${PORTS.controllerManager}`,
    `--service-account-private-key-file=${files.tokenKey}`,
    `--root-ca-file=${files.ca}`,
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    `--controllers=${CONTROLLERS.join(',')}`,
    // The default of 20 requests a second is for sparing a server that others use as well.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    ...(promptAutoscaling ? PROMPT_AUTOSCALING : []),
  ]);
  const namespace = '/api/v1/namespaces/default';
  await until(
    'the controllers to be ready',
    async () =>
      (await api.call('GET', `${namespace}/serviceaccounts/default`)).status === 200 &&
      (await api.call('GET', `${namespace}/configmaps/kube-root-ca.crt`)).status === 200,
    { givesUp: () => program.assertRunning() },
  );
  return program;
}

/** The endpoint controllers wait, with growing pauses, for a Pod's Node: it must be there before the Pod. */
export async function createNode(api: Api, address: string): Promise<void> {
  const path = `/api/v1/nodes/${NODE_NAME}`;
  await api.expect([201], 'POST', '/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: NODE_NAME, labels: { 'kubernetes.io/hostname': NODE_NAME, 'kubernetes.io/os': 'linux' } },
  });
  const resources = { cpu: '64', memory: '256Gi', pods: '1000', 'ephemeral-storage': '1Ti' };
  const status = {
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: NODE_NAME },
    ],
    capacity: resources,
    allocatable: resources,
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'ready for tests' }],
  };
  await api.expect([200], 'PATCH', `${path}/status`, { status }, 'application/merge-patch+json');
}
