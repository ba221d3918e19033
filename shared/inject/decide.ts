import type { AdmissionDecision, AdmissionRequest } from '../admission.ts';
import { AMBASSADOR_CONFIG, CONFIG } from '../annotation-keys.ts';
import type { Deployment } from '../deployment.ts';
import { fieldSite, finding, isError, sortFindings } from '../findings/finding.ts';
import type { Finding, ObjectRef } from '../findings/finding.ts';
import type { Reading } from '../intent.ts';
import { externalFindings } from '../plan/external-admission.ts';
import { hostFindings } from '../plan/host-admission.ts';
import { findOwnFaults } from '../plan/own-faults.ts';
import { isTooLarge } from '../render/json-patch.ts';
import type { Policy } from '../settings.ts';
import { keepBookkeeping } from './bookkeeping.ts';
import { changeOf } from './change.ts';
import type { Change } from './change.ts';
import { identityFindings } from './identity.ts';
import { inject, keepInjected } from './inject.ts';
import type { Injection } from './inject.ts';
import { keepReplicas, withReplicas } from './replicas.ts';
import { dueVariables } from './variables.ts';

const CONFIG_KEYS = [CONFIG, AMBASSADOR_CONFIG] as const;

/** Admission with the reading of the object given; `undefined` = it carries no annotation. */
export function decide(
  request: AdmissionRequest,
  policy: Policy,
  reading: Reading | undefined,
  readOld: (old: Deployment) => Reading,
): AdmissionDecision {
  const { object, oldObject: old, settings } = request;
  const intent = reading?.intent;
  const findings: Finding[] = reading ? [...reading.findings, ...namingFindings(object, old, reading, readOld)] : [];
  if (intent) {
    const isNewText = !old || !haveSameText(object, old);
    findings.push(...findOwnFaults(intent, object, settings), ...externalFindings(intent, isNewText, request.facts));
    findings.push(...hostFindings(intent, request, () => (old && isAnnotated(old) ? readOld(old).intent : undefined)));
  }
  const injection = injectionOf(request, policy, reading);
  if (!injection) return decided({ patch: [], admitted: object }, findings);
  const bookkeeping = keepBookkeeping(object, old, reading !== undefined, injection);
  findings.push(...bookkeeping.findings, ...injection.kept.map(kept => userVariableKept(object, kept)));
  if (policy === 'enforce' && findings.some(isError)) return unchanged(object, policy, findings);

  const change = changeOf(object, injection.edits, bookkeeping);
  if (isTooLarge(change.patch)) return decided({ patch: [], admitted: object }, [...findings, patchTooLarge(object)]);
  return decided(change, findings);

  function decided({ patch, admitted }: Change, found: readonly Finding[]): AdmissionDecision {
    if (policy === 'enforce' && found.some(isError)) return unchanged(object, policy, found);
    const size = keepReplicas(request, reading);
    if (!size) return { policy, findings: sortFindings(found), patch, admitted };
    return {
      policy,
      findings: sortFindings([...found, size.finding]),
      patch: [...patch, size.operation],
      admitted: withReplicas(admitted, size),
    };
  }
}

/** Undefined = all is left as it was sent: what cannot be read cannot be completed, and an error may deny anyway. */
function injectionOf(
  { object, oldObject: old }: AdmissionRequest,
  policy: Policy,
  reading: Reading | undefined,
): Injection | undefined {
  const intent = reading?.intent;
  if (reading && !intent) return old && policy !== 'enforce' ? keepInjected(object, old) : undefined;
  return inject({
    object,
    old,
    due: intent ? dueVariables(intent, object) : [],
    sameText: old !== undefined && haveSameText(object, old),
  });
}

function unchanged(object: Deployment, policy: Policy, findings: readonly Finding[]): AdmissionDecision {
  return { policy, findings: sortFindings(findings), patch: [], admitted: object };
}

export function isAnnotated({ metadata: { annotations } }: Deployment): boolean {
  return annotations !== undefined && CONFIG_KEYS.some(key => Object.hasOwn(annotations, key));
}

function haveSameText(a: Deployment, b: Deployment): boolean {
  return CONFIG_KEYS.every(key => a.metadata.annotations?.[key] === b.metadata.annotations?.[key]);
}

/** Of a new object the rule of names; of an update what became of its identity. */
function namingFindings(
  object: Deployment,
  old: Deployment | undefined,
  reading: Reading,
  readOld: (old: Deployment) => Reading,
): readonly Finding[] {
  if (!old) return reading.naming;
  if (haveSameText(object, old)) return [];
  return identityFindings(reading, isAnnotated(old) ? readOld(old).identity : undefined);
}

function userVariableKept(object: Deployment, { place, index }: Injection['kept'][number]): Finding {
  const { list, container } = place;
  const name = container.env?.[index]?.name ?? '';
  return finding('UserVariableKept', {
    object: refOf(object),
    site: fieldSite('spec', 'template', 'spec', list, place.index, 'env', index),
    path: name,
    must: 'is what the annotation decides where a container does not set it',
    found: `but container '${container.name}' does, and keeps its own`,
    fix: `take \`${name}\` out of the container's \`env\``,
  });
}

function patchTooLarge(object: Deployment): Finding {
  return finding('PatchTooLarge', {
    object: refOf(object),
    site: fieldSite('spec', 'template', 'spec', 'containers'),
    must: 'must be so few, and their variables so short, that they can be written in 1 MiB',
    found: 'but are not',
    fix: 'write fewer containers, or shorter values in the annotation',
  });
}

function refOf({ metadata: { namespace, name } }: Deployment): ObjectRef {
  return { kind: 'Deployment', namespace, name };
}
