import { compile } from '../shared/compile.ts';
import type { HostOutcome } from '../shared/compilation.ts';
import { NO_FACTS } from '../shared/cluster-facts.ts';
import type { Finding } from '../shared/findings/finding.ts';
import type { HostCondition, HostMember, HostStatus } from '../shared/host.ts';
import { sameJson } from '../shared/json.ts';
import type { JsonObject } from '../shared/json.ts';
import { builtInHostOf, deploymentGroup, hostGroup, hostsOf } from '../shared/plan/hosts.ts';
import { liveBuiltInHost } from '../shared/plan/live.ts';
import { read } from '../shared/read.ts';
import type { Request } from '../shared/request/request.ts';
import { routesOn } from '../shared/request/rules.ts';
import { hostVirtualServiceName } from '../shared/render/names.ts';
import type { ExistingObject, GroupKey, Snapshot } from '../shared/snapshot.ts';
import { explainedRequest } from './explained-request.ts';
import type { ExplainedRequest } from './explained-request.ts';
import { routesIn } from './explained-routes.ts';
import type { ExplainedRoute } from './explained-routes.ts';

/** Why requests to a host go where they go; what `waymark explain -o json` prints, whose keys are a promise to scripts. */
export interface Explanation {
  readonly host: string;
  /** `own`: Deployments name it. `builtIn`: one Deployment has it by itself. `shared`: the platform's `ingressHost`. */
  readonly kind: 'own' | 'builtIn' | 'shared';
  readonly owner: Owner;
  readonly active?: string;
  readonly split?: string;
  readonly mirror?: string;
  /** As the Host has them, without what only the controller reads. */
  readonly members: readonly ExplainedMember[];
  /** As the Host has them; empty offline, and where there is no Host. */
  readonly conditions: readonly HostCondition[];
  /** In the order in which they are asked. */
  readonly routes: readonly ExplainedRoute[];
  /** What becomes of the request that is asked about. */
  readonly request?: ExplainedRequest;
  /** Whether the live routes are these; absent offline. */
  readonly areLive?: boolean;
  readonly findings: readonly Finding[];
  /** What the reader ought to know of the answer itself. */
  readonly notes: readonly string[];
}

export interface Owner {
  /** Absent of the platform's own host. */
  readonly namespace?: string;
  /** As one clause. */
  readonly why: string;
}

export type ExplainedMember = Omit<HostMember, 'record' | 'since'> & Partial<Pick<HostMember, 'since'>>;

/** Every host that somebody asks for or has, sorted. */
export function knownHosts({ settings, namespaces, deployments, existing }: Snapshot): readonly string[] {
  const asked = deployments.flatMap(one => {
    const { intent, object } = read(one, { settings, namespaces });
    if (!intent) return liveBuiltInHost(existing, { ref: object }) ?? [];
    return [...hostsOf(intent, settings), builtInHostOf(intent, settings) ?? ''];
  });
  return [...new Set([...asked, settings.ingressHost])].filter(host => host !== '').sort();
}

export interface Asked {
  /** Default true. */
  readonly seesAll?: boolean;
  /** What becomes of it is told as well. */
  readonly request?: Request | undefined;
}

/**
 * `undefined` = nobody has or asks for the host. The snapshot may hold everything; `seesAll` false: members of some
 * namespaces are not in it, so that only the Host itself can tell of them.
 */
export function explanationOf(
  host: string,
  snapshot: Snapshot,
  { seesAll = true, request }: Asked = {},
): Explanation | undefined {
  const { settings, namespaces, deployments, existing } = snapshot;
  if (host === settings.ingressHost) {
    const owner = {
      why: 'it is the `ingressHost` of the platform, where a path belongs to the namespace that had it first',
    };
    return { ...compiled(host, hostGroup(host), snapshot, request).routed, kind: 'shared', owner };
  }
  const builtIn = deployments.find(one => {
    const { intent, object } = read(one, { settings, namespaces });
    return (intent ? builtInHostOf(intent, settings) : liveBuiltInHost(existing, { ref: object })) === host;
  });
  if (builtIn) {
    const { namespace, name } = builtIn.metadata;
    const owner = { namespace, why: `it is the built-in host of Deployment ${name}` };
    return { ...compiled(host, deploymentGroup(builtIn.metadata), snapshot, request).routed, kind: 'builtIn', owner };
  }
  return own(host, snapshot, seesAll, request);
}

type Routed = Omit<Explanation, 'kind' | 'owner'>;

interface Compiled {
  readonly routed: Routed;
  readonly outcome: HostOutcome | undefined;
}

