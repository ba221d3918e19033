import { createHash } from 'node:crypto';
import { SERVICE_NAME } from '../../controller/endpoint-book.ts';
import { RESOURCES } from '../../kube/resources.ts';
import type { KubeObject, Resource } from '../../kube/types.ts';
import type { Host, MemberRecord } from '../../shared/host.ts';
import type { ApiServer } from './api-server/server.ts';
import { startApiServer } from './api-server/server.ts';
import type { TakeoverStage } from './takeover-stage.ts';

const READ: readonly Resource[] = [
  RESOURCES.namespaces,
  RESOURCES.deployments,
  RESOURCES.services,
  RESOURCES.virtualServices,
  RESOURCES.endpointSlices,
  RESOURCES.hosts,
];

/** A server that holds what a stage does, at the stage's time. */
export async function serveStage(stage: TakeoverStage): Promise<ApiServer> {
  const server = await startApiServer(READ);
  server.clockAhead = stage.now - Date.now();
  for (const [name, namespace] of stage.namespaces) put(server, RESOURCES.namespaces, { ...namespace, name });
  for (const deployment of stage.deployments.values()) put(server, RESOURCES.deployments, deployment);
  for (const route of stage.routes.values()) put(server, RESOURCES.virtualServices, route);
  for (const [key, service] of stage.services) {
    const [namespace = '', name = ''] = key.split('/');
    const ports = [{ port: service.port }];
    put(server, RESOURCES.services, { metadata: { name, namespace }, spec: { selector: { app: name }, ports } });
    put(server, RESOURCES.endpointSlices, {
      metadata: {
        name,
        namespace,
        uid: 'slice',
        generation: Number(service.endpoints),
        labels: { [SERVICE_NAME]: name },
      },
      addressType: 'IPv4',
      endpoints: Array.from({ length: service.ready }, () => ({ conditions: { ready: true } })),
    });
  }
  for (const host of stage.hosts.values()) put(server, RESOURCES.hosts, asWatched(host));
  return server;
}

function put(server: ApiServer, { apiVersion, kind }: Resource, object: object): void {
  server.put({ ...object, apiVersion, kind } as unknown as KubeObject);
}

/** The stage has its own words for templates and endpoints; those of a cluster are digests and generations. */
function asWatched(host: Host): Host {
  const { status } = host;
  if (!status) return host;
  const members = status.members.map(member => ({
    ...member,
    ...(member.record && { record: recordOf(member.record) }),
  }));
  return { ...host, status: { ...status, members } };
}

function recordOf({ template, endpoints, failed, ...record }: MemberRecord): MemberRecord {
  return {
    ...record,
    ...(template !== undefined && { template: digest(template) }),
    ...(failed !== undefined && { failed: digest(failed) }),
    ...(endpoints !== undefined && { endpoints: `slice:${endpoints}` }),
  };
}

function digest(template: string): string {
  return createHash('sha256').update(template).digest('base64url').slice(0, 16);
}
