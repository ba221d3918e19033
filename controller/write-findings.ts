import { KubeError } from '../kube/kube-error.ts';
import type { BuiltObject } from '../shared/compilation.ts';
import { fieldSite, finding } from '../shared/findings/finding.ts';
import type { Finding, ObjectRef } from '../shared/findings/finding.ts';
import { controllerOf, deploymentsOf } from '../shared/plan/live.ts';

/** What writing found out, said of the Deployments that an object is built for. */

/** Statuses that no repetition changes: the object itself, or a rule of the cluster, is in the way. */
const FINAL = new Set([400, 403, 405, 413, 422]);

/** What begins every message, and is nothing to tell users. */
const REQUEST = /^[A-Z]+ \S+: /;

/** None for a failure that the next try may mend. */
export function refusedFindings(built: BuiltObject, error: unknown): readonly Finding[] {
  if (!(error instanceof KubeError) || error.code !== 'answer' || !FINAL.has(error.status)) return [];
  return about(built, 'WriteRefused', {
    must: 'must be taken by the API server',
    found: `but was refused: ${error.message.replace(REQUEST, '')}`,
    fix: 'change what stands in its way; it is tried again by itself',
  });
}

/** `by` is the other field manager. */
export function contendedFindings(built: BuiltObject, by: string): readonly Finding[] {
  return about(built, 'Contended', {
    must: 'must be written by Waymark alone',
    found: `but '${by}' changes it whenever Waymark has written it: it is left alone for a while`,
    fix: `keep '${by}' from writing it`,
  });
}

function about(
  built: BuiltObject,
  name: 'Contended' | 'WriteRefused',
  text: { readonly must: string; readonly found: string; readonly fix: string },
): readonly Finding[] {
  const { kind, metadata } = built.object;
  const { namespace } = metadata;
  const place = { object: { kind, namespace, name: metadata.name }, site: fieldSite('metadata', 'name') };
  return deploymentsFor(built).map(deployment =>
    finding(name, {
      object: deployment,
      site: fieldSite('metadata', 'name'),
      path: `${kind} ${namespace}/${metadata.name}`,
      ...text,
      related: [{ ...place, message: 'this object' }],
    }),
  );
}

/** Those that it is built for: its owner; of the routes of a host all that have a part in them. */
function deploymentsFor({ object, deployments }: BuiltObject): readonly ObjectRef[] {
  if (deployments) return deployments;
  const owner = controllerOf(object);
  if (owner === undefined) return deploymentsOf(object);
  return [{ kind: 'Deployment', namespace: object.metadata.namespace, name: owner.name }];
}
