import type { Deployment } from '../deployment.ts';
import { externalPorts } from '../values/external-ports.ts';
import type { Intent } from '../intent.ts';
import type { ExternalGrant } from '../plan/external.ts';
import type { Settings } from '../settings.ts';
import type { KubernetesObject } from '../snapshot.ts';
import { ownedMetadata } from './labels.ts';
import { externalServiceName } from './names.ts';

/** The Service for access by address and port: the same Pods and ports as the first one, with other numbers outside. */
export function renderExternalService(
  { ports, object, service }: Intent,
  deployment: Deployment,
  { id, addresses }: ExternalGrant,
  settings: Settings,
): KubernetesObject | undefined {
  const { matchLabels } = deployment.spec.selector;
  if (!service?.external || !matchLabels) return undefined;
  const { strategy } = service.external;
  const [first] = externalPorts(settings.external, id, ports.length);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMetadata(externalServiceName(object.name), deployment.metadata),
    spec: {
      type: TYPES[strategy],
      selector: { ...matchLabels },
      ...(strategy === 'externalIPs' && { externalIPs: addresses }),
      ports: ports.map(({ name, port, appProtocol }, index) => ({
        name,
        protocol: 'TCP',
        appProtocol,
        port: first + index,
        targetPort: port,
        ...(strategy === 'nodePort' && { nodePort: first + index }),
      })),
    },
  };
}

const TYPES = { externalIPs: 'ClusterIP', loadBalancer: 'LoadBalancer', nodePort: 'NodePort' } as const;
