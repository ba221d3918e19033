import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ensureAssets } from './assets.ts';
import { run } from './command.ts';
import { copyLogs } from './logs.ts';
import { createApi } from './parts/api.ts';
import type { Api } from './parts/api.ts';
import { createAuditLog } from './parts/audit.ts';
import { createNode, NODE_NAME, startApiServer, startControllerManager, startEtcd } from './parts/control-plane.ts';
import { sendThrough } from './parts/gateway-request.ts';
import { createDefinitions, createGateway, createIstioNamespace, startEnvoy, startIstio } from './parts/istio.ts';
import { registerValidator } from './parts/istio-validator.ts';
import { claimNodeAddress } from './parts/node-address.ts';
import type { Program } from './parts/program.ts';
import { PORTS, prepareSite } from './parts/site.ts';
import type { Site } from './parts/site.ts';
import { isInSandbox } from './isolation.ts';
import type { Cluster, ClusterOptions, CommandOptions, CommandResult } from './types.ts';

const COMMAND_TIMEOUT_MS = 60_000;

/**
 * Starts a control plane and, unless told otherwise, Istio and Envoy; resolves when all of it answers.
 * Only inside a sandbox (`sandbox.ts`), where several clusters may run side by side.
 * Rejects with the end of the log of the part that failed; nothing runs on then, and the logs stay.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  if (!isInSandbox()) {
    throw new Error("a cluster runs only inside a sandbox: 'node test/cluster/sandbox.ts -- COMMAND…'");
  }
  const assets = await ensureAssets({ build: false });
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'cluster-'));
  mkdirSync(directory, { recursive: true });
  const node = await claimNodeAddress();
  const site = await prepareSite(directory, node.address, assets);
  const api = createApi({ url: site.url, ca: site.ca, token: site.adminToken });

  async function stop({ keep = false } = {}): Promise<void> {
    api.close();
    await site.programs.stopAll();
    await node.release();
    if (keep) return;
    // The sandbox keeps them when its command fails, and drops them with the rest otherwise.
    copyLogs(directory, join(tmpdir(), 'stopped', basename(directory)));
    rmSync(directory, { recursive: true, force: true });
  }

  try {
    return describe(site, api, await bringUp(site, api, options), stop);
  } catch (error) {
    await stop({ keep: true });
    throw error;
  }
}

/** Parts that a test may take away for a while. */
interface Store {
  readonly etcd: Program;
  readonly apiServer: Program;
}

/** Every part waits for the ones it needs, and for no other. */
async function bringUp(site: Site, api: Api, options: ClusterOptions): Promise<Store> {
  const { progress = silent, istio = true, istioCrds = istio, promptAutoscaling = false, controllers = true } = options;
  progress(`starting etcd and the API server on ${site.address}, waiting for its readiness checks`);
  const etcd = await startEtcd(site);
  const apiServer = await startApiServer(site, api);

  const definitions = istioCrds ? createDefinitions(site, api) : Promise.resolve();
  const parts: Promise<unknown>[] = [createNode(api, site.address), definitions];
  if (controllers) {
    progress('starting the controller-manager, waiting for the first service account');
    parts.push(startControllerManager(site, api, { promptAutoscaling }));
  }
  if (istio) {
    progress("starting Istio and Envoy, waiting for the gateway's port and for Istio's webhook to refuse");
    const namespace = createIstioNamespace(api);
    const discovery = startIstio(site);
    const gateway = Promise.all([definitions, namespace]).then(() => createGateway(site, api));
    parts.push(
      Promise.all([discovery, gateway]).then(() => startEnvoy(site)),
      Promise.all([discovery, gateway]).then(() => registerValidator(site, api)),
    );
  }
  await Promise.all(parts);
  progress(`the cluster is up: ${site.files.kubeconfig}`);
  return { etcd, apiServer };
}

function describe(site: Site, api: Api, store: Store, stop: Cluster['stop']): Cluster {
  const { assets, directory, files } = site;
  const gateway = { address: site.address, port: PORTS.gateway };
  const auditLog = createAuditLog(files.auditLog, api);
  let { apiServer } = store;

  const command = (program: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> => {
    const { timeout = COMMAND_TIMEOUT_MS, ...rest } = options;
    return run(program, args, { ...rest, timeout, env: commandEnvironment(site) });
  };

  return {
    directory,
    kubeconfig: files.kubeconfig,
    apiServer: {
      url: site.url,
      caFile: files.ca,
      token: site.adminToken,
      certificateFile: files.apiServerCertificate,
      keyFile: files.apiServerKey,
    },
    nodeName: NODE_NAME,
    nodeAddress: site.address,
    gateway,
    api: (method, path, body, contentType) => api.call(method, path, body, contentType),
    kubectl: (args, options) => command(assets.kubectl, args, options),
    helm: (args, options) => command(assets.helm, args, options),
    send: request => sendThrough(gateway, request),
    audit: since => auditLog.read(since),
    installIstioCrds: () => createDefinitions(site, api),
    stopApiServer: () => apiServer.stop(),
    async startApiServer() {
      apiServer = await startApiServer(site, api);
    },
    pauseEtcd: () => store.etcd.pause(),
    resumeEtcd: () => store.etcd.resume(),
    stop,
  };
}

/** kubectl and helm find the cluster, and keep their caches in its folder. */
function commandEnvironment({ directory, files }: Site): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: join(directory, 'home'),
    KUBECONFIG: files.kubeconfig,
    HELM_CACHE_HOME: join(directory, 'helm/cache'),
    HELM_CONFIG_HOME: join(directory, 'helm/config'),
    HELM_DATA_HOME: join(directory, 'helm/data'),
  };
}

function silent(): void {
  // Nothing is asked to be printed.
}
