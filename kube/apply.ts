import { isDeepStrictEqual } from 'node:util';
import { isConflict, isNotFound } from './kube-error.ts';
import { ownablePart, ownedPart, sharedLists } from './owned.ts';
import { readObject } from './read-object.ts';
import { objectPath } from './resources.ts';
import type { KubeClient, KubeObject, ObjectVersion, Resource } from './types.ts';

/** What is known of a live object before it is written. */
export interface Live extends ObjectVersion {
  /** As `ownedPart` gives it. */
  readonly owned: unknown;
}

export interface ApplierOptions {
  readonly client: KubeClient;
  readonly manager: string;
  /** A write was sent. */
  readonly onWrite: (kind: string, verb: 'apply' | 'delete') => void;
}

export interface ApplyRequest {
  readonly resource: Resource;
  /** Complete and canonical: fields that we own and that are not here are given up. */
  readonly desired: KubeObject;
  /** As the caches know it; absent = they know none. */
  readonly live?: Live | undefined;
  /** Asked about an object that the caches did not know: whether it may be written. */
  readonly isOurs: (object: KubeObject) => boolean;
  /** Asked when there is something to write: whether it may be; default: it may. */
  readonly mayWrite?: () => Promise<boolean>;
  /** What is desired was decided on the very state of `live`: if there is another one, it has to be decided anew. */
  readonly isDecidedOnLive?: boolean;
}

export type Applied =
  | { readonly outcome: 'unchanged' | 'foreign' | 'left' }
  /** What the API server holds now. */
  | { readonly outcome: 'written'; readonly object: KubeObject }
  /** There is another state than the one that was decided on; `undefined` = there is none. */
  | { readonly outcome: 'stale'; readonly object: KubeObject | undefined };

export interface Applier {
  /** Rejects with KubeError. A conflict that stays a conflict is retryable. */
  apply(request: ApplyRequest): Promise<Applied>;
  /** Only this very object in this very state; answers whether it is gone. Rejects with KubeError. */
  remove(resource: Resource, namespace: string, name: string, version: ObjectVersion): Promise<boolean>;
}

/** How often a write that met another one is tried again with what is there now, before the queue has it back. */
const ATTEMPTS = 3;

export function createApplier({ client, manager, onWrite }: ApplierOptions): Applier {
  async function patch({ resource, desired }: ApplyRequest, live: Live | undefined): Promise<KubeObject> {
    const { namespace = '', name } = desired.metadata;
    // The first write must not take anything from anybody. Later ones heal what others changed, but only of the object
    // and the state that was looked at.
    const precondition = live && { uid: live.uid, resourceVersion: live.resourceVersion };
    const query = `fieldManager=${manager}&force=${live === undefined ? 'false' : 'true'}`;
    onWrite(resource.kind, 'apply');
    return (await client.request({
      method: 'PATCH',
      path: `${objectPath(resource, namespace, name)}?${query}`,
      contentType: 'application/apply-patch+yaml',
      body: { ...desired, metadata: { ...desired.metadata, ...precondition } },
    })) as KubeObject;
  }

  /** Makes lists what we want them to be, whoever owns their items; an apply then has nothing in its way. */
  async function takeBack({ resource, desired }: ApplyRequest, live: Live, lists: readonly string[]): Promise<Live> {
    const { namespace = '', name } = desired.metadata;
    const spec = desired['spec'] as Readonly<Record<string, unknown>>;
    onWrite(resource.kind, 'apply');
    const object = (await client.request({
      method: 'PATCH',
      path: `${objectPath(resource, namespace, name)}?fieldManager=${manager}`,
      contentType: 'application/merge-patch+json',
      body: {
        metadata: { uid: live.uid, resourceVersion: live.resourceVersion },
        spec: Object.fromEntries(lists.map(list => [list, spec[list] ?? null])),
      },
    })) as KubeObject;
    return liveOf(object, manager);
  }

  async function look({ resource, desired }: ApplyRequest): Promise<KubeObject | undefined> {
    const { namespace = '', name } = desired.metadata;
    return readObject(client, objectPath(resource, namespace, name));
  }

  async function attempt(request: ApplyRequest, known: Live | undefined, left: number): Promise<Applied> {
    let live = known;
    if (live === undefined) {
      const object = await look(request);
      if (object !== undefined && !request.isOurs(object)) return { outcome: 'foreign' };
      if (request.isDecidedOnLive === true && (object ?? request.live) !== undefined)
        return { outcome: 'stale', object };
      live = object && liveOf(object, manager);
    }
    if (live !== undefined && isDeepStrictEqual(live.owned, ownablePart(request.desired))) {
      return { outcome: 'unchanged' };
    }
    if (request.mayWrite !== undefined && !(await request.mayWrite())) return { outcome: 'left' };
    try {
      const lists = live === undefined ? [] : sharedLists(live.owned);
      if (live !== undefined && lists.length > 0) live = await takeBack(request, live, lists);
      return { outcome: 'written', object: await patch(request, live) };
    } catch (error) {
      if (!isConflict(error) || left === 0) throw error;
      if (known === undefined && request.isDecidedOnLive === true) throw error;
      return attempt(request, undefined, left - 1);
    }
  }

  return {
    apply: request => attempt(request, request.live, ATTEMPTS - 1),

    async remove(resource, namespace, name, { uid, resourceVersion }) {
      onWrite(resource.kind, 'delete');
      try {
        await client.request({
          method: 'DELETE',
          path: objectPath(resource, namespace, name),
          body: {
            kind: 'DeleteOptions',
            apiVersion: 'v1',
            propagationPolicy: 'Background',
            preconditions: { uid, resourceVersion },
          },
        });
        return true;
      } catch (error) {
        if (isNotFound(error)) return true;
        if (isConflict(error)) return false;
        throw error;
      }
    },
  };
}

export function liveOf(object: KubeObject, manager: string): Live {
  const { uid = '', resourceVersion = '' } = object.metadata;
  return { uid, resourceVersion, owned: ownedPart(object, manager) };
}
