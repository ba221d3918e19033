import type { Recorder } from '../kube/events.ts';
import type { Logger } from '../runtime/log.ts';
import type { ControllerMetrics } from '../runtime/metrics.ts';
import type { Compilation } from '../shared/compilation.ts';
import type { Deployment } from '../shared/deployment.ts';
import { isError, nameOf, stopsEverything } from '../shared/findings/finding.ts';
import type { Finding } from '../shared/findings/finding.ts';
import { eventMessage, placeOf } from '../shared/findings/format.ts';
import { isAnnotated } from '../shared/inject/decide.ts';
import type { GroupKey } from '../shared/snapshot.ts';

export interface ReporterOptions {
  readonly recorder: Recorder;
  readonly deployment: (namespace: string, name: string) => Deployment | undefined;
  readonly metrics: Pick<ControllerMetrics, 'deployments' | 'hosts'>;
  /** A finding began to hold. */
  readonly onFinding: (finding: Finding) => void;
  readonly log: Logger;
}

export interface Reporter {
  report(group: GroupKey, compilation: Compilation): Promise<void>;
  forget(deployment: Deployment): void;
}

/** `invalid`: its own text has an error. `conflicted`: something of it is another one's. `frozen`: left alone. */
const DEPLOYMENT_STATES = ['built', 'conflicted', 'invalid', 'frozen'] as const;
const HOST_STATES = ['routed', 'conflicted', 'frozen'] as const;
type State = (typeof DEPLOYMENT_STATES)[number] | (typeof HOST_STATES)[number];

type ByDeployment = ReadonlyMap<string, readonly Finding[]>;

/** Says of every Deployment what all groups together found about it. */
export function createReporter({ recorder, deployment, metrics, onFinding, log }: ReporterOptions): Reporter {
  const found = new Map<GroupKey, ByDeployment>();
  const groupsOf = new Map<string, Set<GroupKey>>();
  const states = new Map<GroupKey, State>();

  function remember(group: GroupKey, now: ByDeployment): readonly string[] {
    const before = found.get(group) ?? new Map<string, readonly Finding[]>();
    if (now.size === 0) found.delete(group);
    else found.set(group, now);
    for (const key of before.keys()) if (!now.has(key)) unlink(key, group);
    for (const [key, findings] of now) {
      link(key, group);
      announce(findings, before.get(key) ?? []);
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

  async function say(key: string): Promise<void> {
    const [namespace = '', name = ''] = key.split('/');
    const uid = deployment(namespace, name)?.metadata.uid;
    if (uid === undefined) return;
    const findings = [...(groupsOf.get(key) ?? [])].sort().flatMap(group => found.get(group)?.get(key) ?? []);
    const texts = new Map(
      findings.filter(isEvent).map(finding => {
        const message = eventMessage(finding);
        return [message, { type: 'Warning' as const, reason: nameOf(finding), message }];
      }),
    );
    await recorder.report({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name, uid }, [...texts.values()]);
  }

  for (const state of DEPLOYMENT_STATES) metrics.deployments.set({ state }, 0);
  for (const state of HOST_STATES) metrics.hosts.set({ state }, 0);

  return {
    async report(group, compilation) {
      const byDeployment = Map.groupBy(compilation.findings, ({ object }) => `${object.namespace}/${object.name}`);
      const touched = remember(group, byDeployment);
      setState(group, stateOf(group, compilation, deployment));
      for (const key of touched) await say(key);
    },
    forget({ metadata: { uid = '' } }) {
      recorder.forget(uid);
    },
  };
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
  deployment: ReporterOptions['deployment'],
): State | undefined {
  const isConflicted = findings.some(isError);
  if (group.startsWith('Host/')) {
    if (frozen.includes(group)) return 'frozen';
    if (isConflicted) return 'conflicted';
    return objects.length > 0 ? 'routed' : undefined;
  }
  const [, namespace = '', name = ''] = group.split('/');
  const one = deployment(namespace, name);
  if (one === undefined || (!isAnnotated(one) && !frozen.includes(group))) return undefined;
  if (findings.some(stopsEverything)) return 'invalid';
  if (frozen.includes(group)) return 'frozen';
  return isConflicted ? 'conflicted' : 'built';
}
