import type { HostMember } from '../../../shared/host.ts';
import { list } from '../objects.ts';
import { hostOf } from './scene.ts';
import type { Scene } from './scene.ts';

const REMEMBERED = 'waymark.dev/replicas';

/** What a run leaves behind, but for what no two runs have in common: times, uids, versions of objects, names of the scene. */
export async function finalState(scene: Scene): Promise<unknown> {
  const { world, namespace, host: name } = scene;
  const { cluster } = world;
  const deployments = await list(cluster, 'Deployment', namespace);
  const services = await list(cluster, 'Service', namespace);
  const routes = await list(cluster, 'VirtualService', namespace);
  const hpas = await list(cluster, 'HorizontalPodAutoscaler', namespace);
  const host = await hostOf(world, name);
  const state = {
    deployments: deployments.map(({ metadata, spec }) => ({
      name: metadata.name,
      replicas: spec?.['replicas'],
      remembered: metadata.annotations?.[REMEMBERED],
    })),
    services: services.map(each => each.metadata.name),
    autoscalers: hpas.map(each => each.metadata.name),
    routes: routes.map(each => [each.metadata.name, each.spec]),
    host: {
      spec: host?.spec,
      active: host?.status?.active,
      conditions: host?.status?.conditions.map(({ type, status, reason }) => [type, status, reason]),
      members: host?.status?.members.map(timeless),
    },
    events: await reasons(scene),
  };
  return JSON.parse(JSON.stringify(state).replaceAll(namespace, 'NAMESPACE').replaceAll(name, 'HOST')) as unknown;
}

function timeless({ name, line, version, ready, share, mirror, state, reason }: HostMember): unknown {
  return { name, line, version, ready, share, mirror, state, reason };
}

/** Which kinds of news of ours there were about each Deployment; a disturbed run may say one of them twice, never another. */
async function reasons({ world, namespace }: Scene): Promise<readonly string[]> {
  interface Event {
    readonly metadata: { readonly name: string };
    readonly reason: string;
    readonly involvedObject: { readonly name: string };
    readonly source?: { readonly component?: string };
  }
  const events = (await list(world.cluster, 'Event', namespace)) as unknown as readonly Event[];
  const ours = events.filter(({ source }) => source?.component?.startsWith('waymark') === true);
  return [...new Set(ours.map(({ reason, involvedObject }) => `${involvedObject.name} ${reason}`))].sort();
}
