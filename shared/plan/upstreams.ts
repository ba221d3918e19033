import { NO_FACTS } from '../cluster-facts.ts';
import type { Sender, TrafficFacts } from '../cluster-facts.ts';
import type { JsonObject } from '../json.ts';
import { CATCH_ALL, MODEL_PATH } from '../render/names.ts';
import type { Settings } from '../settings.ts';
import type { GroupKey, Snapshot } from '../snapshot.ts';
import { PROPAGATION } from '../takeover/outcome.ts';
import { connectionsConflict } from './conflict-findings.ts';
import type { Holder } from './conflict-findings.ts';
import { upstreamGroup } from './hosts.ts';
import { lineOfMember, newestFirst } from './line.ts';
import { groupOf } from './live.ts';
import { byAge, isSameRef } from './member.ts';
import type { Member } from './member.ts';
import type { Fault } from './fault.ts';
import { asksOf, connectionsOf, isServed, livePorts, mayReach } from './upstream-asks.ts';
import type { LivePort, UpstreamAsk } from './upstream-asks.ts';
import { holderIn, isAlike } from './upstream-conflicts.ts';

/** One place that requests are sent to and of which more must be written than that it is there. */
export interface UpstreamPlan {
  /** The whole name. */
  readonly host: string;
  /** Where its objects live. */
  readonly namespace: string;
  /** Of the cluster: a ServiceEntry makes it known. */
  readonly isOutside: boolean;
  /** By number. */
  readonly ports: readonly UpstreamPort[];
  /** Those who got what they asked for. */
  readonly askers: readonly Asker[];
}

export interface UpstreamPort {
  readonly number: number;
  /** One of `portLevelSettings` without its port; absent = as Istio does by itself. */
  readonly connections?: JsonObject;
}

export interface Asker {
  readonly member: Member;
  readonly ask: UpstreamAsk;
}

export interface PlannedUpstreams {
  readonly upstreams: readonly UpstreamPlan[];
  readonly faults: readonly Fault[];
  /** Milliseconds since the epoch when the plan can be another one by time alone. */
  readonly wakeAt: number | undefined;
}

/**
 * Of the host in focus, or of all: how it is reached, port by port. First come those whose requests go there already by
 * what they ask for, so that nobody's edit changes another one's connections; then the others, the oldest first. Who
 * asks for something else is told who has it.
 *
 * What is asked no more stays for as long as the live routes need it: routes leave first.
 */
export function planUpstreams(members: readonly Member[], snapshot: Snapshot): PlannedUpstreams {
  const { settings, existing, facts = NO_FACTS, now, focus } = snapshot;
  if (focus !== undefined && !isUpstream(focus)) return { upstreams: [], faults: [], wakeAt: undefined };
  const askers = Map.groupBy(
    byAge(members).flatMap(member => asksIn(member, settings).map(ask => ({ member, ask }))),
    ({ ask }) => upstreamGroup(ask.host),
  );
  const live = Map.groupBy(existing, groupOf);
  const groups = [...askers.keys(), ...live.keys()].filter(isUpstream);
  const planned = [...new Set(groups)]
    .filter(group => focus === undefined || focus === group)
    .map(group => {
      const objects = live.get(group) ?? [];
      const host = group.slice('Upstream/'.length);
      const scene = { host, members, ports: livePorts(objects), traffic: facts.traffic, settings, now };
      return planOne(askers.get(group) ?? [], objects[0]?.metadata.namespace, scene);
    });
  const times = planned.flatMap(({ wakeAt }) => wakeAt ?? []);
  return {
    upstreams: planned.map(({ upstream }) => upstream).filter(({ ports }) => ports.length > 0),
    faults: planned.flatMap(({ faults }) => faults),
    wakeAt: times.length === 0 ? undefined : Math.min(...times),
  };
}

function isUpstream(group: GroupKey | undefined): group is GroupKey {
  return group?.startsWith('Upstream/') === true;
}

function asksIn({ intent }: Member, settings: Settings): readonly UpstreamAsk[] {
  return intent ? asksOf(intent, settings) : [];
}

interface Scene {
  readonly host: string;
  readonly members: readonly Member[];
  readonly ports: readonly LivePort[];
  readonly traffic: TrafficFacts;
  readonly settings: Settings;
  readonly now: number;
}

interface PlannedOne {
  readonly upstream: UpstreamPlan;
  readonly faults: PlannedUpstreams['faults'];
  readonly wakeAt: number | undefined;
}

