import { admit, missingMutation } from '../shared/admit.ts';
import { namespaceFindings } from '../shared/effective-settings.ts';
import { codeOf } from '../shared/findings/catalogue.ts';
import { isError } from '../shared/findings/finding.ts';
import { auditValue, warningText } from '../shared/findings/format.ts';
import { isAnnotated } from '../shared/inject/decide.ts';
import { allowed, denied, failed, malformed, patched, reviewText } from './answer.ts';
import { viewDeployment } from './deployment-view.ts';
import { isMalformed, parseReview } from './parse-review.ts';
import type { AdmissionDecision, AdmissionRequest } from '../shared/admission.ts';
import type { Finding } from '../shared/findings/finding.ts';
import type { Policy, Settings } from '../shared/settings.ts';
import type { ClusterFacts } from '../shared/cluster-facts.ts';
import type { Namespace } from '../shared/snapshot.ts';
import type { Remarks } from './answer.ts';
import type { Operation, ReviewRequest, ReviewResponse } from './review-types.ts';

export type Hook = 'mutate' | 'validate';

export interface ReviewContext {
  readonly settings: Settings;
  /** A Namespace that is not here has the platform's settings. */
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** Asked anew for every request; absent = nothing is known. */
  readonly facts?: ClusterFacts | undefined;
  /** What becomes of an object that comes to the validating hook without its variables. */
  readonly onMissingMutation: 'deny' | 'warn';
  /** Told of an exception: a bug of ours. The request is answered all the same. */
  readonly onBug: (error: unknown, uid: string) => void;
}

/**
 *   patched, unchanged          the mutating hook, which never denies
 *   allowed, warned, audited,   the validating hook; warned and audited objects have errors that the policy lets pass
 *   denied
 *   skipped                     not an object of ours: another kind, a subresource, a deletion, a system namespace
 *   malformed, failed           a body that is no review; a bug of ours
 */
export type Result =
  'patched' | 'unchanged' | 'allowed' | 'warned' | 'audited' | 'denied' | 'skipped' | 'malformed' | 'failed';

/** One answer over HTTP, and what there is to log and count of it. */
export interface Outcome {
  readonly status: 200 | 400;
  readonly type: 'application/json' | 'text/plain; charset=utf-8';
  readonly body: string;
  readonly result: Result;
  readonly operation: Operation | 'unknown';
  /** Empty when it could not be read. */
  readonly uid: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Those that this hook is to count: every finding is counted by one of the two. */
  readonly findings: readonly Finding[];
  /** Size of the JSON Patch; 0 = none. */
  readonly patchBytes: number;
}

/** Answers the body of one request. Pure but for `onBug`: equal bodies get equal answers. */
export function review(hook: Hook, body: Buffer, context: ReviewContext): Outcome {
  const request = parseReview(body);
  if (isMalformed(request)) return refused(request.uid, request.mistake);
  try {
    return judge(hook, request, context);
  } catch (error) {
    context.onBug(error, request.uid);
    return answered(request, 'failed', failed(request.uid));
  }
}

function judge(hook: Hook, request: ReviewRequest, context: ReviewContext): Outcome {
  const { uid, operation } = request;
  if ((operation !== 'CREATE' && operation !== 'UPDATE') || !isDeployment(request)) {
    return answered(request, 'skipped', allowed(uid));
  }
  const object = viewDeployment(request.object, 'request.object', request);
  if (typeof object === 'string') return answered(request, 'malformed', malformed(uid, object));
  const { settings, namespaces, facts } = context;
  if (operation === 'CREATE') return decide(hook, request, { operation, object, settings, namespaces, facts }, context);

  const oldObject = viewDeployment(request.oldObject, 'request.oldObject', request);
  if (typeof oldObject === 'string') return answered(request, 'malformed', malformed(uid, oldObject));
  return decide(hook, request, { operation, object, oldObject, settings, namespaces, facts }, context);
}

/** The chart asks for nothing else; whatever comes by another configuration passes untouched. */
function isDeployment({ kind: { group, version, kind }, subResource }: ReviewRequest): boolean {
  return kind === 'Deployment' && group === 'apps' && version === 'v1' && subResource === '';
}

function decide(hook: Hook, request: ReviewRequest, asked: AdmissionRequest, context: ReviewContext): Outcome {
  const decision = admit(asked);
  if (decision.policy === 'off') return answered(request, 'skipped', allowed(request.uid));
  if (hook === 'mutate') return mutate(request, decision);
  const own = decision.findings.filter(one => !SEEN_BY_MUTATION_ONLY.has(one.code));
  return validate(request, decision.policy, [...own, ...missing(asked, decision, context), ...aboutNamespace(asked)]);
}

