import type { CatalogueRow } from './row.ts';

/** WM300 to WM399: what comes of writing to the cluster. */
export const WRITING_ROWS = [
  {
    code: 'WM300',
    name: 'Contended',
    severity: 'error',
    stops: 'named',
    meaning:
      'Somebody else changes an object of Waymark back whenever it is written. It is left as it is for a minute, then longer, up to ten minutes, so that the two do not write for ever.',
    bad: 'A GitOps tool applies a VirtualService that Waymark has built.',
    good: 'Only Waymark writes what carries `app.kubernetes.io/managed-by: waymark`.',
  },
  {
    code: 'WM301',
    name: 'WriteRefused',
    severity: 'error',
    stops: 'named',
    meaning:
      'The API server, or a policy in front of it, does not take an object that Waymark has built. Everything else is built, and it is tried again.',
    bad: 'external: {id: 7}   # whose node port a Service of somebody else has',
    good: 'external: {id: 8}',
  },
] as const satisfies readonly CatalogueRow[];
