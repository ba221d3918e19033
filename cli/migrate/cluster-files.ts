import { isNotFound } from '../../kube/kube-error.ts';
import { listProjected } from '../../kube/list.ts';
import { collectionPath, RESOURCES } from '../../kube/resources.ts';
import type { KubeClient, KubeObject, Resource } from '../../kube/types.ts';
import { printYaml } from '../../shared/render/yaml.ts';
import { withCluster } from '../cluster.ts';
import type { ClusterOptions } from '../cluster.ts';
import type { SourceFile } from '../files.ts';
import { recordOf } from './ambassador-document.ts';
import type { Json } from './ambassador-document.ts';

/** The newest that is served is read: the API server turns all others into it. */
const VERSIONS = ['getambassador.io/v3alpha1', 'getambassador.io/v2', 'getambassador.io/v1'] as const;

const INGRESSES = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', plural: 'ingresses', namespaced: true };

/** Of Ambassador's custom resources. */
export const PLURALS: Readonly<Record<string, string>> = {
  AuthService: 'authservices',
  ConsulResolver: 'consulresolvers',
  DevPortal: 'devportals',
  Host: 'hosts',
  KubernetesEndpointResolver: 'kubernetesendpointresolvers',
  KubernetesServiceResolver: 'kubernetesserviceresolvers',
  Listener: 'listeners',
  LogService: 'logservices',
  Mapping: 'mappings',
  Module: 'modules',
  RateLimitService: 'ratelimitservices',
  TCPMapping: 'tcpmappings',
  TLSContext: 'tlscontexts',
  TracingService: 'tracingservices',
};

/** What Kubernetes and its clients keep in objects, and nobody writes into a file. */
const BOOKKEEPING: ReadonlySet<string> = new Set([
  'creationTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
]);
const CLIENT_NOTES = /^(?:kubectl\.kubernetes\.io\/last-applied-configuration|deployment\.kubernetes\.io\/revision)$/;

/** One file for each object of the cluster that a migration looks at, named like `Mapping shop/predict`. Writes nothing. */
export function clusterFiles(options: ClusterOptions): Promise<readonly SourceFile[]> {
  return withCluster(options, 'migrate', async client => {
    const scopes = options.namespace.length === 0 ? [undefined] : [...new Set(options.namespace)];
    const named = options.namespace.length === 0 ? [''] : scopes.map(name => `metadata.name=${name}`);
    const files = await Promise.all([
      ...named.map(fieldSelector => listed(client, RESOURCES.namespaces, undefined, fieldSelector)),
      ...[RESOURCES.services, INGRESSES, RESOURCES.deployments].flatMap(resource =>
        scopes.map(scope => listed(client, resource, scope)),
      ),
      ...Object.entries(PLURALS).flatMap(([kind, plural]) =>
        scopes.map(scope => newest(client, { kind, plural }, scope)),
      ),
    ]);
    return files.flatMap(one => one ?? []);
  });
}

async function newest(
  client: KubeClient,
  resource: Pick<Resource, 'kind' | 'plural'>,
  scope: string | undefined,
): Promise<readonly SourceFile[]> {
  for (const apiVersion of VERSIONS) {
    const files = await listed(client, { ...resource, apiVersion, namespaced: true }, scope);
    if (files !== undefined) return files;
  }
  return [];
}

/** Undefined = the kind is not served. */
async function listed(
  client: KubeClient,
  { apiVersion, kind, ...resource }: Resource,
  scope: string | undefined,
  fieldSelector = '',
): Promise<readonly SourceFile[] | undefined> {
  const query = new URLSearchParams(fieldSelector === '' ? {} : { fieldSelector });
  const path = collectionPath({ apiVersion, kind, ...resource }, scope);
  const { signal } = new AbortController();
  try {
    const { items } = await listProjected(client, path, query, signal, object =>
      fileOf({ apiVersion, kind, ...object }),
    );
    return items;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function fileOf(object: KubeObject): SourceFile {
  const { metadata, ...rest } = object as unknown as Json & { metadata: Json };
  const { annotations, ...own } = metadata;
  const kept = Object.entries(recordOf(annotations)).filter(([key]) => !CLIENT_NOTES.test(key));
  const said = Object.entries(own).filter(([key]) => !BOOKKEEPING.has(key));
  const written = {
    ...Object.fromEntries(Object.entries(rest).filter(([key]) => key !== 'status')),
    metadata: { ...Object.fromEntries(said), ...(kept.length > 0 && { annotations: Object.fromEntries(kept) }) },
  };
  const { namespace, name } = object.metadata;
  return {
    name: `${object.kind ?? ''} ${namespace === undefined ? '' : `${namespace}/`}${name}`,
    text: printYaml([written]).replace(/^---\n/, ''),
  };
}
