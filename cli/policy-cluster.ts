import { namespaceOf } from '../kube/cluster-objects.ts';
import { listProjected } from '../kube/list.ts';
import { collectionPath, RESOURCES } from '../kube/resources.ts';
import type { KubeClient, KubeObject } from '../kube/types.ts';
import type { Deployment } from '../shared/deployment.ts';
import type { Settings } from '../shared/settings.ts';
import type { Namespace } from '../shared/snapshot.ts';
import { withCluster } from './cluster.ts';
import type { ClusterOptions } from './cluster.ts';
import { enforced } from './enforced.ts';
import { Failure } from './failure.ts';
import { judgeStored } from './policy-judge.ts';
import type { Judged } from './policy-judge.ts';

export interface JudgedCluster {
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly judged: readonly Judged[];
}

/**
 * Lists Namespaces and Deployments once and judges each as it comes, so that only what is said of it is kept. Writes
 * nothing. Rejects with a Failure when the cluster cannot be reached or does not let us.
 */
export async function judgeCluster(options: ClusterOptions, settings: Settings): Promise<JudgedCluster> {
  return withCluster(options, 'lint', client => judgeWith(client, options.namespace, settings));
}

async function judgeWith(client: KubeClient, names: readonly string[], settings: Settings): Promise<JudgedCluster> {
  const selectors = names.length === 0 ? [{}] : names.map(name => ({ fieldSelector: `metadata.name=${name}` }));
  const namespaces = new Map<string, Namespace>();
  for (const selector of selectors) {
    const path = collectionPath(RESOURCES.namespaces);
    for (const namespace of await list(client, path, selector, namespaceOf)) {
      namespaces.set(namespace.metadata.name, namespace);
    }
  }
  const missing = names.find(name => !namespaces.has(name));
  if (missing !== undefined)
    throw new Failure(`error: --namespace must be one of the cluster, but it has no '${missing}'`);

  const context = enforced({ settings, namespaces });
  const judged: Judged[] = [];
  for (const name of names.length === 0 ? [undefined] : new Set(names)) {
    const path = collectionPath(RESOURCES.deployments, name);
    const judge = (object: KubeObject) => judgeStored(object as unknown as Deployment, context);
    judged.push(...(await list(client, path, {}, judge)));
  }
  return { namespaces, judged };
}

async function list<T>(
  client: KubeClient,
  path: string,
  selector: Readonly<Record<string, string>>,
  project: (object: KubeObject) => T | undefined,
): Promise<readonly T[]> {
  const { signal } = new AbortController();
  return (await listProjected(client, path, new URLSearchParams(selector), signal, project)).items;
}
