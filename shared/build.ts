import { NO_FACTS } from './cluster-facts.ts';
import type { BuiltObject } from './compilation.ts';
import { siteInAnnotation } from './findings/finding.ts';
import type { Finding, ObjectRef, Site } from './findings/finding.ts';
import { ExistingObjects, notOwned, ruledElsewhere } from './plan/existing.ts';
import type { HostPlan } from './plan/host-ledger.ts';
import { deploymentGroup, hostGroup, upstreamGroup } from './plan/hosts.ts';
import { groupOf, objectsIn, ruledHost } from './plan/live.ts';
import type { Member } from './plan/member.ts';
import type { Plan } from './plan/plan.ts';
import type { Route } from './plan/route.ts';
import { scalerConflict } from './plan/scalers.ts';
import type { Asker, UpstreamPlan } from './plan/upstreams.ts';
import { holdBack } from './plan/upstream-waits.ts';
import { renderDeploymentGroup, renderHostGroup, renderUpstreamGroup } from './render/group.ts';
import { gatewayNamespace } from './render/names.ts';
import type { ExistingObject, GroupKey, KubernetesObject, Snapshot } from './snapshot.ts';

export interface Built {
  readonly object?: BuiltObject;
  readonly findings: readonly Finding[];
  /** Milliseconds since the epoch when more may be built by time alone. */
  readonly wakeAt?: number | undefined;
}

/** Everything that is planned of the groups in focus, as objects, but for those whose names others have. */
export function build(members: readonly Member[], plan: Plan, snapshot: Snapshot): readonly Built[] {
  const scene = { plan, snapshot, existing: new ExistingObjects(snapshot.existing) };
  const deployments = members.filter(member => !plan.denied.has(member));
  return [
    ...deployments.flatMap(member => buildDeployment(member, scene)),
    ...(snapshot.istio ? plan.hosts.flatMap(host => buildHost(host, scene)) : []),
    ...(snapshot.istio ? plan.upstreams.flatMap(upstream => buildUpstream(upstream, scene)) : []),
  ];
}

/** What everything is built with. */
interface Scene {
  readonly plan: Plan;
  readonly snapshot: Snapshot;
  readonly existing: ExistingObjects;
}

export function isInFocus(group: GroupKey, { focus }: Snapshot): boolean {
  return focus === undefined || focus === group;
}

/** A host of frozen Deployments alone. */
export function isLeftAlone({ entries }: HostPlan): boolean {
  return entries.every(entry => 'live' in entry);
}

function buildDeployment(member: Member, scene: Scene): readonly Built[] {
  const { plan, snapshot, existing } = scene;
  const { intent, ref, deployment } = member;
  const group = deploymentGroup(ref);
  if (!intent || !isInFocus(group, snapshot)) return [];
  const routes = snapshot.istio ? (plan.builtIn.get(group) ?? []) : [];
  const conflict = scalerConflict(intent, snapshot.facts);
  const objects = renderDeploymentGroup(
    member,
    intent,
    { routes, external: plan.external.get(group) },
    snapshot.settings,
  )
    .filter(({ kind }) => !conflict || kind !== 'HorizontalPodAutoscaler')
    .map((object): Built => {
      const foreign = existing.foreign(object, deployment.metadata);
      return foreign ? { findings: [notOwned(ref, foreign)] } : routed(group, object, routes, scene);
    });
  return conflict ? [...objects, { findings: [conflict] }] : objects;
}

function buildHost(host: HostPlan, scene: Scene): readonly Built[] {
  const { snapshot, existing } = scene;
  const group = hostGroup(host.host);
  const routes = host.entries.flatMap(entry => ('route' in entry ? [entry.route] : []));
  if (routes.length === 0 || !isInFocus(group, snapshot)) return [];
  const object = renderHostGroup(host, snapshot.settings);
  const foreign = existing.foreign(object, undefined);
  if (!foreign) {
    const made = host.entries.map(entry => ('route' in entry ? entry.route : undefined));
    return [routed(group, object, made, scene)];
  }
  const intents = new Map(routes.map(({ intent, place }) => [intent, place.at]));
  const findings = [...intents].map(([{ object: ref, key, text }, at]) =>
    notOwned(ref, foreign, siteInAnnotation(key, text, at)),
  );
  return [{ findings }];
}

/** `routes`: what each entry is made of, if it is made of a route. */
function routed(
  group: GroupKey,
  object: KubernetesObject,
  routes: readonly (Route | undefined)[],
  { snapshot }: Scene,
): Built {
  const { settings, now, facts = NO_FACTS, existing } = snapshot;
  if (object.kind !== 'VirtualService') return { object: { group, object }, findings: [] };
  const live = existing.find(one => one.kind === object.kind && groupOf(one) === group);
  const http = objectsIn(object.spec, 'http').map((entry, index) => ({ entry, route: routes[index] }));
  const { http: rest, wakeAt } = holdBack(http, live, { settings, now, traffic: facts.traffic });
  // Istio takes none without routes.
  if (rest.length === 0) return { findings: [], wakeAt };
  return { object: { group, object: { ...object, spec: { ...object.spec, http: rest } } }, findings: [], wakeAt };
}

/** In this order: what is known comes before how it is connected to. */
function buildUpstream(upstream: UpstreamPlan, { snapshot, existing }: Scene): readonly Built[] {
  const group = upstreamGroup(upstream.host);
  if (!isInFocus(group, snapshot)) return [];
  const deployments = [...new Set(upstream.askers.map(({ member }) => member.ref))];
  const told = (say: (object: ObjectRef, site: Site) => Finding, isAsked: (asker: Asker) => boolean = () => true) =>
    upstream.askers.filter(isAsked).flatMap(({ member: { ref, intent }, ask }) => {
      return intent ? [say(ref, siteInAnnotation(intent.key, intent.text, ask.policy?.at ?? ask.mapping.at))] : [];
    });
  return renderUpstreamGroup(upstream, snapshot.settings).map((object): Built => {
    const foreign = existing.foreign(object, undefined);
    if (foreign) return { findings: told((ref, site) => notOwned(ref, foreign, site)) };
    const built = { group, object, deployments };
    const rival = object.kind === 'DestinationRule' ? rivalOf(upstream, snapshot) : undefined;
    if (!rival) return { object: built, findings: [] };
    const findings = told(
      (ref, site) => ruledElsewhere(ref, upstream.host, rival, site),
      ({ ask }) => ask.policy !== undefined,
    );
    // What is in force is not taken away because somebody else came.
    return existing.has(object) ? { object: built, findings } : { findings };
  });
}

/** Somebody else's rule that the gateway would find before ours, or beside it. */
function rivalOf({ host, namespace }: UpstreamPlan, { existing, settings }: Snapshot): ExistingObject | undefined {
  const places = [namespace, gatewayNamespace(settings)];
  return existing.find(
    one =>
      groupOf(one) === undefined &&
      places.includes(one.metadata.namespace) &&
      ruledHost(one, settings.clusterDomain) === host,
  );
}
