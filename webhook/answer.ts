import { denialMessage } from '../shared/findings/format.ts';
import { REVIEW_API_VERSION, REVIEW_KIND } from './review-types.ts';
import type { Finding } from '../shared/findings/finding.ts';
import type { ReviewResponse } from './review-types.ts';

/** The only ways to answer a review. */

export interface Remarks {
  /** One line each; see `warningLines`. */
  readonly warnings?: readonly string[];
  /** By key: stable names, never a time. The API server puts the webhook's name in front. */
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

export function allowed(uid: string, { warnings = [], auditAnnotations }: Remarks = {}): ReviewResponse {
  return {
    uid,
    allowed: true,
    ...(warnings.length > 0 && { warnings }),
    ...(auditAnnotations && { auditAnnotations }),
  };
}

/** `patch` is a JSON Patch as text. */
export function patched(uid: string, patch: Buffer, remarks: Remarks = {}): ReviewResponse {
  return { ...allowed(uid, remarks), patchType: 'JSONPatch', patch: patch.toString('base64') };
}

/** 403 and not 422: of the latter kubectl would show causes only, and hide this message. */
export function denied(uid: string, findings: readonly Finding[], { warnings = [] }: Remarks = {}): ReviewResponse {
  return {
    uid,
    allowed: false,
    status: { code: 403, reason: 'Forbidden', message: denialMessage(findings) },
    ...(warnings.length > 0 && { warnings }),
  };
}

export function malformed(uid: string, mistake: string): ReviewResponse {
  return { uid, allowed: false, status: { code: 400, reason: 'BadRequest', message: `the body ${mistake}` } };
}

/** Our own bug: the object is neither good nor bad, and must not slip through. */
export function failed(uid: string): ReviewResponse {
  const message = `Waymark failed to judge this object; the webhook's log says why, under uid ${uid}`;
  return { uid, allowed: false, status: { code: 500, reason: 'InternalError', message } };
}

export function reviewText(response: ReviewResponse): string {
  return JSON.stringify({ apiVersion: REVIEW_API_VERSION, kind: REVIEW_KIND, response });
}
