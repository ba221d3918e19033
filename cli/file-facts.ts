import { NO_FACTS } from '../shared/cluster-facts.ts';
import type { ClusterFacts, TargetService } from '../shared/cluster-facts.ts';
import type { Host } from '../shared/host.ts';

/** As far as files say it: checked before anyone looks at it. */
export interface ServiceManifest {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec?: {
    readonly type?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly { readonly port: number }[];
  };
}

/**
 * What files tell of the cluster: who owns which host, and where requests may be sent. Nothing has a status offline: a
 * Host counts by its spec alone, and a Service as one that takes requests.
 */
export function fileFacts(hosts: readonly Host[], services: readonly ServiceManifest[]): ClusterFacts {
  const owned = new Map(hosts.map(({ metadata: { name }, spec }) => [name, { metadata: { name }, spec }]));
  const targets = new Map(
    services.map(service => [`${service.metadata.namespace}/${service.metadata.name}`, targetOf(service)]),
  );
  return {
    ...NO_FACTS,
    traffic: {
      ...NO_FACTS.traffic,
      areHostsServed: true,
      host: name => owned.get(name),
      service: (namespace, name) => targets.get(`${namespace}/${name}`),
    },
  };
}

function targetOf({ spec: { type, selector = {}, ports = [] } = {} }: ServiceManifest): TargetService {
  const [first] = ports;
  return {
    ...(first && { port: first.port }),
    ports: ports.map(({ port }) => port),
    selects: type !== 'ExternalName' && Object.keys(selector).length > 0,
    ready: 1,
    endpoints: '',
  };
}
