import { isRetired } from '../inject/replicas.ts';
import type { Intent } from '../intent.ts';
import type { ExternalGrant } from '../plan/external.ts';
import type { Member } from '../plan/member.ts';
import type { HostPlan } from '../plan/host-ledger.ts';
import type { Route } from '../plan/route.ts';
import type { UpstreamPlan } from '../plan/upstreams.ts';
import type { Settings } from '../settings.ts';
import type { KubernetesObject } from '../snapshot.ts';
import { renderDestinationRule } from './destination-rule.ts';
import { renderExternalService } from './external-service.ts';
import { renderHorizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';
import { OUR_LABELS, ownedMetadata } from './labels.ts';
import { builtInVirtualServiceName, hostVirtualServiceName } from './names.ts';
import { renderService } from './service.ts';
import { renderServiceEntry } from './service-entry.ts';
import { renderRoute } from './route.ts';
import { renderVirtualService } from './virtual-service.ts';

/** What was decided across Deployments about one of them. */
export interface DeploymentPlans {
  /** Of its built-in host, in order. */
  readonly routes: readonly Route[];
  /** Absent = no access by address and port. */
  readonly external: ExternalGrant | undefined;
}

/** Everything that belongs to one Deployment and goes with it. */
export function renderDeploymentGroup(
  { deployment }: Member,
  intent: Intent,
  { routes, external }: DeploymentPlans,
  settings: Settings,
): readonly KubernetesObject[] {
  const host = routes[0]?.place.host;
  const metadata = ownedMetadata(builtInVirtualServiceName(intent.object.name), deployment.metadata);
  const http = routes.map(route => renderRoute(route, settings));
  return [
    renderService(intent, deployment),
    external && renderExternalService(intent, deployment, external, settings),
    // At zero it would do nothing, and bring a version back that only a pin may bring back.
    isRetired(deployment) ? undefined : renderHorizontalPodAutoscaler(intent, deployment),
    host === undefined ? undefined : renderVirtualService({ metadata, host, http }, settings),
  ].filter(object => object !== undefined);
}

/** The VirtualService of a host: owned by no Deployment, since it must outlive each of them. */
export function renderHostGroup({ host, namespace, entries }: HostPlan, settings: Settings): KubernetesObject {
  const http = entries.map(entry => ('live' in entry ? entry.live : renderRoute(entry.route, settings)));
  const metadata = { name: hostVirtualServiceName(host), namespace, labels: OUR_LABELS };
  return renderVirtualService({ metadata, host, http }, settings);
}

/** The place that requests are sent to, before how connections to it are made; owned by nobody, as others may name it too. */
export function renderUpstreamGroup(upstream: UpstreamPlan, settings: Settings): readonly KubernetesObject[] {
  return [renderServiceEntry(upstream, settings), renderDestinationRule(upstream, settings)].filter(
    object => object !== undefined,
  );
}
