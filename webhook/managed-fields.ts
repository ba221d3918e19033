/**
 * Whether an entry of managed fields, as the API server writes it, can matter to the core: it asks who applies one of
 * our variables (`shared/inject/applied.ts`), and nothing else.
 */
export function isAskedFor(entry: Buffer): boolean {
  return entry.includes(APPLY) && NAMES.some(name => entry.includes(name));
}

const APPLY = Buffer.from('"operation":"Apply"');
/** How all of `VARIABLE_NAMES` begin. */
const NAMES = ['KUBEFLOW_', 'K8S_'].map(name => Buffer.from(name));
