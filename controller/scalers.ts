import type { Change, KubeObject } from '../kube/types.ts';
import type { Scaler } from '../shared/cluster-facts.ts';
import { compareCodePoints } from '../shared/json.ts';
import { controllerOf } from '../shared/plan/live.ts';

/** What an autoscaler of somebody else's scales, in its own namespace. */
export interface ScaleTarget {
  /** Name of a Deployment. */
  readonly deployment: string;
  /** Name of the ScaledObject that KEDA made this HorizontalPodAutoscaler for. */
  readonly scaledObject?: string;
}

interface Reference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly name?: string;
}

/**
 * Undefined for what scales something else, and for what we built: also if it has lost our label since, which is told
 * as `NotOwned`.
 */
export function targetOfAutoscaler(object: KubeObject): ScaleTarget | undefined {
  const owner = controllerOf(object);
  if (owner?.kind === 'Deployment') return undefined;
  const deployment = deploymentIn(object['spec'], {});
  if (deployment === undefined) return undefined;
  const isKedas = owner?.kind === 'ScaledObject' && owner.apiVersion.startsWith('keda.sh/');
  return { deployment, ...(isKedas && { scaledObject: owner.name }) };
}

/** https://keda.sh/docs/latest/reference/scaledobject-spec/#scaletargetref */
export function targetOfScaledObject({ spec }: KubeObject): ScaleTarget | undefined {
  const deployment = deploymentIn(spec, { apiVersion: 'apps/v1', kind: 'Deployment' });
  return deployment === undefined ? undefined : { deployment };
}

function deploymentIn(spec: unknown, defaults: Reference): string | undefined {
  const { scaleTargetRef } = (spec ?? {}) as { readonly scaleTargetRef?: Reference };
  const apiVersion = written(scaleTargetRef?.apiVersion) ?? defaults.apiVersion;
  const kind = written(scaleTargetRef?.kind) ?? defaults.kind;
  return kind === 'Deployment' && apiVersion?.startsWith('apps/') ? scaleTargetRef?.name : undefined;
}

/** KEDA takes an empty text for one that is not there. */
function written(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

export interface Scalers {
  changed(kind: string, change: Change<ScaleTarget>): void;
  /** By kind and name. */
  of(namespace: string, deployment: string): readonly Scaler[];
}

interface Known extends Scaler {
  readonly scaledObject?: string;
}

/** `onTarget`: a Deployment has an autoscaler of somebody else's from now on, or no longer. */
export function createScalers(onTarget: (namespace: string, deployment: string) => void): Scalers {
  const byTarget = new Map<string, Map<string, Known>>();

  function put(key: string, id: string, scaler: Known): void {
    const known = byTarget.get(key);
    if (known === undefined) byTarget.set(key, new Map([[id, scaler]]));
    else known.set(id, scaler);
  }

  function drop(key: string, id: string): void {
    const known = byTarget.get(key);
    known?.delete(id);
    if (known?.size === 0) byTarget.delete(key);
  }

  return {
    changed(kind, { namespace, name, before, after }) {
      const id = `${kind}/${name}`;
      if (before !== undefined) drop(`${namespace}/${before.deployment}`, id);
      if (after !== undefined) {
        const { deployment, scaledObject } = after;
        put(`${namespace}/${deployment}`, id, { kind, namespace, name, ...(scaledObject && { scaledObject }) });
      }
      for (const deployment of new Set([before?.deployment, after?.deployment])) {
        if (deployment !== undefined) onTarget(namespace, deployment);
      }
    },
    of(namespace, deployment) {
      const known = byTarget.get(`${namespace}/${deployment}`);
      if (known === undefined) return [];
      return [...known.values()]
        .filter(({ scaledObject }) => scaledObject === undefined || !known.has(`ScaledObject/${scaledObject}`))
        .map(({ kind, name }) => ({ kind, namespace, name }))
        .sort((a, b) => compareCodePoints(a.kind, b.kind) || compareCodePoints(a.name, b.name));
    },
  };
}
