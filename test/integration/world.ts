import { startCluster } from '../cluster/cluster.ts';
import { SYSTEM_NAMESPACE, installWaymark } from '../cluster/install.ts';
import { startKubelet } from '../cluster/kubelet/start.ts';
import { productionImages } from '../cluster/pack.ts';
import type { Cluster, CommandOptions, CommandResult, Images, Kubelet } from '../cluster/types.ts';

export const SYSTEM = SYSTEM_NAMESPACE;
export const DOMAIN = 'service.example.com';
export const INGRESS_HOST = 'models.example.com';

export interface WorldOptions {
  /** Of the chart, over the ones that every world has. */
  readonly values?: Values;
  /** Whether Waymark is installed; default true. */
  readonly waymark?: boolean;
  /** Istio and Envoy, for tests that send requests; default false: its definitions alone. */
  readonly istio?: boolean;
  /** Default true. */
  readonly istioCrds?: boolean;
  readonly promptAutoscaling?: boolean;
  /** Other programs for images, made when the control plane is there; default: those of production. */
  readonly images?: (images: Images, cluster: Cluster) => Promise<Images>;
  /** As a kubelet has it. */
  readonly longestBackoff?: number;
}

export type Values = Readonly<Record<string, unknown>>;

/** A control plane, a node whose Pods really run, and Waymark installed by helm. */
export interface World {
  readonly cluster: Cluster;
  readonly kubelet: Kubelet;
  /** Installs or upgrades, with values over the world's own. */
  install(values?: Values): Promise<void>;
  /** As `cluster.kubectl`, but rejects when the command fails. */
  kubectl(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
}

/** One replica of each and a short goodbye: what a test does not look at must not cost time. */
const WORLD_VALUES = {
  settings: { domain: DOMAIN, ingressHost: INGRESS_HOST },
  webhook: { replicas: 1, preStopSeconds: 1 },
  controller: { replicas: 1 },
};

/** Of the worlds of this test file, in the order of their start: also of one that never got ready. */
const ends: (() => Promise<void>)[] = [];

/** About 20 s. Whatever becomes of it, `stopWorlds` ends it; logs are kept when the tests of the sandbox fail. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { values = {}, waymark = true, istio = false, istioCrds = true, promptAutoscaling = false } = options;
  const packed = await productionImages();
  const cluster = await startCluster({ istio, istioCrds, promptAutoscaling });
  ends.push(() => cluster.stop());
  const images = await (options.images?.(packed, cluster) ?? packed);
  const { longestBackoff } = options;
  const kubelet = await startKubelet({ cluster, images, ...(longestBackoff !== undefined && { longestBackoff }) });
  ends.push(() => kubelet.stop());

  const install: World['install'] = more =>
    installWaymark(cluster, { values: merged(merged(WORLD_VALUES, values), more ?? {}) });
  if (waymark) await install();

  return {
    cluster,
    kubelet,
    install,
    async kubectl(args, commandOptions) {
      const result = await cluster.kubectl(args, commandOptions);
      if (result.code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${result.code}:\n${result.stderr}`);
      return result;
    },
  };
}

/** For `afterAll`. */
export async function stopWorlds(): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end();
}

/** `kubectl apply -f -` of objects, as their user would. */
export async function apply(world: World, ...objects: readonly object[]): Promise<CommandResult> {
  return world.kubectl(['apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  });
}

/** Objects are merged, everything else is replaced. */
function merged(base: Values, over: Values): Values {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isMap(below) && isMap(value) ? merged(below, value) : value;
  }
  return result;
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
