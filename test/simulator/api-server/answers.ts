import type { Kind } from './kinds.ts';
import type { Conflict } from './managed-fields.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  /** Seconds, in the header of this name. */
  readonly retryAfter?: number;
}

interface Refusal {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A `Status` object, as every refusal is told. */
export function refuse({ code, reason, message, details }: Refusal): ApiAnswer {
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason };
  return { status: code, body: { ...body, ...(details && { details }), code } };
}

export function done(body: unknown, status = 200): ApiAnswer {
  return { status, body };
}

function about(kind: Kind, name: string): Readonly<Record<string, unknown>> {
  return { name, ...(kind.group !== '' && { group: kind.group }), kind: kind.resource.plural };
}

/** Of a path that nobody answers. */
export function notServed(): ApiAnswer {
  return { status: 404, body: '404 page not found\n' };
}

export function notFound(kind: Kind, name: string): ApiAnswer {
  const message = `${kind.qualified} "${name}" not found`;
  return refuse({ code: 404, reason: 'NotFound', message, details: about(kind, name) });
}

export function alreadyExists(kind: Kind, name: string): ApiAnswer {
  const message = `${kind.qualified} "${name}" already exists`;
  return refuse({ code: 409, reason: 'AlreadyExists', message, details: about(kind, name) });
}

export function conflict(kind: Kind, name: string, why: string): ApiAnswer {
  const message = `Operation cannot be fulfilled on ${kind.qualified} "${name}": ${why}`;
  return refuse({ code: 409, reason: 'Conflict', message, details: about(kind, name) });
}

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

export function applyConflicts(conflicts: readonly Conflict[]): ApiAnswer {
  const causes = conflicts.map(({ manager, field }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with "${manager}"`,
    field,
  }));
  const what = causes.map(({ message, field }) => `${message}: ${field}`).join('\n');
  const message = `Apply failed with ${causes.length} conflict${causes.length === 1 ? '' : 's'}: ${what}`;
  return refuse({ code: 409, reason: 'Conflict', message, details: { causes } });
}

/** By its own rules. It is then named by its kind, not by its resource. */
export function invalid({ resource: { kind }, group }: Kind, name: string, complaints: readonly string[]): ApiAnswer {
  const what = group === '' ? kind : `${kind}.${group}`;
  const message = `${what} "${name}" is invalid: ${complaints.join(', ')}`;
  const details = { name, ...(group !== '' && { group }), kind };
  return refuse({ code: 422, reason: 'Invalid', message, details });
}

export function needsVersion(kind: Kind, name: string): ApiAnswer {
  const message = `${kind.qualified} "${name}" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`;
  return refuse({ code: 422, reason: 'Invalid', message, details: about(kind, name) });
}

/** A deletion of another object or another state than the present one. */
export function failedPrecondition({ resource: { kind } }: Kind, name: string, why: string): ApiAnswer {
  const message = `Operation cannot be fulfilled on ${kind} "${name}": Precondition failed: ${why}`;
  return refuse({ code: 409, reason: 'Conflict', message, details: { name, kind } });
}

/** What the server does not foresee: no reason is given. */
export function unforeseen(message: string): ApiAnswer {
  return {
    status: 500,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 },
  };
}

export function badRequest(message: string): ApiAnswer {
  return refuse({ code: 400, reason: 'BadRequest', message });
}

export function expired(message: string): ApiAnswer {
  return refuse({ code: 410, reason: 'Expired', message });
}

export function notAllowed(message: string): ApiAnswer {
  return refuse({ code: 405, reason: 'MethodNotAllowed', message });
}

/** Too many requests at once; `retryAfter` in seconds. */
export function tooManyRequests(retryAfter: number): ApiAnswer {
  const answer = refuse({
    code: 429,
    reason: 'TooManyRequests',
    message: 'the server has received too many requests and has asked us to try again later',
    details: { retryAfterSeconds: retryAfter },
  });
  return { ...answer, retryAfter };
}

export function serverError(code: 500 | 503 | 504): ApiAnswer {
  const reasons = { 500: 'InternalError', 503: 'ServiceUnavailable', 504: 'Timeout' } as const;
  return refuse({ code, reason: reasons[code], message: `etcdserver: ${reasons[code]}` });
}
