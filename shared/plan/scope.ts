import type { Settings } from '../settings.ts';

/** Deployments of Kubernetes' own namespaces and of Waymark's are never acted on, whatever they carry. */
export function isActedOn(namespace: string, { systemNamespace }: Pick<Settings, 'systemNamespace'>): boolean {
  return !namespace.startsWith('kube-') && namespace !== systemNamespace;
}
