import type { KubeObject, Resource } from '../../kube/types.ts';

/** The CustomResourceDefinition of a kind, as far as it says that the kind is served. */
export function definitionOf(
  { apiVersion, plural }: Resource,
  { established = 'True', served = true }: { established?: 'True' | 'False'; served?: boolean } = {},
): KubeObject {
  const [group = '', version = ''] = apiVersion.split('/');
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: { group, versions: [{ name: version, served }] },
    status: { conditions: [{ type: 'Established', status: established }] },
  };
}
