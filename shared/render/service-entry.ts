import type { UpstreamPlan } from '../plan/upstreams.ts';
import type { Settings } from '../settings.ts';
import type { KubernetesObject } from '../snapshot.ts';
import { OUR_LABELS } from './labels.ts';
import { gatewayNamespace, upstreamName } from './names.ts';
import { networkingApiVersion } from './virtual-service.ts';

/**
 * A host outside the cluster, for the gateway alone: what all the mesh saw would take the requests of everybody who
 * calls the host. Absent for a Service, which is there by itself.
 */
export function renderServiceEntry(
  { host, namespace, isOutside, ports }: UpstreamPlan,
  settings: Pick<Settings, 'gateway' | 'istio'>,
): KubernetesObject | undefined {
  if (!isOutside || ports.length === 0) return undefined;
  return {
    apiVersion: networkingApiVersion(settings.istio.version),
    kind: 'ServiceEntry',
    metadata: { name: upstreamName(host), namespace, labels: OUR_LABELS },
    spec: {
      hosts: [host],
      exportTo: [gatewayNamespace(settings)],
      location: 'MESH_EXTERNAL',
      resolution: 'DNS',
      // To the gateway it is HTTP, also where a DestinationRule then has it encrypted.
      ports: ports.map(({ number }) => ({ number, name: `http-${number}`, protocol: 'HTTP' })),
    },
  };
}
