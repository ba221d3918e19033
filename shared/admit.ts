import type { AdmissionDecision, AdmissionRequest } from './admission.ts';
import { effectiveSettings } from './effective-settings.ts';
import { fieldSite, finding } from './findings/finding.ts';
import type { Finding } from './findings/finding.ts';
import { decide, isAnnotated } from './inject/decide.ts';
import { isActedOn } from './plan/scope.ts';
import { read } from './read.ts';
import type { Policy } from './settings.ts';

/**
 * Decides about one admission request from the request alone: what is wrong with it, and what it lacks. Says the same
 * again about its own output. A Deployment that is being deleted, under policy `off` or in a namespace that is never
 * acted on passes as it is.
 */
export function admit(request: AdmissionRequest): AdmissionDecision {
  const { object } = request;
  const policy = policyOf(request);
  if (policy === 'off' || object.metadata.deletionTimestamp !== undefined) {
    return { policy, findings: [], patch: [], admitted: object };
  }
  return decide(request, policy, isAnnotated(object) ? read(object, request) : undefined, old => read(old, request));
}

/**
 * What the validating hook asks besides: whether what the mutating hook adds is really there. Takes the decision about
 * the same request if there is one already.
 */
export function missingMutation(request: AdmissionRequest, decision = admit(request)): Finding | undefined {
  const [first] = decision.patch;
  if (!first) return undefined;
  const { namespace, name } = request.object.metadata;
  return finding('MutationMissing', {
    object: { kind: 'Deployment', namespace, name },
    site: fieldSite(...first.path.split('/').slice(1).map(unescapeSegment)),
    must: 'must hold what the mutating webhook of Waymark writes',
    found: 'but does not',
    fix: 'see that the mutating webhook is installed and that no other webhook undoes what it does',
  });
}

function unescapeSegment(segment: string): string | number {
  return /^\d+$/.test(segment) ? Number(segment) : segment.replaceAll('~1', '/').replaceAll('~0', '~');
}

function policyOf({ object, settings, namespaces }: AdmissionRequest): Policy {
  const { namespace } = object.metadata;
  if (!isActedOn(namespace, settings)) return 'off';
  return effectiveSettings(settings, namespaces.get(namespace)).policy;
}
