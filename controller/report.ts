import { createBackoff } from '../kube/backoff.ts';
import type { Backoff } from '../kube/backoff.ts';
import type { EventText, Recorder } from '../kube/events.ts';
import type { Logger } from '../runtime/log.ts';
import type { ControllerMetrics } from '../runtime/metrics.ts';
import type { Compilation, Statement } from '../shared/compilation.ts';
import type { Deployment } from '../shared/deployment.ts';
import { isError, nameOf, stopsEverything } from '../shared/findings/finding.ts';
import type { Finding } from '../shared/findings/finding.ts';
import { eventMessage, placeOf } from '../shared/findings/format.ts';
import { REPLICAS } from '../shared/inject/bookkeeping.ts';
import { isAnnotated } from '../shared/inject/decide.ts';
import type { GroupKey } from '../shared/snapshot.ts';

export interface ReporterOptions {
  readonly recorder: Recorder;
  readonly deployment: (namespace: string, name: string) => Deployment | undefined;
  readonly metrics: Pick<ControllerMetrics, 'deployments' | 'hosts'>;
  /** A finding began to hold. */
  readonly onFinding: (finding: Finding) => void;
  /** Not all of a group could be told: it wants another turn after so many milliseconds. */
  readonly lookAgain: (group: GroupKey, delay: number) => void;
  readonly log: Logger;
  /** From 0 to below 1. */
  readonly random: () => number;
}

export interface Reporter {
  report(group: GroupKey, compilation: Compilation, turn: Turn): Promise<void>;
  forget(deployment: Deployment): void;
  /** Another process says it from now on. */
  clear(): void;
}

export interface Turn {
  /** What writing found out. */
  readonly troubles: readonly Finding[];
  /** Whether everything of the group was written. */
  readonly isDone: boolean;
}

/**
 * `invalid`: its own text has an error. `conflicted`: something of it is another one's, or in somebody's way. `failed`:
 * not all of it could be written; that is tried again. `frozen`: left alone. `retired`: scaled to zero, since another
 * version leads.
 */
const DEPLOYMENT_STATES = ['built', 'retired', 'conflicted', 'invalid', 'failed', 'frozen'] as const;
const HOST_STATES = ['routed', 'conflicted', 'failed', 'frozen'] as const;
type State = (typeof DEPLOYMENT_STATES)[number] | (typeof HOST_STATES)[number];

interface Said {
  readonly findings: readonly Finding[];
  readonly statements: readonly Statement[];
}

/** Milliseconds until an Event that could not be written is tried again: first, and at most. */
const BACKOFF = { base: 250, cap: 60_000 };

type ByDeployment = ReadonlyMap<string, Said>;

