import { RESOURCES, objectPath } from '../../../kube/resources.ts';
import type { Resource } from '../../../kube/types.ts';
import { createDelayed, write } from './ask.ts';
import type { Surroundings } from './ask.ts';

/** Milliseconds. */
const REACTION = { low: 50, high: 2500 };

/** Kinds whose objects belong to others, and those to which they may belong. */
const OWNED: readonly Resource[] = [
  RESOURCES.services,
  RESOURCES.horizontalPodAutoscalers,
  RESOURCES.virtualServices,
  RESOURCES.endpointSlices,
];
const OWNERS: readonly Resource[] = [RESOURCES.deployments, RESOURCES.services];

/** Takes away what belongs to an object that is gone. */
export function collectGarbage(world: Surroundings): void {
  const { server } = world;

  const sweep = createDelayed(world, REACTION.low, REACTION.high, () => {
    const uids = new Set(
      OWNERS.flatMap(owner =>
        server
          .collection(owner)
          .list()
          .map(({ metadata }) => metadata.uid),
      ),
    );
    for (const resource of OWNED) {
      for (const { metadata } of server.collection(resource).list()) {
        const { namespace = '', name, ownerReferences = [] } = metadata;
        if (ownerReferences.length === 0 || ownerReferences.some(({ uid }) => uids.has(uid))) continue;
        write(server, 'DELETE', objectPath(resource, namespace, name), undefined);
      }
    }
  });

  server.store.onCommit(({ resource }, { type, object }) => {
    const isOwner = OWNERS.some(({ kind }) => kind === resource.kind);
    if (type === 'DELETED' ? isOwner : object.metadata.ownerReferences !== undefined) sweep('');
  });
}
