import type { Deployment } from '../deployment.ts';
import type { Intent } from '../intent.ts';
import type { KubernetesObject } from '../snapshot.ts';
import { ownedMetadata } from './labels.ts';
import { serviceName } from './names.ts';

/** The Service of a Deployment, in the Deployment's name. Absent when it has no TCP port. */
export function renderService(
  { ports, object, serviceLabels }: Intent,
  deployment: Deployment,
): KubernetesObject | undefined {
  const { matchLabels } = deployment.spec.selector;
  if (ports.length === 0 || !matchLabels) return undefined;
  const metadata = ownedMetadata(serviceName(object.name), deployment.metadata);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, labels: { ...serviceLabels, ...metadata.labels } },
    spec: {
      type: 'ClusterIP',
      selector: { ...matchLabels },
      ports: ports.map(({ name, port, appProtocol }) => ({
        name,
        protocol: 'TCP',
        appProtocol,
        port,
        targetPort: port,
      })),
    },
  };
}
