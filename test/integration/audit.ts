import type { AuditEntry } from '../cluster/types.ts';

export const CONTROLLER = 'system:serviceaccount:waymark-system:waymark-controller';
export const WEBHOOK = 'system:serviceaccount:waymark-system:waymark-webhook';

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** Everything that Waymark wrote or tried to write, but for the renewal of its Lease. Oldest first. */
export function writesOf(entries: readonly AuditEntry[]): readonly AuditEntry[] {
  return entries.filter(
    ({ user, verb, resource }) =>
      (user === CONTROLLER || user === WEBHOOK) && WRITES.has(verb) && resource !== 'leases',
  );
}

/** `patch services shop/web 201`. */
export function sentence({ verb, resource, namespace, name, code }: AuditEntry): string {
  return `${verb} ${resource} ${namespace === '' ? name : `${namespace}/${name}`} ${code}`;
}

/** Whether the mutating webhook changed what this request brought; undefined when it was not asked. */
export function mutated({ annotations }: AuditEntry): boolean | undefined {
  const notes = Object.entries(annotations)
    .filter(([key]) => key.startsWith('mutation.webhook.admission.k8s.io/'))
    .map(([, value]) => JSON.parse(value) as { readonly webhook: string; readonly mutated: boolean })
    .filter(({ webhook }) => webhook === 'mutate.waymark.dev');
  return notes.length === 0 ? undefined : notes.some(note => note.mutated);
}
