import { ownedPart } from '../../kube/owned.ts';
import { RESOURCES, collectionPath, objectPath } from '../../kube/resources.ts';
import type { KubeObject, Resource } from '../../kube/types.ts';
import { FIELD_MANAGER, MANAGED_BY } from '../../shared/render/labels.ts';
import { APPLY, inParallel } from './controller-client.ts';
import type { Client, Request } from './controller-client.ts';

/** The kinds that are written by server-side apply. */
const APPLIED: readonly Resource[] = [
  RESOURCES.services,
  RESOURCES.horizontalPodAutoscalers,
  RESOURCES.virtualServices,
];
const OURS = `labelSelector=${encodeURIComponent(`${MANAGED_BY}=${FIELD_MANAGER}`)}`;

/** For every object that the controller has built, the one request that writes it from nothing as it stands. */
export async function rewritesOf(client: Client): Promise<readonly Request[]> {
  const requests: Request[] = [];
  for (const resource of APPLIED) {
    for (const object of await ours(client, resource)) requests.push(applyOf(resource, object));
  }
  return requests;
}

async function ours(client: Client, resource: Resource): Promise<readonly KubeObject[]> {
  const path = `${collectionPath(resource)}?${OURS}`;
  return ((await client.ask({ method: 'GET', path })) as { readonly items: readonly KubeObject[] }).items;
}

function applyOf(resource: Resource, object: KubeObject): Request {
  const { namespace = '', name } = object.metadata;
  const owned = (ownedPart(object, FIELD_MANAGER) ?? {}) as Partial<KubeObject>;
  const body = {
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    ...owned,
    metadata: { ...owned.metadata, name, namespace },
  };
  return {
    method: 'PATCH',
    path: `${objectPath(resource, namespace, name)}?fieldManager=${FIELD_MANAGER}&force=false`,
    body: JSON.stringify(body),
    type: APPLY,
  };
}

/** Deletes all of it; resolves when nothing is left. */
export async function removeBuilt(client: Client, namespaces: readonly string[], width: number): Promise<void> {
  for (const resource of APPLIED) {
    await inParallel(namespaces, width, namespace =>
      client.send({ method: 'DELETE', path: `${collectionPath(resource, namespace)}?${OURS}` }),
    );
    const left = (await ours(client, resource)).length;
    if (left > 0) throw new Error(`${left} objects of kind ${resource.kind} were not deleted`);
  }
}
