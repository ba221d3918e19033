import { afterEach, beforeEach } from '@jest/globals';
import { startController } from '../../controller/start.ts';
import type { ControllerOptions, RunningController } from '../../controller/start.ts';
import { RESOURCES } from '../../kube/resources.ts';
import type { KubeObject, Resource } from '../../kube/types.ts';
import type { HostStatus } from '../../shared/host.ts';
import { defaultSettings } from '../../shared/settings-file.ts';
import { startApiServer } from './api-server/server.ts';
import type { ApiServer } from './api-server/server.ts';
import { definitionOf } from './definitions.ts';
import { silentLog } from './silent-log.ts';
import { until } from './until.ts';

/** Without paths of models, so that a group is what its test speaks of. */
export const settings = {
  ...defaultSettings,
  domain: 'models.example.com',
  ingressHost: 'shared.example.com',
  modelPrefix: '',
};

/** The whole controller over an API server in memory. New for every test. */
export interface ControllerCluster {
  readonly server: ApiServer;
  readonly logged: string[];
  /** Decides for every request of a living controller. */
  fault: ApiServer['fault'];
  /** As the installation of its CustomResourceDefinition. */
  serve(resource: Resource): void;
  start(options?: Partial<ControllerOptions>): Promise<RunningController>;
  /** As the end of the process: nothing is finished and nothing given up. */
  kill(controller: RunningController): void;
  deploy(name: string, config?: string, more?: DeploymentDetails): KubeObject;
  /** As deploying it without its annotation. */
  strip(name: string): void;
  get(resource: Resource, name: string, namespace?: string): KubeObject | undefined;
  /** `Kind namespace/name` of everything that has our label, sorted. */
  built(): readonly string[];
  /** `verb path` of what the controller wrote since the last call; not its Lease. */
  writes(): readonly string[];
  /** Reasons of the Events on a Deployment. */
  reasons(name: string): readonly string[];
  /** Until nothing is written any more, and nothing is under way. */
  quiet(): Promise<void>;
}

export interface DeploymentDetails {
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly createdAt?: string;
}

/** As the webhook leaves it: it has looked at the one container. */
const INJECTED = { 'waymark.dev/injected': '{"web":[]}' };

const CHILD_KINDS = [RESOURCES.services, RESOURCES.horizontalPodAutoscalers, RESOURCES.virtualServices];

/** What the name of a Deployment says of itself: `tfserving-resnet50-20240501`. */
export function serviceConfig(name: string, ...lines: readonly string[]): string {
  const [type = '', model = '', version = ''] = name.split('-');
  return [
    'apiVersion: waymark.dev/v1',
    'kind: InferenceService',
    `type: ${type}`,
    `model: ${model}`,
    `version: v${version}`,
    ...lines,
    '',
  ].join('\n');
}

export function useControllerCluster(): () => ControllerCluster {
  let current: ControllerCluster | undefined;
  let close: () => Promise<void>;

  beforeEach(async () => {
    const opened = await openCluster();
    current = opened.cluster;
    close = opened.close;
  });
  afterEach(() => close());

  return () => {
    if (current === undefined) throw new Error('only inside a test');
    return current;
  };
}