/** Nobody asks the webhook about a Namespace: who has a Deployment in it is told of its wrong settings. */
function aboutNamespace({ object, settings, namespaces }: AdmissionRequest): readonly Finding[] {
  const namespace = namespaces.get(object.metadata.namespace);
  return namespace === undefined || !isAnnotated(object) ? [] : namespaceFindings(settings, namespace);
}

function mutate(request: ReviewRequest, { policy, findings, patch }: AdmissionDecision): Outcome {
  const { uid } = request;
  const own = findings.filter(one => SEEN_BY_MUTATION_ONLY.has(one.code));
  const remarks = policy === 'audit' ? recorded(own) : { warnings: warningLines(own) };
  if (patch.length === 0) return answered(request, 'unchanged', allowed(uid, remarks), own);
  const text = Buffer.from(JSON.stringify(patch));
  return { ...answered(request, 'patched', patched(uid, text, remarks), own), patchBytes: text.length };
}

/** Once the patch is applied, the object shows nothing of these any more; where it is not, they are not true. */
const SEEN_BY_MUTATION_ONLY: ReadonlySet<string> = new Set([codeOf('BookkeepingDropped'), codeOf('ReplicasKept')]);

function missing(asked: AdmissionRequest, decision: AdmissionDecision, context: ReviewContext): readonly Finding[] {
  const found = missingMutation(asked, decision);
  if (found === undefined) return [];
  if (context.onMissingMutation === 'deny') return [found];
  // A size alone is what its user wrote, and the autoscaler mends it.
  const isSize = found.site.in === 'field' && found.site.path[1] === 'replicas';
  return isSize ? [] : [{ ...found, code: codeOf('NotInjected') }];
}

function recorded(findings: readonly Finding[]): Remarks {
  return findings.length === 0 ? {} : { auditAnnotations: { findings: auditValue(findings) } };
}

function validate(request: ReviewRequest, policy: Exclude<Policy, 'off'>, findings: readonly Finding[]): Outcome {
  const { uid } = request;
  const errors = findings.filter(isError);
  const others = findings.filter(one => !isError(one));
  switch (policy) {
    case 'enforce': {
      const remarks = { warnings: warningLines(others) };
      return errors.length === 0
        ? answered(request, 'allowed', allowed(uid, remarks), findings)
        : answered(request, 'denied', denied(uid, errors, remarks), findings);
    }
    case 'warn': {
      const remarks = { warnings: warningLines([...errors, ...others]) };
      return answered(request, errors.length === 0 ? 'allowed' : 'warned', allowed(uid, remarks), findings);
    }
    case 'audit': {
      const result = errors.length === 0 ? 'allowed' : 'audited';
      return answered(request, result, allowed(uid, recorded(findings)), findings);
    }
  }
}

/**
 * From 4096 characters on, the API server cuts warnings to 256 each and drops the rest: 16 such lines are all that a
 * user can be shown.
 */
const MAX_WARNINGS = 16;

function warningLines(findings: readonly Finding[]): readonly string[] {
  const lines = [...new Set(findings.map(warningText))];
  if (lines.length <= MAX_WARNINGS) return lines;
  const shown = lines.slice(0, MAX_WARNINGS - 1);
  return [...shown, `and ${lines.length - shown.length} more findings; \`waymark lint\` shows them all`];
}

function answered(
  request: ReviewRequest,
  result: Result,
  response: ReviewResponse,
  findings: readonly Finding[] = [],
): Outcome {
  return {
    status: 200,
    type: 'application/json',
    body: reviewText(response),
    result,
    operation: request.operation,
    uid: request.uid,
    kind: request.kind.kind,
    namespace: request.namespace,
    name: request.name,
    findings,
    patchBytes: 0,
  };
}

function refused(uid: string | undefined, mistake: string): Outcome {
  const known = uid !== undefined;
  return {
    status: known ? 200 : 400,
    type: known ? 'application/json' : 'text/plain; charset=utf-8',
    body: known ? reviewText(malformed(uid, mistake)) : `the body ${mistake}\n`,
    result: 'malformed',
    operation: 'unknown',
    uid: uid ?? '',
    kind: '',
    namespace: '',
    name: '',
    findings: [],
    patchBytes: 0,
  };
}
