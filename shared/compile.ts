import { build, isInFocus, isLeftAlone } from './build.ts';
import type { Built } from './build.ts';
import { NO_FACTS } from './cluster-facts.ts';
import type { BuiltObject, Compilation, ExternalClaim } from './compilation.ts';
import { namespaceFindings } from './effective-settings.ts';
import { fieldSite, finding, sortFindings } from './findings/finding.ts';
import type { Finding } from './findings/finding.ts';
import type { Intent } from './intent.ts';
import { compareCodePoints } from './json.ts';
import { holderOf } from './plan/external.ts';
import { hostGroup, deploymentGroup } from './plan/hosts.ts';
import { groupOf } from './plan/live.ts';
import { takeIn } from './plan/intake.ts';
import type { Intake } from './plan/intake.ts';
import type { Member } from './plan/member.ts';
import { modelPathOf } from './plan/model-path.ts';
import { planRoutes } from './plan/plan.ts';
import type { Plan } from './plan/plan.ts';
import { routesOf } from './plan/route.ts';
import type { GroupKey, Snapshot } from './snapshot.ts';
import { conclude } from './takeover/outcome.ts';
import type { Concluded } from './takeover/outcome.ts';

/**
 * The front door: what the world should hold, and what there is to say about it. Rebuilds everything in the snapshot's
 * focus from nothing, so that a restart and an update are the same code.
 */
export function compile(snapshot: Snapshot): Compilation {
  const intakes = snapshot.deployments.map(deployment => takeIn(deployment, snapshot));
  const members = intakes.flatMap(({ member }) => member ?? []);
  const plan = planRoutes(members, snapshot);
  const built = build(members, plan, snapshot);
  const concluded = concludeHosts(plan, built, snapshot);
  return {
    admitted: snapshot.focus ? [] : intakes.flatMap(intake => admittedOf(intake, plan)),
    objects: built.flatMap(({ object }) => object ?? []).sort(compareObjects),
    findings: sortFindings([
      ...(snapshot.focus ? [] : settingsFindings(snapshot)),
      ...intakes.filter(({ group }) => isInFocus(group, snapshot)).flatMap(({ findings }) => findings),
      ...plan.faults.filter(({ group }) => isInFocus(group, snapshot)).map(({ finding }) => finding),
      ...built.flatMap(({ findings }) => findings),
      ...(snapshot.istio ? [] : members.flatMap(member => routesUnavailable(member, snapshot))),
    ]),
    externalClaims: claimsOf(plan, snapshot),
    hosts: concluded.map(({ outcome }) => outcome),
    statements: concluded.flatMap(({ statements }) => statements),
    frozen: frozenGroups(intakes, plan),
    ...wakeOf([plan.wakeAt, ...built.map(one => one.wakeAt), ...concluded.map(one => one.wakeAt)]),
  };
}

/** Of the Namespaces, which belong to no group. */
function settingsFindings({ settings, namespaces }: Snapshot): readonly Finding[] {
  return [...namespaces.values()].flatMap(namespace => namespaceFindings(settings, namespace));
}

function admittedOf({ admitted, member }: Intake, { denied }: Plan): readonly NonNullable<Intake['admitted']>[] {
  return admitted && !(member && denied.has(member)) ? [admitted] : [];
}

function claimsOf({ external }: Plan, snapshot: Snapshot): readonly ExternalClaim[] {
  const own = [...external].filter(([group]) => isInFocus(group, snapshot));
  return own.map(([group, { id }]) => ({ holder: holderOf(group), id })).sort((a, b) => a.id - b.id);
}

/** Of the host in focus, or of all, as far as their owners are looked at here. Offline no time passes. */
function concludeHosts(plan: Plan, built: readonly Built[], snapshot: Snapshot): readonly Concluded[] {
  const { settings, facts = NO_FACTS, now, existing } = snapshot;
  if (!facts.traffic.areHostsServed) return [];
  const routes = Map.groupBy(existing, groupOf);
  const left = new Set(plan.hosts.filter(isLeftAlone).map(({ host }) => host));
  const written = Map.groupBy(built, ({ object }) => object?.group);
  const takeovers = [...plan.takeovers.values()].filter(({ owner }) => !owner.isElsewhere);
  return takeovers.map(takeover => {
    const { host, main } = takeover;
    const group = hostGroup(host);
    const live = routes.get(group)?.[0];
    const concluded = conclude({
      takeover,
      wanted: left.has(host) ? live : written.get(group)?.[0]?.object?.object,
      live,
      traffic: main && plan.trafficOn(main.leadership.leader.member, host),
      facts,
      settings,
      now,
    });
    return now === 0 ? { ...concluded, wakeAt: undefined } : concluded;
  });
}

function wakeOf(times: readonly (number | undefined)[]): Pick<Compilation, 'wakeAt'> {
  const known = times.filter(time => time !== undefined);
  return known.length === 0 ? {} : { wakeAt: Math.min(...known) };
}

function routesUnavailable({ intent, ref }: Member, snapshot: Snapshot): readonly Finding[] {
  if (!intent || !isInFocus(deploymentGroup(ref), snapshot) || !hasRoutes(intent, snapshot)) return [];
  return [
    finding('RoutesUnavailable', {
      object: ref,
      site: fieldSite('metadata', 'annotations', intent.key),
      must: "can have routes only where Istio's VirtualService is served",
      found: 'but this cluster does not serve it',
      fix: 'install Istio; the routes follow by themselves',
    }),
  ];
}

function hasRoutes(intent: Intent, { settings }: Snapshot): boolean {
  return routesOf(intent, settings).length > 0 || modelPathOf(intent, settings) !== undefined;
}

function frozenGroups(intakes: readonly Intake[], { hosts, denied }: Plan): readonly GroupKey[] {
  const frozen = intakes.filter(intake => intake.frozen || (intake.member && denied.has(intake.member)));
  const left = hosts.filter(isLeftAlone);
  return [...frozen.map(({ group }) => group), ...left.map(({ host }) => hostGroup(host))].sort(compareCodePoints);
}

function compareObjects({ object: a }: BuiltObject, { object: b }: BuiltObject): number {
  return (
    compareCodePoints(a.kind, b.kind) ||
    compareCodePoints(a.metadata.namespace, b.metadata.namespace) ||
    compareCodePoints(a.metadata.name, b.metadata.name)
  );
}