/** Says of every Deployment what all groups together found about it. */
export function createReporter(options: ReporterOptions): Reporter {
  const { recorder, deployment, metrics, onFinding, lookAgain, log, random } = options;
  const found = new Map<GroupKey, ByDeployment>();
  const groupsOf = new Map<string, Set<GroupKey>>();
  const states = new Map<GroupKey, State>();
  const backoffs = new Map<GroupKey, Backoff>();

  function remember(group: GroupKey, now: ByDeployment): readonly string[] {
    const before = found.get(group) ?? new Map<string, Said>();
    if (now.size === 0) found.delete(group);
    else found.set(group, now);
    for (const key of before.keys()) if (!now.has(key)) unlink(key, group);
    for (const [key, { findings }] of now) {
      link(key, group);
      announce(findings, before.get(key)?.findings ?? []);
    }
    return [...new Set([...before.keys(), ...now.keys()])];
  }

  function link(key: string, group: GroupKey): void {
    const groups = groupsOf.get(key);
    if (groups === undefined) groupsOf.set(key, new Set([group]));
    else groups.add(group);
  }

  function unlink(key: string, group: GroupKey): void {
    const groups = groupsOf.get(key);
    groups?.delete(group);
    if (groups?.size === 0) groupsOf.delete(key);
  }

  function announce(now: readonly Finding[], before: readonly Finding[]): void {
    const known = new Set(before.map(eventMessage));
    for (const finding of now.filter(one => !known.has(eventMessage(one)))) {
      onFinding(finding);
      const { namespace, name } = finding.object;
      const fields = { code: finding.code, name: nameOf(finding), deployment: `${namespace}/${name}` };
      log.warn({ ...fields, place: placeOf(finding.site) }, 'finding');
    }
  }

  function setState(group: GroupKey, state: State | undefined): void {
    const before = states.get(group);
    if (before === state) return;
    if (state === undefined) states.delete(group);
    else states.set(group, state);
    const gauge = group.startsWith('Host/') ? metrics.hosts : metrics.deployments;
    if (before !== undefined) gauge.dec({ state: before });
    if (state !== undefined) gauge.inc({ state });
  }

  async function say(key: string): Promise<'told' | 'try again'> {
    const [namespace = '', name = ''] = key.split('/');
    const uid = deployment(namespace, name)?.metadata.uid;
    if (uid === undefined) return 'told';
    const said = [...(groupsOf.get(key) ?? [])].sort().flatMap(group => found.get(group)?.get(key) ?? []);
    const events = [
      ...said.flatMap(({ findings }) => findings.filter(isEvent).map(eventOf)),
      ...said.flatMap(({ statements }) => statements.map(({ type, reason, message }) => ({ type, reason, message }))),
    ];
    const texts = new Map(events.map(event => [`${event.reason} ${event.message}`, event]));
    return recorder.report({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name, uid }, [...texts.values()]);
  }

  /** What holds may never change again, so that nothing but this would tell of it. */
  function pursue(group: GroupKey, outcome: 'told' | 'try again'): void {
    if (outcome === 'told') {
      backoffs.delete(group);
      return;
    }
    const backoff = backoffs.get(group) ?? createBackoff(BACKOFF.base, BACKOFF.cap, random);
    backoffs.set(group, backoff);
    lookAgain(group, backoff.next());
  }

  function zero(): void {
    for (const state of DEPLOYMENT_STATES) metrics.deployments.set({ state }, 0);
    for (const state of HOST_STATES) metrics.hosts.set({ state }, 0);
  }
  zero();

  return {
    async report(group, compilation, turn) {
      const findings = [...compilation.findings, ...turn.troubles];
      const touched = remember(group, byDeployment(findings, compilation.statements));
      setState(group, stateOf(group, { ...compilation, findings }, turn, deployment));
      let outcome: 'told' | 'try again' = 'told';
      for (const key of touched) if ((await say(key)) === 'try again') outcome = 'try again';
      // What failed otherwise is tried again anyway, and not sooner than the API server wants it.
      if (turn.isDone) pursue(group, outcome);
    },
    clear() {
      found.clear();
      groupsOf.clear();
      states.clear();
      backoffs.clear();
      zero();
    },
    forget({ metadata: { uid = '' } }) {
      recorder.forget(uid);
    },
  };
}

function byDeployment(findings: readonly Finding[], statements: readonly Statement[]): ByDeployment {
  const keyOf = ({ object: { namespace, name } }: Finding | Statement) => `${namespace}/${name}`;
  const found = Map.groupBy(findings, keyOf);
  const stated = Map.groupBy(statements, keyOf);
  const keys = new Set([...found.keys(), ...stated.keys()]);
  return new Map([...keys].map(key => [key, { findings: found.get(key) ?? [], statements: stated.get(key) ?? [] }]));
}

function eventOf(finding: Finding): EventText {
  return { type: 'Warning', reason: nameOf(finding), message: eventMessage(finding) };
}

/**
 * Of the mistakes in a text one Event tells, `AnnotationInvalid`; its other findings were told at admission. Events of
 * their own have those that show only in the cluster.
 */
function isEvent(finding: Finding): boolean {
  if (isError(finding)) return !stopsEverything(finding) || nameOf(finding) === 'AnnotationInvalid';
  return nameOf(finding) === 'NotInjected' || nameOf(finding) === 'RoutesUnavailable';
}

function stateOf(
  group: GroupKey,
  { objects, findings, frozen }: Compilation,
  { isDone }: Turn,
  deployment: ReporterOptions['deployment'],
): State | undefined {
  const isConflicted = findings.some(isError);
  if (group.startsWith('Host/')) {
    if (frozen.includes(group)) return 'frozen';
    if (isConflicted) return 'conflicted';
    if (!isDone) return 'failed';
    return objects.length > 0 ? 'routed' : undefined;
  }
  const [kind, namespace = '', name = ''] = group.split('/');
  if (kind !== 'Deployment') return undefined;
  const one = deployment(namespace, name);
  if (one === undefined || (!isAnnotated(one) && !frozen.includes(group))) return undefined;
  if (findings.some(stopsEverything)) return 'invalid';
  if (frozen.includes(group)) return 'frozen';
  if (isConflicted) return 'conflicted';
  if (!isDone) return 'failed';
  return isRetired(one) ? 'retired' : 'built';
}

function isRetired({ metadata, spec }: Deployment): boolean {
  return spec.replicas === 0 && Object.hasOwn(metadata.annotations ?? {}, REPLICAS);
}