function compiled(host: string, focus: GroupKey, snapshot: Snapshot, request: Request | undefined): Compiled {
  // Offline it is the whole that says who would be denied.
  const focused = snapshot.now > 0 ? { ...snapshot, focus } : snapshot;
  const { objects, findings, hosts, frozen } = compile(focused);
  const isIt = ({ kind, spec }: Pick<ExistingObject, 'kind' | 'spec'>) =>
    kind === 'VirtualService' && (spec as { hosts?: readonly string[] } | undefined)?.hosts?.[0] === host;
  const live = snapshot.existing.find(isIt);
  const wanted = frozen.includes(focus) ? live : objects.find(({ object }) => isIt(object))?.object;
  const outcome = hosts.find(one => one.host === host);
  const spec = wanted?.spec as JsonObject | undefined;
  const routes = routesIn(spec);
  const concerned = new Set([
    ...(outcome?.status?.members ?? []).map(({ namespace, name }) => `${namespace}/${name}`),
    ...routes.map(({ name }) => name.split('/').slice(0, 2).join('/')),
  ]);
  const isConcerned = ({ object, found, related }: Finding) =>
    snapshot.now > 0 ||
    [object, ...related.map(other => other.object)].some(one => concerned.has(`${one.namespace}/${one.name}`)) ||
    found.includes(`'${host}'`);
  const routed: Routed = {
    host,
    members: [],
    conditions: [],
    routes,
    ...(request && { request: explainedRequest(request, host, spec, routesOn(host, focused)) }),
    ...(snapshot.now > 0 && { areLive: sameJson(live?.spec, wanted?.spec) }),
    findings: findings.filter(isConcerned),
    notes: [],
  };
  return { routed, outcome };
}

function own(
  host: string,
  snapshot: Snapshot,
  seesAll: boolean,
  request: Request | undefined,
): Explanation | undefined {
  const { outcome, routed } = compiled(host, hostGroup(host), snapshot, request);
  const object = (snapshot.facts ?? NO_FACTS).traffic.host(host);
  const computed = outcome?.status ?? object?.status;
  const status = seesAll ? computed : object?.status;
  const isAsked = status !== undefined && status.members.length > 0;
  if (!object && !isAsked && routed.routes.length === 0) return undefined;
  const { active, split, mirror, members = [], conditions = [] } = status ?? {};
  return {
    ...routed,
    kind: 'own',
    owner: ownerOf(host, snapshot, outcome),
    ...(active !== undefined && { active }),
    ...(split !== undefined && { split }),
    ...(mirror !== undefined && { mirror }),
    members: members.map(member => explained(member, snapshot)),
    conditions: snapshot.now === 0 ? [] : conditions,
    notes: notesOf(host, snapshot, { seesAll, status, written: object?.status }),
  };
}

/** Offline there is no time since which anything holds, and none at which it ends. */
function explained({ next, ...member }: HostMember, { now }: Snapshot): ExplainedMember {
  const step = next && (now > 0 ? next : { step: next.step });
  const told = Object.entries(member).filter(([key]) => key !== 'record' && (now > 0 || key !== 'since'));
  return { ...(Object.fromEntries(told) as unknown as ExplainedMember), ...(step && { next: step }) };
}

function ownerOf(host: string, { facts = NO_FACTS, now }: Snapshot, outcome: HostOutcome | undefined): Owner {
  const object = facts.traffic.host(host);
  if (object === undefined) {
    const namespace = outcome?.claim;
    if (now > 0 && !facts.traffic.areHostsServed) return { why: 'the kind Host is not served: nobody can own it' };
    return {
      ...(namespace !== undefined && { namespace }),
      why: 'nobody has it yet, and a Deployment there was the first to ask for it',
    };
  }
  const { namespace, reserved } = object.spec;
  if (outcome?.transfer !== undefined) {
    return { namespace: outcome.transfer, why: `it goes over to it from namespace '${namespace}'` };
  }
  if (outcome?.isReleased) return { namespace, why: 'nobody asks for it any more, and it is given up' };
  return { namespace, why: reserved ? 'the Host says so, and is reserved' : 'the Host says so' };
}

interface Said {
  readonly seesAll: boolean;
  readonly status: HostStatus | undefined;
  readonly written: HostStatus | undefined;
}

function notesOf(host: string, snapshot: Snapshot, { seesAll, status, written }: Said): readonly string[] {
  const { now, existing, istio, facts = NO_FACTS } = snapshot;
  if (now === 0)
    return ['without a cluster: every version counts as ready, and this is the moment before one is retired'];
  const states = (one: HostStatus | undefined) => one?.members.map(({ uid, state }) => `${uid} ${state}`) ?? [];
  const foreign = existing.find(
    ({ kind, metadata, spec }) =>
      kind === 'VirtualService' && spec === undefined && metadata.name === hostVirtualServiceName(host),
  );
  return [
    ...(seesAll ? [] : ['this is what the Host says: it has members in namespaces that were not looked at']),
    ...(facts.traffic.areHostsServed ? [] : ['the kind Host is not served: no version takes over from another']),
    ...(istio ? [] : ["Istio's VirtualService is not served: nothing is routed"]),
    ...(foreign ? [`VirtualService ${foreign.metadata.namespace}/${foreign.metadata.name} is not Waymark's`] : []),
    ...(seesAll && facts.traffic.areHostsServed && !sameJson(states(status), states(written))
      ? ['the Host does not say this yet: the controller is about to, or is not there']
      : []),
  ];
}
