import type { Interruption, TrafficFacts } from '../cluster-facts.ts';
import type { HostMember, MemberRecord } from '../host.ts';
import { ACTIVE } from '../annotation-keys.ts';
import { REPLICAS } from '../inject/bookkeeping.ts';
import type { Member } from '../plan/member.ts';
import { serviceName } from '../render/names.ts';
import type { Upgrade } from '../settings.ts';
import { READY_OFFLINE, readinessOf } from './readiness.ts';
import type { Readiness } from './readiness.ts';

/** One member of a host as the decisions see it. */
export interface Version {
  readonly member: Member;
  /** By uid; offline, where there is none, by name. */
  readonly id: string;
  readonly upgrade: Upgrade;
  /** Nothing of it may be changed: a pause, an error in its text, policy `off`. */
  readonly isFrozen: boolean;
  readonly isPinned: boolean;
  /** It was scaled to zero by us, and its size is remembered. */
  readonly isRetired: boolean;
  readonly readiness: Readiness;
  readonly template: string;
  /** What the status of the Host has kept of it. */
  readonly before: HostMember | undefined;
  readonly record: MemberRecord;
  /** Milliseconds since when it has been ready without a break; `undefined` = it is not. */
  readonly readySince: number | undefined;
  /** It has been ready for `bake` once, with the template that it has now. */
  readonly isProven: boolean;
  /** It was rolled back with the template that it has now. */
  readonly isFailed: boolean;
}

/** After an interruption of our own watches: as long as Istio's own may take to come back. */
export const LONGEST_SILENCE = 30_000;

const COEXIST: Upgrade = { strategy: 'coexist', bake: 0, drain: 0 };

export interface VersionContext {
  readonly now: number;
  readonly traffic: TrafficFacts;
  /** Of the status of the Host. */
  readonly before: readonly HostMember[];
}

export function versionOf(member: Member, { now, traffic, before }: VersionContext): Version {
  const { deployment, intent } = member;
  const { name, namespace, uid, annotations } = deployment.metadata;
  const known = before.find(one => (uid === undefined ? one.name === name : one.uid === uid));
  const record = known?.record ?? {};
  const template = traffic.templateOf(namespace, name) ?? '';
  const isSeenTemplate = record.template === template && template !== '';
  const isOffline = now === 0;
  const readiness = isOffline
    ? READY_OFFLINE
    : readinessOf(deployment, traffic.service(namespace, serviceName(name)), isSeenTemplate);
  const upgrade = intent?.service?.upgrade ?? COEXIST;
  const wasProven = isOffline || (record.proven === true && isSeenTemplate);
  const isFailed = record.failed !== undefined && record.failed === template;
  // One that has proved itself is not asked whether a Pod was replaced meanwhile.
  const settled = wasProven ? { ...record, endpoints: readiness.trace } : record;
  const readySince = isOffline ? 0 : steadySince(settled, readiness, isSeenTemplate, upgrade.bake, { now, traffic });
  return {
    member,
    id: uid ?? name,
    upgrade,
    isFrozen: intent === undefined,
    isPinned: isPinned(member),
    isRetired: annotations !== undefined && Object.hasOwn(annotations, REPLICAS),
    readiness,
    template,
    before: known,
    record,
    readySince,
    isProven: wasProven || isBaked(readySince, upgrade.bake, now),
    isFailed,
  };
}

/** What is frozen does not lead because of its pin. */
export function isPinned({ deployment, intent }: Member): boolean {
  return deployment.metadata.annotations?.[ACTIVE] === 'true' && intent !== undefined;
}

function isBaked(readySince: number | undefined, bake: number, now: number): boolean {
  return readySince !== undefined && now >= readySince + bake;
}

/** When `bake` is over, if nothing happens; `undefined` = it has not begun. */
export function bakedAt({ readySince, upgrade }: Version): number | undefined {
  return readySince === undefined ? undefined : readySince + upgrade.bake;
}

function steadySince(
  { readySince, endpoints }: MemberRecord,
  readiness: Readiness,
  isSeenTemplate: boolean,
  bake: number,
  { now, traffic: { interruption } }: Pick<VersionContext, 'now' | 'traffic'>,
): number | undefined {
  if (!readiness.isReady) return undefined;
  const isUnbroken = readySince !== undefined && isSeenTemplate && endpoints === readiness.trace;
  return afterInterruption(isUnbroken ? Date.parse(readySince) : now, bake, interruption);
}

/**
 * What was counted since before our watches were lost, or while they are, is counted anew from their return; and nothing
 * is over before another's watch must be back as well. The difference is put in front, so that it is kept in the record.
 */
export function afterInterruption(
  since: number,
  length: number,
  interruption: Interruption | undefined,
): number | undefined {
  if (interruption === undefined) return since;
  const { until } = interruption;
  if (until === undefined) return undefined;
  return Math.max(since, until + Math.max(0, LONGEST_SILENCE - length));
}
