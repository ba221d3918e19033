import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { envoyRecipe, etcdRecipe, goVersion, istioRecipe, kubeRecipe, toolsRecipe } from './assets/recipes.ts';
import { isStored, stored } from './assets/store.ts';
import type { Progress, Recipe } from './assets/store.ts';

/** Paths of all the programs a cluster is made of. */
export interface Assets {
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubeControllerManager: string;
  readonly istio: string;
  /** JSON: the list of Istio's CustomResourceDefinitions. */
  readonly istioDefinitions: string;
  readonly envoy: string;
  readonly kubectl: string;
  readonly helm: string;
}

export interface AssetOptions {
  readonly progress?: Progress;
  /** False: rejects with the command to run instead of building, for places without a network. Default true. */
  readonly build?: boolean;
}

/**
 * Builds or downloads what is not in the cache yet; at once when everything is.
 * etcd, kube-apiserver and kubectl are taken from `KUBEBUILDER_ASSETS` when that folder has them.
 */
export async function ensureAssets({ progress = silent, build = true }: AssetOptions = {}): Promise<Assets> {
  const given = givenAssets();
  const go = await goVersion();
  const etcd = etcdRecipe(go);
  const kube = kubeRecipe(go, [
    ...(given.kubeApiserver === undefined ? ['kube-apiserver'] : []),
    'kube-controller-manager',
  ]);
  const istio = istioRecipe(go);
  const envoy = envoyRecipe();
  const tools = toolsRecipe();
  if (!build) requireStored([...(given.etcd === undefined ? [etcd] : []), kube, istio, envoy, tools]);

  const obtain = (recipe: Recipe) => stored(recipe, progress);
  // Every Go build uses all cores, so they take turns; the downloads go on beside them.
  const [toolsFolder, envoyFolder, built] = await Promise.all([
    obtain(tools),
    obtain(envoy),
    (async () => ({
      etcd: given.etcd ?? join(await obtain(etcd), 'etcd'),
      istio: await obtain(istio),
      kube: await obtain(kube),
    }))(),
  ]);
  return {
    etcd: built.etcd,
    kubeApiserver: given.kubeApiserver ?? join(built.kube, 'kube-apiserver'),
    kubeControllerManager: join(built.kube, 'kube-controller-manager'),
    istio: join(built.istio, 'istio'),
    istioDefinitions: join(built.istio, 'definitions.json'),
    envoy: join(envoyFolder, 'envoy'),
    kubectl: given.kubectl ?? join(toolsFolder, 'kubectl'),
    helm: join(toolsFolder, 'helm'),
  };
}

function requireStored(recipes: readonly Recipe[]): void {
  const missing = recipes.filter(recipe => !isStored(recipe)).map(recipe => recipe.name);
  if (missing.length > 0) {
    throw new Error(
      `not built yet: ${missing.join(', ')}; run 'node test/cluster/main.ts build' outside the sandbox first`,
    );
  }
}

/** `KUBEBUILDER_ASSETS` is the ecosystem's name for a folder with a control plane for tests. */
function givenAssets(): Partial<Record<'etcd' | 'kubeApiserver' | 'kubectl', string>> {
  const folder = process.env['KUBEBUILDER_ASSETS'];
  if (folder === undefined || folder === '') return {};
  const found = (program: string) => {
    const path = join(folder, program);
    return existsSync(path) ? path : undefined;
  };
  const [etcd, kubeApiserver, kubectl] = [found('etcd'), found('kube-apiserver'), found('kubectl')];
  return {
    ...(etcd !== undefined && { etcd }),
    ...(kubeApiserver !== undefined && { kubeApiserver }),
    ...(kubectl !== undefined && { kubectl }),
  };
}

function silent(): void {
  // Nothing is asked to be printed.
}
