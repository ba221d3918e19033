import { RESOURCES } from '../../kube/resources.ts';
import type { KubeObject } from '../../kube/types.ts';
import { isMap, leaveOut } from './api-server/json.ts';
import type { Json } from './api-server/json.ts';
import type { ApiServer } from './api-server/server.ts';

/** What a cluster has come to, without times and identities: two runs that ended alike have equal texts. */
export function finalState(server: ApiServer): string {
  const names = namesByUid(server);
  const lines: string[] = [];
  const add = (object: KubeObject, content: Json) => {
    const { namespace = '', name } = object.metadata;
    lines.push(`${object.kind ?? ''} ${namespace}/${name}: ${JSON.stringify(timeless(content, names))}`);
  };
  for (const object of server.collection(RESOURCES.deployments).list()) {
    const { replicas } = object['spec'] as { replicas: number };
    add(object, { replicas, annotations: object.metadata.annotations });
  }
  for (const object of server.collection(RESOURCES.services).list()) {
    add(object, leaveOut(object['spec'] as object, ...(['clusterIP', 'clusterIPs'] as never[])));
  }
  for (const resource of [RESOURCES.horizontalPodAutoscalers, RESOURCES.virtualServices]) {
    for (const object of server.collection(resource).list()) add(object, object['spec']);
  }
  for (const object of server.collection(RESOURCES.hosts).list()) {
    add(object, { spec: object['spec'], status: object['status'] });
  }
  return lines.join('\n');
}

function namesByUid(server: ApiServer): ReadonlyMap<string, string> {
  const deployments = server.collection(RESOURCES.deployments).list();
  return new Map(deployments.map(({ metadata: { uid = '', namespace = '', name } }) => [uid, `${namespace}/${name}`]));
}

/** Fields that tell of a moment, or of a way that need not be the same. */
const MOMENTS = new Set([
  'since',
  'lastTransitionTime',
  'observedGeneration',
  'record',
  'message',
  'reason',
  'at',
  'emptySince',
]);

function timeless(value: Json, names: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') return names.get(value) ?? value;
  if (Array.isArray(value)) return value.map(item => timeless(item, names));
  if (!isMap(value)) return value;
  const entries = Object.entries(value).filter(([name]) => !MOMENTS.has(name));
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, part]) => [name, timeless(part, names)]),
  );
}
