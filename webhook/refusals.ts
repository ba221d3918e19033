import type { Unread } from './read-body.ts';

/** One line of plain text, where there is no review to answer. */
export interface Refusal {
  readonly status: number;
  readonly line: string;
  readonly headers?: readonly string[];
}

export const UNREAD: Readonly<Record<Exclude<Unread, 'aborted'>, Refusal>> = {
  'too-large': { status: 413, line: 'the body must be at most 3 MiB' },
  busy: { status: 503, line: 'too many requests are being received', headers: ['Retry-After', '1'] },
  late: { status: 408, line: 'the body did not come in time', headers: ['Connection', 'close'] },
};
export const NOT_POST: Refusal = { status: 405, line: 'must be POST', headers: ['Allow', 'POST'] };
export const NOT_FOUND: Refusal = { status: 404, line: 'not found: try POST /mutate or /validate' };
export const NOT_A_PATH: Refusal = { status: 400, line: 'the path cannot be read' };
export const BROKEN: Refusal = { status: 500, line: 'internal error' };

export function notJson(type: string | undefined): Refusal {
  return { status: 400, line: `the content type must be 'application/json', but is '${printable(type)}'` };
}

function printable(text = ''): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
}