async function openCluster(): Promise<{ cluster: ControllerCluster; close: () => Promise<void> }> {
  const server = await startApiServer(Object.values(RESOURCES));
  const running = new Set<RunningController>();
  const logged: string[] = [];
  const tokens = new Map<RunningController, string>();
  /** Of processes that were killed: nothing that they still send arrives. */
  const dead = new Set<string>();
  let writesSeen = 0;
  let fault: ControllerCluster['fault'] = () => undefined;
  server.fault = request => (dead.has(request.authorization) ? 'reset' : fault(request));

  for (const name of ['shop', 'other']) {
    server.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  // The user's own certificate: none is made, which takes seconds under jest.
  server.put({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'waymark-webhook-tls', namespace: 'waymark-system' },
  });

  function written(): readonly string[] {
    return server.requests
      .filter(({ method, url }) => method !== 'GET' && !url.includes('/leases'))
      .map(({ method, url }) => `${method} ${url.split('?')[0] ?? ''}`);
  }

  /** Whether a host has routes of which its Host does not say yet that gateways have them. */
  function isRouting(): boolean {
    return server
      .collection(RESOURCES.virtualServices)
      .list()
      .some(({ metadata: { name } }) => {
        const host = server.collection(RESOURCES.hosts).get('', name.replace(/\.0$/, ''));
        const { conditions = [] } = (host?.['status'] ?? {}) as Partial<HostStatus>;
        return (
          host !== undefined && !conditions.some(({ type, reason }) => type === 'Programmed' && reason !== 'Pending')
        );
      });
  }

  const cluster: ControllerCluster = {
    server,
    logged,
    get fault() {
      return fault;
    },
    set fault(next) {
      fault = next;
    },
    serve(resource) {
      server.store.serve(resource);
      server.put(definitionOf(resource));
    },
    async start(options = {}) {
      const token = `Bearer controller-${tokens.size}`;
      const { tls } = await server.credentials.access();
      const started = await startController({
        settings,
        metricsPort: 0,
        host: '127.0.0.1',
        leaderElection: false,
        lease: 'waymark-controller',
        tlsSecret: 'waymark-webhook-tls',
        webhookService: 'waymark-webhook',
        webhookConfiguration: 'waymark',
        certificateValidity: 90 * 86_400_000,
        namespaces: [],
        log: silentLog(logged),
        credentials: {
          ...server.credentials,
          access: () => Promise.resolve({ headers: { authorization: token }, tls }),
        },
        ...options,
      });
      const controller: RunningController = {
        ...started,
        close() {
          running.delete(controller);
          return started.close();
        },
      };
      running.add(controller);
      tokens.set(controller, token);
      return controller;
    },
    kill(controller) {
      running.delete(controller);
      dead.add(tokens.get(controller) ?? '');
      for (const watch of server.watches()) watch.reset();
      void controller.close();
    },
    deploy(name, config, { namespace = 'shop', annotations = {}, createdAt } = {}) {
      const before = cluster.get(RESOURCES.deployments, name, namespace);
      return server.put({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: {
          name,
          namespace,
          annotations: {
            ...(config !== undefined && { 'waymark.dev/config': config, ...INJECTED }),
            ...annotations,
          },
          ...(createdAt !== undefined && { creationTimestamp: createdAt }),
        },
        spec: before?.['spec'] ?? {
          replicas: 1,
          selector: { matchLabels: { app: name } },
          template: {
            metadata: { labels: { app: name } },
            spec: {
              containers: [
                {
                  name: 'web',
                  image: 'web:1',
                  ports: [{ name: 'http', containerPort: 8501 }],
                  resources: { requests: { cpu: '100m', memory: '1Gi' } },
                },
              ],
            },
          },
        },
      });
    },
    strip: name => void cluster.deploy(name),
    get: (resource, name, namespace = 'shop') => server.collection(resource).get(namespace, name),
    built: () =>
      CHILD_KINDS.flatMap(resource =>
        server
          .collection(resource)
          .list()
          .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/managed-by'] === 'waymark')
          .map(({ metadata }) => `${resource.kind} ${metadata.namespace ?? ''}/${metadata.name}`),
      ).sort(),
    writes() {
      const all = written();
      const fresh = all.slice(writesSeen);
      writesSeen = all.length;
      return fresh;
    },
    reasons: name =>
      server
        .collection(RESOURCES.events)
        .list()
        .filter(event => (event['involvedObject'] as { name: string }).name === name)
        .map(event => String(event['reason'])),
    async quiet() {
      let last = -1;
      let since = performance.now();
      await until('nothing happens any more', () => {
        if (server.requests.length !== last) {
          last = server.requests.length;
          since = performance.now();
        }
        return performance.now() - since > QUIET && (running.size === 0 || !isRouting());
      });
    },
  };
  return {
    cluster,
    async close() {
      await Promise.all([...running].map(controller => controller.close()));
      await server.close();
    },
  };
}

/** Milliseconds without a request: a hundred times what the controller needs between two. */
const QUIET = 200;
