import type { ClusterFacts } from '../cluster-facts.ts';
import type { HostOutcome, ScaleStep, Statement } from '../compilation.ts';
import { sameJson } from '../json.ts';
import { servicesOf } from '../plan/live.ts';
import type { Traffic } from '../plan/traffic.ts';
import { serviceName } from '../render/names.ts';
import type { Settings } from '../settings.ts';
import type { ExistingObject } from '../snapshot.ts';
import { conditionsOf } from './conditions.ts';
import { describeMember } from './member-state.ts';
import type { Described, MemberScene } from './member-state.ts';
import { isBaking, isFirstReadiness } from './member-record.ts';
import { fateOf, restore, retire } from './retirement.ts';
import type { RouteState } from './retirement.ts';
import { statementsOf } from './statements.ts';
import { saysTheSame, statusOf } from './status.ts';
import type { LinePlan, Takeover } from './takeover.ts';
import { bakedAt } from './version.ts';

/** A host whose routes have been planned. */
export interface PlannedHost {
  readonly takeover: Takeover;
  /** What is wanted; `undefined` = no route. */
  readonly wanted: Pick<ExistingObject, 'spec'> | undefined;
  /** What lives under its name, ours or not. */
  readonly live: ExistingObject | undefined;
  /** Where what no path takes goes. */
  readonly traffic: Traffic | undefined;
  readonly facts: ClusterFacts;
  readonly settings: Pick<Settings, 'ingressHost' | 'clusterDomain'>;
  readonly now: number;
}

export interface Concluded {
  readonly outcome: HostOutcome;
  readonly statements: readonly Statement[];
  readonly wakeAt: number | undefined;
}

/** How long gateways may take to follow what our own watch has shown. */
export const PROPAGATION = 1000;

/** A newcomer that is not ready yet is no news within this time, counted from a time in whole seconds: most often it is ready before. */
const PATIENCE = 3000;

/** What is to be done about a host beside its routes, and what its Host says. */
export function conclude(host: PlannedHost): Concluded {
  const { takeover, wanted, live, facts, settings, now } = host;
  const liveSince = facts.traffic.routeSeenSince(takeover.host);
  const isWritten = wanted === undefined ? live === undefined : sameJson(live?.spec, wanted.spec);
  const programmedAt =
    isWritten && wanted !== undefined && liveSince !== undefined ? liveSince + PROPAGATION : undefined;
  const isProgrammed = programmedAt !== undefined && now >= programmedAt;
  const state: RouteState = { ...settings, host: takeover.host, isProgrammed, traffic: facts.traffic, now };
  const scenes = [...takeover.lines.values()].flatMap(plan => scenesOf(takeover, plan, wanted, state));
  const told = scenes.map(scene => ({ scene, described: describeMember(scene) }));
  const { owner, object } = takeover;
  const isReleased = object !== undefined && owner.isEmpty && owner.freeAt !== undefined && now >= owner.freeAt;
  const conditions = conditionsOf(host, { isProgrammed, scenes });
  const status = isReleased ? undefined : statusOf(host, told, conditions);
  const isNews = status !== undefined && !saysTheSame(object?.status, status);
  const isRollback = scenes.some(({ plan }) => plan.leadership.isRollback);
  const patience = patienceOf(told, now);
  // Its own write coming back by watch is what wakes a host that settles.
  const isSettling = wanted !== undefined && !isProgrammed && facts.traffic.contendedBy(takeover.host) === undefined;
  // What a pin passes over must be known before the pin may be taken away again.
  const isPassing = scenes.some(
    ({ plan, version: { id, record } }) => plan.leadership.passed.has(id) && !record.passed,
  );
  const isUrgent = isRollback || isPassing || scenes.some(isFirstReadiness);
  const mayWait = !isUrgent && (isSettling || patience !== undefined);
  return {
    outcome: {
      host: takeover.host,
      ...(owner.by === 'claim' && owner.namespace !== undefined && { claim: owner.namespace }),
      ...(owner.by === 'transfer' && owner.namespace !== undefined && { transfer: owner.namespace }),
      isReleased,
      ...(isNews && { status }),
      mayWait,
      statusFirst: isRollback,
      steps: scenes.flatMap(scene => stepOf(scene, now)),
    },
    statements: statementsOf(takeover.host, told, { isProgrammed, now }),
    wakeAt: earliest(
      [
        programmedAt,
        patience,
        object !== undefined && owner.isEmpty ? owner.freeAt : undefined,
        ...scenes.map(scene => (isBaking(scene) ? bakedAt(scene.version) : undefined)),
        ...scenes.map(({ fate, version }) => (version.readiness.desired > 0 ? fate.retireAt : undefined)),
      ],
      now,
    ),
  };
}

function scenesOf(
  takeover: Takeover,
  plan: LinePlan,
  wanted: PlannedHost['wanted'],
  state: RouteState,
): readonly MemberScene[] {
  const served = new Set(
    wanted ? servicesOf(wanted, state.clusterDomain).map(({ namespace, name }) => `${namespace}/${name}`) : [],
  );
  const fates = plan.line.versions.map(version => {
    const { namespace, name } = version.member.ref;
    const hasShare = served.has(`${namespace}/${serviceName(name)}`);
    return { version, hasShare, fate: fateOf(version, plan.leadership, plan.line, hasShare, state) };
  });
  const awaits = (one: (typeof fates)[number]) =>
    one.fate.isLeaving && one.fate.keptBy === undefined && one.version.readiness.desired > 0;
  const isAwaited = fates.some(one => one.version !== plan.leadership.leader && awaits(one));
  return fates.map(one => ({ takeover, plan, isAwaited, ...one }));
}

function stepOf({ version, plan, fate }: MemberScene, now: number): readonly ScaleStep[] {
  if (version.isFrozen || plan.line.isHeldStill) return [];
  const { leadership } = plan;
  const isWanted = leadership.leader === version || (version.isPinned && !leadership.idlePins.includes(version));
  if (isWanted) return version.isRetired ? [restore(version)] : [];
  const isDue = fate.retireAt !== undefined && fate.retireAt <= now && version.readiness.desired > 0;
  return isDue ? [retire(version)] : [];
}

/** When what is new of the members has to be said, if it is no more than that newcomers are there. */
function patienceOf(told: readonly { scene: MemberScene; described: Described }[], now: number): number | undefined {
  const unknown = told.filter(({ scene }) => scene.version.before === undefined);
  const isYoung = ({ scene, described }: (typeof told)[number]) =>
    described.state === 'Waiting' && ageEnds(scene) > now;
  const hasOther = told.some(
    ({ scene, described }) => scene.version.before !== undefined && scene.version.before.state !== described.state,
  );
  if (unknown.length === 0 || hasOther || !unknown.every(isYoung)) return undefined;
  return Math.min(...unknown.map(({ scene }) => ageEnds(scene)));
}

function ageEnds({ version }: MemberScene): number {
  return Date.parse(version.member.deployment.metadata.creationTimestamp ?? '') + PATIENCE;
}

function earliest(times: readonly (number | undefined)[], now: number): number | undefined {
  const coming = times.filter(time => time !== undefined && time > now) as number[];
  return coming.length === 0 ? undefined : Math.min(...coming);
}
