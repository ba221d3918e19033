import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { NO_FACTS } from '../../shared/cluster-facts.ts';
import type { ClusterFacts, Scaler } from '../../shared/cluster-facts.ts';

/** `cluster.yaml` of a golden case: what is known of the cluster beside its objects. All of it may be left out. */
interface GoldenCluster {
  /** Of the API server, such as '1.36'. */
  readonly version?: string;
  /** Whether Istio's kinds are served. */
  readonly istio?: boolean;
  /** Address → what has it. */
  readonly addresses?: Readonly<Record<string, string>>;
  /** `<namespace>/<name>` of a Deployment → other autoscalers that have it as their target. */
  readonly scalers?: Readonly<Record<string, readonly Scaler[]>>;
  /** `<namespace>/<name>` of Deployments that an autoscaler of Waymark drives. */
  readonly autoscaled?: readonly string[];
}

/** Without the file Istio is there and nothing else is known, as offline. */
export function readCluster(file: string): { readonly istio: boolean; readonly facts?: ClusterFacts } {
  if (!existsSync(file)) return { istio: true };
  const cluster = parse(readFileSync(file, 'utf8')) as GoldenCluster;
  const { version, istio = true, addresses = {}, scalers = {}, autoscaled = [] } = cluster;
  const [major, minor] = version?.split('.').map(Number) ?? [];
  return {
    istio,
    facts: {
      ...NO_FACTS,
      ...(major !== undefined && minor !== undefined && { version: { major, minor } }),
      addresses: { ...NO_FACTS.addresses, byAddress: new Map(Object.entries(addresses)) },
      scalersOf: (namespace, name) => scalers[`${namespace}/${name}`] ?? [],
      isAutoscaled: (namespace, name) => autoscaled.includes(`${namespace}/${name}`),
    },
  };
}
