import type { ClusterFacts } from '../cluster-facts.ts';
import type { HostCondition } from '../host.ts';
import { timeText } from './member-state.ts';
import type { MemberScene } from './member-state.ts';
import type { PlannedHost } from './outcome.ts';

type Said = Pick<HostCondition, 'type' | 'status' | 'reason' | 'message'>;

export interface ConditionScene {
  readonly isProgrammed: boolean;
  readonly scenes: readonly MemberScene[];
}

/** As Kubernetes wants conditions: each says what holds, and since when it says so. */
export function conditionsOf(host: PlannedHost, scene: ConditionScene): readonly HostCondition[] {
  const { object } = host.takeover;
  const { generation } = object?.metadata ?? {};
  const contended = contendedOf(host);
  const said = [acceptedOf(host), programmedOf(host, scene), readyOf(host, scene), ...(contended ? [contended] : [])];
  return said.map(one => {
    const before = object?.status?.conditions.find(({ type }) => type === one.type);
    const lastTransitionTime = before?.status === one.status ? before.lastTransitionTime : timeText(host.now);
    return { ...one, ...(generation !== undefined && { observedGeneration: generation }), lastTransitionTime };
  });
}

function acceptedOf({ takeover: { owner, object } }: PlannedHost): Said {
  const type = 'Accepted';
  if (owner.isEmpty) {
    const why = object?.spec.reserved ? 'it is reserved' : 'it is given up when `hostHold` has passed';
    return {
      type,
      status: 'True',
      reason: 'NoMember',
      message: `no Deployment of '${owner.namespace ?? ''}' asks for it: ${why}`,
    };
  }
  return { type, status: 'True', reason: 'Claimed', message: `it belongs to namespace '${owner.namespace ?? ''}'` };
}

function programmedOf({ wanted }: PlannedHost, { isProgrammed }: ConditionScene): Said {
  const type = 'Programmed';
  if (wanted === undefined) return { type, status: 'False', reason: 'NoRoute', message: 'there is nothing to route' };
  if (isProgrammed) return { type, status: 'True', reason: 'Routed', message: 'gateways have the routes' };
  return { type, status: 'False', reason: 'Pending', message: 'the routes are written, and gateways follow' };
}

function readyOf({ wanted, takeover, traffic, facts }: PlannedHost, { isProgrammed, scenes }: ConditionScene): Said {
  const type = 'Ready';
  if (wanted === undefined) return { type, status: 'False', reason: 'NoRoute', message: 'there is nothing to route' };
  if (!isProgrammed)
    return { type, status: 'False', reason: 'Pending', message: 'gateways do not have the routes yet' };
  const serving = scenes.some(({ hasShare, version }) => hasShare && version.readiness.endpoints > 0);
  const others = traffic?.destinations.some(({ namespace, name }) => isUpService(facts, namespace, name)) === true;
  const isUp = serving || others || takeover.main === undefined;
  return isUp
    ? { type, status: 'True', reason: 'Serving', message: 'requests are answered' }
    : { type, status: 'False', reason: 'NoEndpoint', message: 'no Pod that the routes lead to takes requests' };
}

/** Whoever's it is: a plain Service may have a share too. */
function isUpService({ traffic }: ClusterFacts, namespace: string, name: string): boolean {
  return (traffic.service(namespace, name)?.ready ?? 0) > 0;
}

function contendedOf({ facts, takeover: { host } }: PlannedHost): Said | undefined {
  const other = facts.traffic.contendedBy(host);
  if (other === undefined) return undefined;
  return {
    type: 'Contended',
    status: 'True',
    reason: 'ForeignWrites',
    message: `'${other}' keeps changing its VirtualService: it is left alone for a while`,
  };
}
