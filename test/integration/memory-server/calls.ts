/** What both API servers are asked, one after another; each row goes on where the one before it ended. */

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** What the server under test has answered so far. */
export interface Memory {
  /** The last answer that showed an object of this name. */
  readonly object: (name: string) => Shown;
  /** The resource version of an earlier answer: 1 = the first one that showed this object. */
  readonly version: (name: string, ordinal: number) => string;
  /** `metadata.continue` of the last list. */
  readonly continued: () => string;
}

export interface Shown {
  readonly metadata: Readonly<Record<string, unknown>> & { readonly uid: string; readonly resourceVersion: string };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface Operation {
  /** A sentence. */
  readonly name: string;
  readonly call: (memory: Memory) => Call;
}

export const NAMESPACE = 'memory';
const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

/** Of objects in the namespace of this test. */
export const LABELS = { 'app.kubernetes.io/managed-by': 'waymark' };

export function operation(name: string, call: Operation['call'] | Call): Operation {
  return { name, call: typeof call === 'function' ? call : () => call };
}

export function get(path: string, name: string): Operation {
  return operation(name, { method: 'GET', path });
}

export function apply(path: string, body: unknown, query = 'fieldManager=waymark'): Call {
  return { method: 'PATCH', path: `${path}?${query}`, contentType: APPLY, body };
}

export function merge(path: string, body: unknown): Call {
  return { method: 'PATCH', path: `${path}?fieldManager=somebody`, contentType: MERGE, body };
}
