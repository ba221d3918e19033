import type { Applier } from '../kube/apply.ts';
import { KubeError } from '../kube/kube-error.ts';
import { readObject } from '../kube/read-object.ts';
import { RESOURCES, objectPath } from '../kube/resources.ts';
import { SOMEBODY, lastWriter } from '../kube/last-writer.ts';
import type { KubeClient, KubeObject, Resource } from '../kube/types.ts';
import type { Logger } from '../runtime/log.ts';
import type { BuiltObject } from '../shared/compilation.ts';
import type { Deployment } from '../shared/deployment.ts';
import type { Finding } from '../shared/findings/finding.ts';
import { controllerOf, isOurs } from '../shared/plan/live.ts';
import { FIELD_MANAGER } from '../shared/render/labels.ts';
import type { GroupKey, KubernetesObject } from '../shared/snapshot.ts';
import { CacheBehind } from './cache-behind.ts';
import type { LiveChild } from './children.ts';
import type { Contention } from './contention.ts';
import type { World } from './observe.ts';
import { digestOf } from './digest.ts';
import { projectChild, projectDeployment } from './projections.ts';
import { contendedFindings, refusedFindings } from './write-findings.ts';

export interface WriterOptions {
  readonly world: World;
  readonly applier: Applier;
  readonly client: KubeClient;
  /** Resolves when the object may be written; rejects when what it needs is not there. */
  readonly permit: (built: BuiltObject) => Promise<void>;
  /** Rejects when another process leads. */
  readonly fence: () => Promise<void>;
  readonly contention: Contention;
  /** Something else may be written, or said, of a group after so many milliseconds. */
  readonly lookAgain: (group: GroupKey, delay: number) => void;
  readonly log: Logger;
}

export interface Writer {
  /** In the given order; one that fails does not stop the others. Rejects with what failed. */
  apply(group: GroupKey, objects: readonly BuiltObject[]): Promise<void>;
  prune(group: GroupKey, objects: readonly BuiltObject[]): Promise<void>;
  /** What kept objects of the group from being written at the last `apply`. */
  troubles(group: GroupKey): readonly Finding[];
}

