import { RESOURCES } from '../kube/resources.ts';
import type { Deployment } from '../shared/deployment.ts';
import { externalServiceName, hostVirtualServiceName, readServiceFqdn, upstreamName } from '../shared/render/names.ts';
import type { Settings } from '../shared/settings.ts';
import type { GroupKey } from '../shared/snapshot.ts';
import type { ChildAddress } from './children.ts';

const { services, horizontalPodAutoscalers, virtualServices, serviceEntries, destinationRules } = RESOURCES;

/** Where objects of a group may be. `owner`: the namespace that has the host, where that is known. */
export function addressesIn(
  group: GroupKey,
  members: readonly Deployment[],
  owner: string | undefined,
  settings: Pick<Settings, 'systemNamespace' | 'clusterDomain'>,
): readonly ChildAddress[] {
  const name = group.slice(group.indexOf('/') + 1);
  if (group.startsWith('Upstream/')) return addressesOfUpstream(name, settings);
  if (group.startsWith('Host/')) {
    const namespaces = [settings.systemNamespace, owner ?? [], members.map(({ metadata }) => metadata.namespace)];
    return [...new Set(namespaces.flat())].map(namespace => ({
      kind: virtualServices.kind,
      namespace,
      name: hostVirtualServiceName(name),
    }));
  }
  return members.flatMap(({ metadata: { namespace, name: deployment } }) => [
    ...[services, horizontalPodAutoscalers, virtualServices].map(({ kind }) => ({ kind, namespace, name: deployment })),
    { kind: services.kind, namespace, name: externalServiceName(deployment) },
  ]);
}

/** What is said of a Service lives beside it, all else where Waymark does. */
export function addressesOfUpstream(
  host: string,
  { systemNamespace, clusterDomain }: Pick<Settings, 'systemNamespace' | 'clusterDomain'>,
): readonly ChildAddress[] {
  const own = readServiceFqdn(host, clusterDomain)?.namespace;
  const name = upstreamName(host);
  return [
    { kind: serviceEntries.kind, namespace: systemNamespace, name },
    { kind: destinationRules.kind, namespace: own ?? systemNamespace, name },
  ];
}
