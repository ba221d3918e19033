import { isDeepStrictEqual } from 'node:util';
import { RESOURCES, collectionPath, objectPath } from '../../kube/resources.ts';
import type { KubeObject, Resource } from '../../kube/types.ts';
import { CONFIG } from '../../shared/annotation-keys.ts';
import { admit } from '../../shared/admit.ts';
import type { ClusterFacts } from '../../shared/cluster-facts.ts';
import { NO_FACTS } from '../../shared/cluster-facts.ts';
import type { Deployment } from '../../shared/deployment.ts';
import { isError } from '../../shared/findings/finding.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Namespace } from '../../shared/snapshot.ts';
import { leaveOut, mergePatch } from './api-server/json.ts';
import type { ApiServer } from './api-server/server.ts';
import type { Autoscaler } from './cluster/autoscaler.ts';
import type { Pods } from './cluster/pods.ts';
import type { Manifest, Operation } from './schedule.ts';

export interface UsersOptions {
  readonly server: ApiServer;
  readonly settings: Settings;
  readonly pods: Pods;
  readonly autoscaler: Autoscaler;
}

/** Teams and their tools. What they write passes Waymark's webhook, which is the very code. */
export interface Users {
  perform(operation: Operation): void;
}

const USER_AGENT = 'kubectl';

export function createUsers({ server, settings, pods, autoscaler }: UsersOptions): Users {
  function store(before: KubeObject | undefined, wanted: KubeObject): void {
    const object = wanted as unknown as Deployment;
    const { findings, policy, admitted } = admit({
      operation: before === undefined ? 'CREATE' : 'UPDATE',
      object,
      ...(before && { oldObject: before as unknown as Deployment }),
      settings,
      namespaces: namespaces(server),
      facts: factsOfWebhook(server),
    });
    if (policy === 'enforce' && findings.some(isError)) return;
    const after = admitted as unknown as KubeObject;
    if (before !== undefined && isDeepStrictEqual(before, after)) return;
    const { namespace = '', name } = after.metadata;
    if (before === undefined) send('POST', collectionPath(RESOURCES.deployments, namespace), after);
    else send('PUT', objectPath(RESOURCES.deployments, namespace, name), after);
  }

  function send(method: string, path: string, body?: unknown): void {
    const { status, body: answer } = server.handle({ method, path, body, userAgent: USER_AGENT });
    if (status >= 300 && status !== 404) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  }

  /** Merges a patch into what is there; nothing where nothing is. */
  function change(resource: Resource, namespace: string, name: string, patch: unknown): void {
    const before = server.get(resource, namespace, name);
    if (before === undefined) return;
    const after = mergePatch(before, patch) as KubeObject;
    if (resource === RESOURCES.deployments) store(before, after);
    else send('PUT', objectPath(resource, namespace, name), after);
  }

  return {
    perform(operation) {
      switch (operation.do) {
        case 'apply': {
          const { manifest, startup } = operation;
          const { namespace, name } = manifest;
          pods.setHealth(namespace, name, { startup: startup ?? undefined });
          const before = server.get(RESOURCES.deployments, namespace, name);
          const wanted = deploymentOf(manifest);
          store(before, before === undefined ? wanted : (mergePatch(before, wanted) as KubeObject));
          return;
        }
        case 'delete':
          send('DELETE', objectPath(RESOURCES.deployments, operation.namespace, operation.name));
          return;
        case 'annotate': {
          const { namespace, name, key, value } = operation;
          change(RESOURCES.deployments, namespace, name, { metadata: { annotations: { [key]: value } } });
          return;
        }
        case 'scale':
          change(RESOURCES.deployments, operation.namespace, operation.name, {
            spec: { replicas: operation.replicas },
          });
          return;
        case 'load':
          autoscaler.setLoad(operation.namespace, operation.name, operation.pods);
          return;
        case 'upset':
          pods.upset(operation.namespace, operation.name, operation.count, operation.for);
          return;
        case 'hand-over': {
          const annotations = { 'waymark.dev/hand-over': `${operation.host}=${operation.to}` };
          change(RESOURCES.namespaces, '', operation.from, { metadata: { annotations } });
          return;
        }
        case 'meddle':
          meddle(operation.host);
      }
    },
  };

  /** Somebody edits the live routes by hand. */
  function meddle(host: string): void {
    for (const object of server.collection(RESOURCES.virtualServices).list()) {
      const spec = object['spec'] as { readonly hosts: readonly string[] };
      const { namespace = '', name } = object.metadata;
      if (spec.hosts.includes(host)) change(RESOURCES.virtualServices, namespace, name, { spec: { http: [] } });
    }
  }
}

export function deploymentOf({ namespace, name, hosts, lines, replicas, image }: Manifest): KubeObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, annotations: { [CONFIG]: textOf(name, hosts, lines) } },
    spec: {
      ...(replicas !== undefined && { replicas }),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'web',
              image,
              ports: [{ name: 'http', containerPort: 8501, protocol: 'TCP' }],
              resources: { requests: { cpu: '100m', memory: '1Gi' } },
            },
          ],
        },
      },
    },
  };
}

function textOf(name: string, hosts: readonly string[], lines: readonly string[]): string {
  const [type = '', model = '', version = ''] = name.split('-');
  return [
    'apiVersion: waymark.dev/v1',
    'kind: InferenceService',
    `type: ${type}`,
    `model: ${model}`,
    `version: v${version}`,
    ...(hosts.length > 0 ? [`hosts: [${hosts.join(', ')}]`] : []),
    ...lines,
    '',
  ].join('\n');
}

export function namespaces(server: ApiServer): ReadonlyMap<string, Namespace> {
  return new Map(
    server
      .collection(RESOURCES.namespaces)
      .list()
      .map(object => [object.metadata.name, leaveOut(object, 'apiVersion') as unknown as Namespace]),
  );
}

/** What the webhook has in its caches; here they are never behind. */
function factsOfWebhook(server: ApiServer): ClusterFacts {
  return {
    ...NO_FACTS,
    isAutoscaled(namespace, name, uid) {
      const { metadata } = server.get(RESOURCES.horizontalPodAutoscalers, namespace, name) ?? {};
      return metadata?.ownerReferences?.some(owner => owner.uid === uid) === true;
    },
  };
}