function planOne(aged: readonly Asker[], livesIn: string | undefined, scene: Scene): PlannedOne {
  const { host, settings, ports: live, now } = scene;
  const service = aged.find(({ ask }) => ask.service)?.ask.service;
  const senders = scene.traffic.sendersTo(host).filter(({ until }) => until === undefined || now < until + PROPAGATION);
  const kept = live.flatMap(port => keeperOf(port, senders, scene) ?? []);
  const granted: Asker[] = [];
  const faults: PlannedUpstreams['faults'][number][] = [];
  for (const asker of inOrder(aged, senders, live)) {
    const holder = holderAgainst(asker, granted, kept);
    if (!holder) granted.push(asker);
    else if (!isOneTeam(asker, holder)) faults.push(faultOf(asker, holder));
  }
  const asked = new Map(granted.map(({ ask }) => [ask.port, connectionsAt(ask.port, granted)]));
  const ports = [
    ...[...asked].map(([number, connections]) => ({ number, ...(connections && { connections }) })),
    ...kept.flatMap(({ port: { number, connections } }) =>
      asked.has(number) ? [] : [{ number, ...(connections && { connections }) }],
    ),
  ];
  const leaving = kept.flatMap(({ until }) => until ?? []);
  return {
    upstream: {
      host,
      namespace: service?.namespace ?? livesIn ?? settings.systemNamespace,
      isOutside: service === undefined && (granted.length > 0 || live.some(({ isEntered }) => isEntered)),
      ports: ports.sort((a, b) => a.number - b.number),
      askers: granted,
    },
    faults,
    wakeAt: leaving.length === 0 ? undefined : Math.min(...leaving),
  };
}

/** A live port that routes need, of whom nobody can be asked, or that are about to leave. */
interface Kept {
  readonly port: LivePort;
  /** The frozen Deployment that has it; absent = whoever asks for the port gets it. */
  readonly by?: Member;
  /** When the last one will have left; absent = that is not known. */
  readonly until?: number;
}

function keeperOf(port: LivePort, senders: readonly Sender[], { host, members, settings }: Scene): Kept | undefined {
  const here = senders.filter(sender => sender.port === port.number);
  const memberOf = ({ namespace, deployment }: Sender) =>
    members.find(({ ref }) => isSameRef(ref, { ...ref, namespace, name: deployment }));
  const by = here.map(memberOf).find(member => member !== undefined && !member.intent);
  if (by) return { port, by };
  const leaving = here.filter(sender => isLeaving(sender, memberOf(sender), host, settings));
  if (leaving.length === 0) return undefined;
  const times = leaving.map(({ until }) => until);
  const ends = times.every(time => time !== undefined) ? Math.max(...times) + PROPAGATION : undefined;
  return { port, ...(ends !== undefined && { until: ends }) };
}

/** Whether a live route will send there no more, once it is written anew. */
function isLeaving(sender: Sender, member: Member | undefined, host: string, settings: Settings): boolean {
  if (sender.until !== undefined || !member?.intent) return true;
  const { service, mappings } = member.intent;
  const same = mappings.filter(({ name }) => name === sender.route);
  if (same.some(mapping => mayReach(mapping, host, sender.port, settings))) return false;
  return !service || same.length > 0 || ![CATCH_ALL, MODEL_PATH].includes(sender.route);
}

/** Lines have their place since their oldest version; within one the version that is routed goes before newer ones. */
function inOrder(aged: readonly Asker[], senders: readonly Sender[], live: readonly LivePort[]): readonly Asker[] {
  const sends = ({ member: { ref }, ask }: Asker) =>
    senders.some(
      ({ namespace, deployment, port, until }) =>
        until === undefined && port === ask.port && isSameRef(ref, { ...ref, namespace, name: deployment }),
    );
  const lines = [...Map.groupBy(aged, lineKey).values()].flatMap(line => {
    const versions = newestFirst([...new Set(line.map(({ member }) => member))]);
    const ordered = versions.flatMap(version => line.filter(({ member }) => member === version));
    return [...ordered.filter(sends), ...ordered.filter(asker => !sends(asker))];
  });
  const isThere = (asker: Asker) => sends(asker) && isServed(asker.ask, live);
  return [...lines.filter(isThere), ...lines.filter(asker => !isThere(asker))];
}

function lineKey({ member }: Asker): string {
  const { namespace, name } = member.ref;
  return `${namespace}/${lineOfMember(member) ?? `/${name}`}`;
}

/** Who has the port in another way than is asked. */
function holderAgainst(asker: Asker, granted: readonly Asker[], kept: readonly Kept[]): Asker | Member | undefined {
  const { port } = asker.ask;
  const frozen = kept.find(({ port: { number }, by }) => number === port && by);
  if (frozen?.by && !isServed(asker.ask, [frozen.port])) return frozen.by;
  return granted.find(other => other.ask.port === port && !isAlike(other.ask, asker.ask, isNeighbour(other, asker)));
}

function isNeighbour(a: Asker, b: Asker): boolean {
  return a.member.ref.namespace === b.member.ref.namespace;
}

function connectionsAt(port: number, granted: readonly Asker[]): JsonObject | undefined {
  const asked = granted.find(({ ask }) => ask.port === port && ask.policy);
  return asked && connectionsOf(asked.ask);
}

/** One text is told of itself by itself, and versions succeed each other. */
function isOneTeam(asker: Asker, holder: Asker | Member): boolean {
  if (!('ask' in holder)) return false;
  return asker.member === holder.member || lineKey(asker) === lineKey(holder);
}

function faultOf({ member, ask }: Asker, held: Asker | Member): PlannedUpstreams['faults'][number] {
  const { intent } = member;
  if (!intent) throw new Error('a frozen Deployment asks for nothing');
  const holder = 'ask' in held ? holderOf(held) : { ref: held.ref };
  return { group: upstreamGroup(ask.host), finding: connectionsConflict(intent, ask, holder) };
}

function holderOf({ member: { ref, intent }, ask }: Asker): Holder {
  return intent ? holderIn(intent, ask) : { ref };
}
