import { isMap } from './deployment-view.ts';
import { readJson } from './json-text.ts';
import { OPERATIONS, REVIEW_API_VERSION, REVIEW_KIND } from './review-types.ts';
import type { Operation, ReviewRequest } from './review-types.ts';

/** A body that is no review. With a uid it can be answered as one, and the user reads why; without, only by status. */
export interface Malformed {
  readonly uid: string | undefined;
  /** A clause for the sentence "the body …". */
  readonly mistake: string;
}

/** The API server's are UUIDs of 36 characters. It is said again in answers and in the log: in one line, visible. */
const UID = /^[!-~]{1,128}$/;

export function parseReview(body: Buffer): ReviewRequest | Malformed {
  const { value, mistake } = readJson(body);
  const request = isMap(value) && isMap(value['request']) ? value['request'] : undefined;
  const uid = request?.['uid'];
  if (!isUid(uid)) return { uid: undefined, mistake: mistake ?? 'must hold `request.uid`' };
  if (mistake !== undefined) return { uid, mistake };

  const review = value as Record<string, unknown>;
  if (review['apiVersion'] !== REVIEW_API_VERSION || review['kind'] !== REVIEW_KIND) {
    return { uid, mistake: `must be an ${REVIEW_KIND} of ${REVIEW_API_VERSION}` };
  }
  const { kind, subResource = '', name = '', namespace = '', operation, object, oldObject } = request ?? {};
  if (!isOperation(operation)) return { uid, mistake: `must hold \`request.operation\`: ${OPERATIONS.join(', ')}` };
  if (!isKind(kind)) return { uid, mistake: 'must hold `request.kind` with group, version and kind' };
  if (typeof subResource !== 'string' || typeof name !== 'string' || typeof namespace !== 'string') {
    return { uid, mistake: 'must hold `request.name`, `request.namespace` and `request.subResource` as strings' };
  }
  return { uid, kind, subResource, name, namespace, operation, object, oldObject };
}

export function isMalformed(review: ReviewRequest | Malformed): review is Malformed {
  return 'mistake' in review;
}

function isUid(value: unknown): value is string {
  return typeof value === 'string' && UID.test(value);
}

function isOperation(value: unknown): value is Operation {
  return (OPERATIONS as readonly unknown[]).includes(value);
}

function isKind(value: unknown): value is ReviewRequest['kind'] {
  return (
    isMap(value) &&
    typeof value['group'] === 'string' &&
    typeof value['version'] === 'string' &&
    typeof value['kind'] === 'string'
  );
}
