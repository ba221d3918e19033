import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { envoyRecipe, etcdRecipe, goVersion, istioRecipe, kubeRecipe, toolsRecipe } from './assets/recipes.ts';
import { isStored, stored, storePath } from './assets/store.ts';
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
  const recipes = {
    tools: toolsRecipe(),
    envoy: envoyRecipe(),
    controllerManager: kubeRecipe(go, 'kube-controller-manager'),
    istio: istioRecipe(go),
    ...(given.etcd === undefined && { etcd: etcdRecipe(go) }),
    ...(given.kubeApiserver === undefined && { apiServer: kubeRecipe(go, 'kube-apiserver') }),
  };
  if (!build) requireStored(Object.values(recipes));

  // Every Go build uses all cores, so they take turns; the downloads go on beside them.
  const inTurn = [recipes.etcd, recipes.istio, recipes.apiServer, recipes.controllerManager];
  const buildInTurn = async () => {
    for (const recipe of inTurn) if (recipe !== undefined) await stored(recipe, progress);
  };
  await Promise.all([stored(recipes.tools, progress), stored(recipes.envoy, progress), buildInTurn()]);

  return {
    etcd: given.etcd ?? join(storePath(etcdRecipe(go)), 'etcd'),
    kubeApiserver: given.kubeApiserver ?? join(storePath(kubeRecipe(go, 'kube-apiserver')), 'kube-apiserver'),
    kubeControllerManager: join(storePath(recipes.controllerManager), 'kube-controller-manager'),
    istio: join(storePath(recipes.istio), 'istio'),
    istioDefinitions: join(storePath(recipes.istio), 'definitions.json'),
    envoy: join(storePath(recipes.envoy), 'envoy'),
    kubectl: given.kubectl ?? join(storePath(recipes.tools), 'kubectl'),
    helm: join(storePath(recipes.tools), 'helm'),
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
function givenAssets(): Partial<Pick<Assets, 'etcd' | 'kubeApiserver' | 'kubectl'>> {
  const folder = process.env['KUBEBUILDER_ASSETS'];
  if (folder === undefined || folder === '') return {};
  const has = (program: string) => existsSync(join(folder, program));
  return {
    ...(has('etcd') && { etcd: join(folder, 'etcd') }),
    ...(has('kube-apiserver') && { kubeApiserver: join(folder, 'kube-apiserver') }),
    ...(has('kubectl') && { kubectl: join(folder, 'kubectl') }),
  };
}

function silent(): void {
  // Nothing is asked to be printed.
}
