import { admit } from '../admit.ts';
import { PREFIX } from '../annotation-keys.ts';
import type { Deployment } from '../deployment.ts';
import { effectiveSettings } from '../effective-settings.ts';
import { fieldSite, finding, isError, stopsEverything } from '../findings/finding.ts';
import type { Finding, ObjectRef } from '../findings/finding.ts';
import { sentence } from '../findings/format.ts';
import { isAnnotated } from '../inject/decide.ts';
import { isInjected } from '../inject/record.ts';
import type { Intent, Reading } from '../intent.ts';
import { read } from '../read.ts';
import type { Snapshot } from '../snapshot.ts';
import { deploymentGroup } from './hosts.ts';
import type { Member } from './member.ts';
import { findOwnFaults } from './own-faults.ts';
import { isActedOn } from './scope.ts';
import type { GroupKey } from '../snapshot.ts';

const PAUSED = 'waymark.dev/paused';

/** One Deployment by itself: what it may become, and whether anything is done about it. */
export interface Intake {
  readonly group: GroupKey;
  readonly findings: readonly Finding[];
  /** Whether what lives of it must stay as it is. */
  readonly frozen: boolean;
  /** As it may be stored; absent when it would be denied, and where nobody asked. */
  readonly admitted?: Deployment;
  /** Absent: it has no part in any host, also not by what lives of it. */
  readonly member?: Member;
}

/** Looks at one Deployment of a snapshot, with its namespace and nothing else. */
export function takeIn(deployment: Deployment, snapshot: Snapshot): Intake {
  const { settings, namespaces } = snapshot;
  const { namespace, name, uid, deletionTimestamp } = deployment.metadata;
  const ref: ObjectRef = { kind: 'Deployment', namespace, name };
  const group = deploymentGroup(ref);
  if (deletionTimestamp !== undefined || !isActedOn(namespace, settings)) {
    return { group, findings: [], frozen: true, ...(isAnnotated(deployment) && { admitted: deployment }) };
  }
  const { policy } = effectiveSettings(settings, namespaces.get(namespace));
  const member: Member = { deployment, ref, deniable: false };
  if (policy === 'off') {
    return { group, findings: [], frozen: true, member, ...(isAnnotated(deployment) && { admitted: deployment }) };
  }
  if (!isAnnotated(deployment)) return { group, findings: strayFindings(deployment, snapshot), frozen: false };

  const isNew = uid === undefined;
  const reading = read(deployment, snapshot);
  const decision = isNew || !snapshot.focus ? admitStored(deployment, snapshot, isNew) : undefined;
  const findings = isNew && decision ? decision.findings : liveFindings(deployment, reading, snapshot);
  const isDenied = isNew && policy === 'enforce' && findings.some(isError);
  const isStopped = isDenied || findings.some(stopsEverything) || isPaused(deployment);
  return {
    group,
    findings,
    frozen: isStopped,
    ...(decision && !isDenied && { admitted: decision.admitted }),
    member: {
      ...member,
      identity: reading.identity,
      ...(!isStopped && { intent: reading.intent, deniable: isNew && policy === 'enforce' }),
    },
  };
}

/** What is stored already is admitted as an update that changes nothing. */
function admitStored(object: Deployment, { settings, namespaces }: Snapshot, isNew: boolean): ReturnType<typeof admit> {
  const request = { object, settings, namespaces };
  return admit(isNew ? { ...request, operation: 'CREATE' } : { ...request, operation: 'UPDATE', oldObject: object });
}

function isPaused({ metadata }: Deployment): boolean {
  return metadata.annotations?.[PAUSED] === 'true';
}

/** Misspelt keys of ours on a Deployment that has no annotation to read. */
function strayFindings(deployment: Deployment, snapshot: Snapshot): readonly Finding[] {
  const keys = Object.keys(deployment.metadata.annotations ?? {});
  return keys.some(key => key.startsWith(PREFIX)) ? read(deployment, snapshot).findings : [];
}

/** The rule of names has no say here: what is stored was let in. */
function liveFindings(
  deployment: Deployment,
  { findings, intent }: Reading,
  { settings }: Snapshot,
): readonly Finding[] {
  const all = intent ? [...findings, ...findOwnFaults(intent, deployment, settings)] : [...findings];
  const [first, ...others] = all.filter(stopsEverything);
  if (first) all.push(annotationInvalid(first, others.length));
  if (intent && !isInjected(deployment)) all.push(notInjected(intent));
  return all;
}

function annotationInvalid(first: Finding, others: number): Finding {
  const more = others === 0 ? '' : `, and ${others} more`;
  return finding('AnnotationInvalid', {
    object: first.object,
    site: first.site,
    must: 'must be without errors before anything is changed for it; what was built from its last good text stays',
    found: `but has ${first.code}: ${sentence(first)}${more}`,
    fix: first.fix,
  });
}

function notInjected({ object, key }: Intent): Finding {
  return finding('NotInjected', {
    object,
    site: fieldSite('spec', 'template', 'spec', 'containers'),
    must: `must hold the variables that \`${key}\` asks for`,
    found: 'but was stored while the webhook was not asked',
    fix: 'apply the Deployment again',
  });
}
