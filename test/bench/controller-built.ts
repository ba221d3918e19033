import { ownedPart } from '../../kube/owned.ts';
import { RESOURCES, collectionPath, objectPath } from '../../kube/resources.ts';
import type { KubeObject, Resource } from '../../kube/types.ts';
import { FIELD_MANAGER, MANAGED_BY } from '../../shared/render/labels.ts';
import { APPLY, MERGE, inParallel } from './controller-client.ts';
import type { Client, Request } from './controller-client.ts';

/** The kinds that are written by server-side apply. */
const APPLIED: readonly Resource[] = [
  RESOURCES.services,
  RESOURCES.horizontalPodAutoscalers,
  RESOURCES.virtualServices,
];
const OURS = `labelSelector=${encodeURIComponent(`${MANAGED_BY}=${FIELD_MANAGER}`)}`;

/** The requests that write one object from nothing as it stands: one after the other. */
export type Rewrite = readonly Request[];

/** Of every object that the controller has built: one request each, and two for a Host, which has a status. */
export async function rewritesOf(client: Client): Promise<readonly Rewrite[]> {
  const rewrites: Rewrite[] = [];
  for (const resource of APPLIED) {
    for (const object of await listed(client, resource, OURS)) rewrites.push([applyOf(resource, object)]);
  }
  for (const host of await listed(client, RESOURCES.hosts)) rewrites.push(claimOf(host));
  return rewrites;
}

async function listed(client: Client, resource: Resource, query = ''): Promise<readonly KubeObject[]> {
  const path = `${collectionPath(resource)}?${query}`;
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

function claimOf({ apiVersion, metadata, spec, status }: KubeObject): Rewrite {
  const { name, labels } = metadata;
  const host = { apiVersion, kind: RESOURCES.hosts.kind, metadata: { name, ...(labels && { labels }) }, spec };
  return [
    { method: 'POST', path: collectionPath(RESOURCES.hosts), body: JSON.stringify(host) },
    {
      method: 'PATCH',
      path: `${objectPath(RESOURCES.hosts, '', name)}/status`,
      body: JSON.stringify({ status }),
      type: MERGE,
    },
  ];
}

/** Deletes all of it; resolves when nothing is left. */
export async function removeBuilt(client: Client, namespaces: readonly string[], width: number): Promise<void> {
  for (const resource of APPLIED) {
    await inParallel(namespaces, width, namespace =>
      client.send({ method: 'DELETE', path: `${collectionPath(resource, namespace)}?${OURS}` }),
    );
  }
  await client.send({ method: 'DELETE', path: collectionPath(RESOURCES.hosts) });
  const left = (await rewritesOf(client)).length;
  if (left > 0) throw new Error(`${left} objects were not deleted`);
}
