import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { NO_FACTS } from '../../shared/cluster-facts.ts';
import type { ClusterFacts, Scaler, TargetService, TrafficFacts } from '../../shared/cluster-facts.ts';
import { fileFacts } from '../../cli/file-facts.ts';
import type { ServiceManifest } from '../../cli/file-facts.ts';
import type { Host } from '../../shared/host.ts';

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
  /** `<namespace>/<name>` of a Service → how it takes requests, over what its object says. */
  readonly services?: Readonly<Record<string, Partial<TargetService>>>;
}

/** What a case holds beside Deployments and Namespaces. */
export interface GoldenObjects {
  readonly hosts: readonly Host[];
  readonly services: readonly ServiceManifest[];
}

/** Without the file Istio is there, and nothing is known but what the objects say, as offline. */
export function readCluster(
  file: string,
  objects: GoldenObjects = { hosts: [], services: [] },
): { readonly istio: boolean; readonly facts: ClusterFacts } {
  const cluster = existsSync(file) ? (parse(readFileSync(file, 'utf8')) as GoldenCluster) : {};
  const { version, istio = true, addresses = {}, scalers = {}, autoscaled = [], services = {} } = cluster;
  const [major, minor] = version?.split('.').map(Number) ?? [];
  return {
    istio,
    facts: {
      ...NO_FACTS,
      ...(major !== undefined && minor !== undefined && { version: { major, minor } }),
      addresses: { ...NO_FACTS.addresses, byAddress: new Map(Object.entries(addresses)) },
      scalersOf: (namespace, name) => scalers[`${namespace}/${name}`] ?? [],
      isAutoscaled: (namespace, name) => autoscaled.includes(`${namespace}/${name}`),
      traffic: trafficOf(objects, services),
    },
  };
}

/** A Host with its status, where it has one; the kind is served where there is a Host. */
function trafficOf({ hosts, services }: GoldenObjects, said: NonNullable<GoldenCluster['services']>): TrafficFacts {
  const { traffic } = fileFacts(hosts, services);
  return {
    ...traffic,
    areHostsServed: hosts.length > 0,
    host: host => hosts.find(({ metadata }) => metadata.name === host),
    service(namespace, name) {
      const own = said[`${namespace}/${name}`];
      const known = traffic.service(namespace, name);
      return own === undefined ? known : { selects: true, ready: 1, endpoints: '', ...known, ...own };
    },
  };
}
