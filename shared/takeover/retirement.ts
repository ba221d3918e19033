import type { TrafficFacts } from '../cluster-facts.ts';
import type { ScaleStep } from '../compilation.ts';
import { REPLICAS } from '../inject/bookkeeping.ts';
import { serviceName } from '../render/names.ts';
import type { Settings } from '../settings.ts';
import type { Leadership, Line } from './leadership.ts';
import { afterInterruption } from './version.ts';
import type { Version } from './version.ts';

/** What is known about the routes of a host beside its members. */
export interface RouteState extends Pick<Settings, 'ingressHost' | 'clusterDomain'> {
  readonly host: string;
  /** The live routes are the wanted ones and have been seen back for as long as gateways take to follow. */
  readonly isProgrammed: boolean;
  readonly traffic: TrafficFacts;
  readonly now: number;
}

/** What becomes of a version that does not lead. */
export interface Fate {
  /** Milliseconds since when it has had no traffic; `undefined` = it has some, or nobody knows. */
  readonly idleSince: number | undefined;
  /** It is to be scaled to zero, or is already. */
  readonly isLeaving: boolean;
  /** Why it is kept at its size all the same; `undefined` = nothing keeps it. */
  readonly keptBy: string | undefined;
  /** The host that all share still sends to it: its paths are about to follow, or a Mapping of another one goes there. */
  readonly isOnPaths: boolean;
  /** When it is scaled to zero, if nothing changes; `undefined` = it is not, by time alone. */
  readonly retireAt: number | undefined;
}

/** `hasShare`: whether the wanted routes send something to it. */
export function fateOf(
  version: Version,
  { leader, ledSince, passed }: Leadership,
  line: Line,
  hasShare: boolean,
  state: RouteState,
): Fate {
  const { traffic, host } = state;
  const { namespace, name } = version.member.ref;
  const service = serviceName(name);
  const carriers = traffic.hostsServedBy(namespace, service);
  // On the host that all share paths of the line follow its leader by themselves.
  const isOnPaths = host !== state.ingressHost && carriers.includes(state.ingressHost);
  const idleSince = hasShare || carriers.length > 0 ? undefined : idleFrom(version, leader, line, state);
  const isOlder = line.versions.indexOf(version) > line.versions.indexOf(leader);
  const isLeaving =
    leader.upgrade.strategy === 'replace' &&
    !line.isHeldStill &&
    !version.isFrozen &&
    !version.isPinned &&
    (isOlder || passed.has(version.id));
  const fate = { idleSince, isLeaving, isOnPaths, retireAt: undefined };
  if (!isLeaving) return { ...fate, keptBy: undefined };
  const keptBy = keeperOf(version, carriers, hasShare, state);
  // One that has no route, because another line has the host, took over from nobody.
  const isRouted = line.live === leader && state.isProgrammed;
  const mayRetire = keptBy === undefined && !isOnPaths && !leader.isFrozen && isRouted && leader.readiness.isReady;
  if (!mayRetire || idleSince === undefined || leader.readySince === undefined) {
    return { ...fate, keptBy };
  }
  const ledReady = Math.max(ledSince, leader.readySince) + leader.upgrade.bake;
  return { ...fate, keptBy, retireAt: Math.max(ledReady, idleSince + leader.upgrade.drain) };
}

/** Of one that the routes of this host left, since then; of one that was kept by anything else, from now on. */
function idleFrom(
  { record, before }: Version,
  { upgrade }: Version,
  { liveSince }: Line,
  { now, traffic: { interruption } }: RouteState,
): number | undefined {
  // The routes of this host changed after that was said of it: it is these that it waited for.
  const isLeft = before?.state === 'Draining' && liveSince !== undefined && liveSince >= Date.parse(before.since);
  const wasKept = before?.state === 'Held' || (before?.state === 'Draining' && !isLeft);
  const from = wasKept ? now : liveSince;
  const since = record.idleSince === undefined ? from : Date.parse(record.idleSince);
  return since === undefined ? undefined : afterInterruption(since, upgrade.drain, interruption);
}

function keeperOf(
  { member: { ref, intent } }: Version,
  carriers: readonly string[],
  hasShare: boolean,
  { host, ingressHost, traffic }: RouteState,
): string | undefined {
  const { namespace, name } = ref;
  if (hasShare) return `'${host}' sends to it`;
  const namer = traffic.namersOf(namespace, serviceName(name)).find(one => isActive(one, traffic));
  if (namer !== undefined) return `Deployment ${namer.namespace}/${namer.name} names it`;
  const other = carriers.find(one => one !== host && one !== ingressHost);
  if (other !== undefined) return `'${other}' sends to it`;
  const own = (intent?.service?.hosts ?? []).map(({ value }) => value);
  const coming = own.find(one => one !== host && isComing(ref, one, traffic));
  return coming === undefined ? undefined : `it is to lead '${coming}'`;
}

/** Whether the shares of a Deployment count: on its built-in host always, on a host of its own while it leads there. */
function isActive(
  { namespace, name, hosts }: { readonly namespace: string; readonly name: string; readonly hosts: readonly string[] },
  traffic: TrafficFacts,
): boolean {
  if (hosts.length === 0) return true;
  return hosts.some(host =>
    traffic
      .host(host)
      ?.status?.members.some(
        member => member.namespace === namespace && member.name === name && member.record?.ledSince !== undefined,
      ),
  );
}

function isComing({ namespace, name }: Version['member']['ref'], host: string, traffic: TrafficFacts): boolean {
  const members = traffic.host(host)?.status?.members ?? [];
  const own = members.find(member => member.namespace === namespace && member.name === name);
  return own?.state === 'Waiting' || own?.state === 'Baking' || own?.record?.ledSince !== undefined;
}

/** The size to come back with. What is remembered is what we wrote; anything else counts as one Pod. */
export function rememberedSize({ member }: Version): number {
  const text = member.deployment.metadata.annotations?.[REPLICAS] ?? '';
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 1;
}

export function retire(version: Version): ScaleStep {
  const { namespace, name } = version.member.ref;
  const { desired } = version.readiness;
  return { step: 'retire', namespace, name, uid: version.id, replicas: 0, remembered: desired };
}

/** Also of one that somebody scaled up by hand: then only the memory goes. */
export function restore(version: Version): ScaleStep {
  const { namespace, name } = version.member.ref;
  const { desired } = version.readiness;
  return {
    step: 'restore',
    namespace,
    name,
    uid: version.id,
    replicas: desired > 0 ? desired : rememberedSize(version),
  };
}