export function createWriter(options: WriterOptions): Writer {
  const { world, applier, client, permit, fence, contention, lookAgain, log } = options;
  const troubles = new Map<GroupKey, readonly Finding[]>();

  function tell(group: GroupKey, found: readonly Finding[]): void {
    if (found.length > 0) troubles.set(group, [...(troubles.get(group) ?? []), ...found]);
  }

  /** Whoever reverts each of our writes is given way for a while. */
  async function mayWrite(built: BuiltObject, resource: Resource, wanted: string): Promise<boolean> {
    const { group, object } = built;
    const key = addressOf(object);
    let rest = contention.restOf(key, wanted);
    if (rest === 0 && contention.isDue(key, wanted)) {
      const { namespace, name } = object.metadata;
      const by = await lastWriter(client, objectPath(resource, namespace, name), FIELD_MANAGER);
      rest = contention.leave(key, { group, by, wanted });
      log.warn({ kind: object.kind, object: `${namespace}/${name}`, by, rest }, 'left alone: somebody reverts it');
      // What is said of the group depends on it.
      lookAgain(group, 0);
    }
    if (rest === 0) return true;
    tell(group, contendedFindings(built, contention.by(key) ?? SOMEBODY));
    lookAgain(group, rest);
    return false;
  }

  async function applyOne(built: BuiltObject): Promise<void> {
    await permit(built);
    const { object, group } = built;
    const { kind, metadata } = object;
    const { namespace, name } = metadata;
    const resource = world.resourceOf(kind);
    if (resource === undefined) throw new Error(`no resource is known for ${kind}`);
    const live = world.children.get({ kind, namespace, name });
    const applied = await applier.apply({
      resource,
      desired: object as unknown as KubeObject,
      live: live && { ...live, owned: live.child.owned },
      isOurs: found =>
        found.metadata['deletionTimestamp'] === undefined && isOurs(projectChild(found), ownerOf(object)),
      mayWrite: () => mayWrite(built, resource, digestOf(object)),
      // Who leads is told by the live routes, and what is needed still by what lives: no older decision may overwrite a
      // newer one.
      isDecidedOnLive: !group.startsWith('Deployment/'),
    });
    const what = { kind, object: `${namespace}/${name}` };
    if (applied.outcome === 'stale') {
      if (applied.object !== undefined) world.written({ ...applied.object, apiVersion: resource.apiVersion, kind });
      else if (live !== undefined) world.children.removed({ kind, namespace, name }, live);
      throw new CacheBehind(`${kind} ${namespace}/${name}`);
    }
    if (applied.outcome === 'written') {
      world.written({ ...applied.object, apiVersion: resource.apiVersion, kind });
      log.info(what, 'applied');
      const delay = contention.wrote(addressOf(object), digestOf(object));
      if (delay !== undefined) lookAgain(group, delay);
    } else if (applied.outcome === 'foreign') log.info(what, 'not applied: another object has its name');
  }

  /**
   * Whether objects of a Deployment that the caches do not hold may go, asked of the API server itself: no list that
   * came back too short may cost anybody his routes. What belongs to a deleted Deployment is the garbage collector's.
   */
  async function confirmOwner(namespace: string, name: string): Promise<string | undefined> {
    const path = objectPath(RESOURCES.deployments, namespace, name);
    const found = await readObject(client, path);
    if (found === undefined || found.metadata['deletionTimestamp'] !== undefined) return undefined;
    if (projectDeployment(found) !== undefined) throw new CacheBehind(`Deployment ${namespace}/${name}`);
    return found.metadata.uid;
  }

  async function removable(group: GroupKey, live: readonly LiveChild[]): Promise<readonly LiveChild[]> {
    const [kind, namespace = '', name = ''] = group.split('/');
    if (kind !== 'Deployment' || live.length === 0) return live;
    const owner: Deployment | undefined = world.deployment(namespace, name);
    const uid = owner === undefined ? await confirmOwner(namespace, name) : owner.metadata.uid;
    return uid === undefined ? [] : live.filter(({ child }) => isOurs(child, { namespace, name, uid }));
  }

  async function removeOne({ child, uid, resourceVersion }: LiveChild): Promise<void> {
    const { kind, metadata } = child;
    const { namespace, name } = metadata;
    const resource = world.resourceOf(kind);
    if (resource === undefined) throw new Error(`no resource is known for ${kind}`);
    await fence();
    const version = { uid, resourceVersion };
    if (!(await applier.remove(resource, namespace, name, version)))
      throw new CacheBehind(`${kind} ${namespace}/${name}`);
    world.children.removed({ kind, namespace, name }, version);
    log.info({ kind, object: `${namespace}/${name}` }, 'deleted');
  }

  return {
    async apply(group, objects) {
      troubles.delete(group);
      await each(objects, async built => {
        try {
          await applyOne(built);
        } catch (error) {
          tell(group, refusedFindings(built, error));
          throw error;
        }
      });
    },
    troubles: group => troubles.get(group) ?? [],
    async prune(group, objects) {
      const wanted = new Set(objects.map(({ object }) => addressOf(object)));
      const unwanted = world.children.ofGroup(group).filter(({ child }) => !wanted.has(addressOf(child)));
      await each(await removable(group, unwanted), removeOne);
    },
  };
}

async function each<T>(items: readonly T[], step: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items) {
    try {
      await step(item);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, failures.map(one => (one as Error).message).join('; '));
}

/** Milliseconds that the API server wants to be left alone, of one failure or of several. */
export function retryAfterOf(error: unknown): number {
  if (error instanceof AggregateError) return Math.max(0, ...error.errors.map(retryAfterOf));
  return error instanceof KubeError ? (error.retryAfter ?? 0) : 0;
}

function ownerOf(object: KubernetesObject): { namespace: string; name: string; uid: string } | undefined {
  const owner = controllerOf(object);
  return owner && { namespace: object.metadata.namespace, name: owner.name, uid: owner.uid };
}

function addressOf({
  kind,
  metadata: { namespace, name },
}: Pick<KubernetesObject, 'kind' | 'metadata'> | LiveChild['child']): string {
  return `${kind}/${namespace}/${name}`;
}
