import { KubeError } from '../kube/kube-error.ts';
import { fieldSite, finding } from '../shared/findings/finding.ts';
import type { Finding, ObjectRef } from '../shared/findings/finding.ts';
import { controllerOf, deploymentsOf } from '../shared/plan/live.ts';
import type { KubernetesObject } from '../shared/snapshot.ts';

/** What writing found out, said of the Deployments that an object is built for. */

/** Statuses that no repetition changes: the object itself, or a rule of the cluster, is in the way. */
const FINAL = new Set([400, 403, 405, 413, 422]);

/** What begins every message, and is nothing to tell users. */
const REQUEST = /^[A-Z]+ \S+: /;

/** None for a failure that the next try may mend. */
export function refusedFindings(object: KubernetesObject, error: unknown): readonly Finding[] {
  if (!(error instanceof KubeError) || error.code !== 'answer' || !FINAL.has(error.status)) return [];
  return about(object, 'WriteRefused', {
    must: 'must be taken by the API server',
    found: `but was refused: ${error.message.replace(REQUEST, '')}`,
    fix: 'change what stands in its way; it is tried again by itself',
  });
}

/** `by` is the other field manager. */
export function contendedFindings(object: KubernetesObject, by: string): readonly Finding[] {
  return about(object, 'Contended', {
    must: 'must be written by Waymark alone',
    found: `but '${by}' changes it whenever Waymark has written it: it is left alone for a while`,
    fix: `keep '${by}' from writing it`,
  });
}

function about(
  object: KubernetesObject,
  name: 'Contended' | 'WriteRefused',
  text: { readonly must: string; readonly found: string; readonly fix: string },
): readonly Finding[] {
  const { kind, metadata } = object;
  const { namespace } = metadata;
  const place = { object: { kind, namespace, name: metadata.name }, site: fieldSite('metadata', 'name') };
  return deploymentsFor(object).map(deployment =>
    finding(name, {
      object: deployment,
      site: fieldSite('metadata', 'name'),
      path: `${kind} ${namespace}/${metadata.name}`,
      ...text,
      related: [{ ...place, message: 'this object' }],
    }),
  );
}

/** Its owner; of the routes of a host all that have a part in them. */
function deploymentsFor(object: KubernetesObject): readonly ObjectRef[] {
  const owner = controllerOf(object);
  if (owner === undefined) return deploymentsOf(object);
  return [{ kind: 'Deployment', namespace: object.metadata.namespace, name: owner.name }];
}
