/**
 * What kept a request from succeeding: `answer`, the API server said no; `timeout`; `unreachable`, no connection or a
 * broken one; `aborted`, the caller took it back; `credentials`, none could be had.
 */
export type KubeErrorCode = 'answer' | 'timeout' | 'unreachable' | 'aborted' | 'credentials';

export interface KubeErrorFields {
  readonly code: KubeErrorCode;
  readonly message: string;
  /** HTTP status; 0 = there was no answer. */
  readonly status?: number;
  /** `reason` of the Status object, for example `Conflict`; empty when there is none. */
  readonly reason?: string;
  /** Milliseconds that the API server asked to wait. */
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/** The one error of this layer. */
export class KubeError extends Error {
  readonly code: KubeErrorCode;
  readonly status: number;
  readonly reason: string;
  readonly retryAfter: number | undefined;
  /** Whether the same request may succeed later without anybody changing it. */
  readonly retryable: boolean;

  constructor({ code, message, status = 0, reason = '', retryAfter, cause }: KubeErrorFields) {
    super(message, { cause });
    this.name = 'KubeError';
    this.code = code;
    this.status = status;
    this.reason = reason;
    this.retryAfter = retryAfter;
    this.retryable = code === 'answer' ? status >= 500 || [401, 409, 410, 429].includes(status) : code !== 'aborted';
  }
}

/** From an answer that is not 2xx. The body is a Status object, or whatever a proxy in between wrote. */
export function errorOfAnswer(what: string, status: number, body: string, retryAfterHeader?: string): KubeError {
  const { message, reason, retryAfterSeconds } = parseStatus(body);
  const seconds = retryAfterSeconds ?? parseSeconds(retryAfterHeader);
  return new KubeError({
    code: 'answer',
    status,
    reason,
    message: `${what}: ${status} ${message}`,
    retryAfter: seconds === undefined ? undefined : seconds * 1000,
  });
}

/** From the Status object that a watch sends as its ERROR event. */
export function errorOfStatus(what: string, status: unknown): KubeError {
  const { code } = isRecord(status) ? status : {};
  return errorOfAnswer(what, typeof code === 'number' ? code : 500, JSON.stringify(status));
}

export function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409;
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404;
}

export function isGone(error: unknown): boolean {
  return error instanceof KubeError && error.status === 410;
}

/** Enough of a foreign body to recognise where it came from. */
const FOREIGN_BODY_SHOWN = 200;

function parseStatus(body: string): { message: string; reason: string; retryAfterSeconds?: number } {
  let status: unknown;
  try {
    status = JSON.parse(body);
  } catch {
    return { message: body.slice(0, FOREIGN_BODY_SHOWN).replace(/\s+/g, ' '), reason: '' };
  }
  if (!isRecord(status)) return { message: '', reason: '' };
  const seconds = isRecord(status['details']) ? status['details']['retryAfterSeconds'] : undefined;
  return {
    message: typeof status['message'] === 'string' ? status['message'] : '',
    reason: typeof status['reason'] === 'string' ? status['reason'] : '',
    ...(typeof seconds === 'number' && seconds > 0 && { retryAfterSeconds: seconds }),
  };
}

/** The API server writes seconds; the header's other form, a date, is left aside. */
function parseSeconds(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
