import { isDeepStrictEqual } from 'node:util';
import { collectionPath } from '../../../kube/resources.ts';
import type { KubeObject, Resource } from '../../../kube/types.ts';
import {
  MODIFIED,
  alreadyExists,
  applyConflicts,
  badRequest,
  conflict,
  done,
  failedPrecondition,
  invalid,
  needsVersion,
  notAllowed,
  notFound,
  notServed,
  unforeseen,
} from './answers.ts';
import type { ApiAnswer } from './answers.ts';
import { leaveOut, mergePatch, wire } from './json.ts';
import { KINDS } from './kinds.ts';
import type { Kind } from './kinds.ts';
import { createLists } from './lists.ts';
import { hasTwins } from './field-sets.ts';
import { applyAs, managedFieldsOf, updateAs, withManagedFields } from './managed-fields.ts';
import type { Writer } from './managed-fields.ts';
import { createStore } from './store.ts';
import type { Collection, Store } from './store.ts';
import { parseTarget } from './target.ts';
import type { Target } from './target.ts';
import { watch } from './watch.ts';
import type { Watch, WatchEvent } from './watch.ts';

export interface ApiRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string | undefined;
  /** Its part before the first slash is the field manager of writes that name none. */
  readonly userAgent: string;
}

/**
 * The API server, without network and time: what is asked is done at once. Objects that it hands out are frozen, and
 * are what is stored.
 */
export interface ApiServer {
  readonly store: Store;
  handle(request: ApiRequest): ApiAnswer;
  /** `push` is called for every event from now on; events of the past come first, in the answer. */
  watch(path: string, push: (event: WatchEvent) => void): Watch | ApiAnswer;
  /** A kind is served from now on, or no longer, as with the definition of a custom resource. */
  serve(resource: Resource): void;
  unserve(resource: Resource): void;
  isServed(resource: Resource): boolean;
  collection(resource: Resource): Collection;
  get(resource: Resource, namespace: string, name: string): KubeObject | undefined;
  /** Forgets the past: a watch from an older version, or a list that goes on, gets 410. */
  compact(): void;
}

export interface ServerOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Kinds that are served from the start; default: all that Waymark knows. */
  readonly kinds?: readonly Kind[];
  /** Items on a page of a list that is asked for by pages; default: as many as are asked for. */
  readonly pageSize?: number;
}

export function createApiServer({ now, kinds = KINDS, pageSize }: ServerOptions): ApiServer {
  const store = createStore();
  const known = new Map(KINDS.map(kind => [collectionPath(kind.resource), kind]));
  const served = new Set(kinds.map(({ resource }) => collectionPath(resource)));
  const lists = createLists(store, pageSize);
  let count = 0;

  function kindAt({ root, plural }: Target): Kind | undefined {
    const path = `${root}/${plural}`;
    return served.has(path) ? known.get(path) : undefined;
  }

  function kindFor(resource: Resource): Kind {
    const kind = known.get(collectionPath(resource));
    if (kind === undefined) throw new Error(`no such kind: ${resource.kind}`);
    return kind;
  }

  function find(kind: Kind, { namespace, name }: Target): KubeObject | undefined {
    return store.collection(kind).get(namespace, name);
  }

  function create(kind: Kind, target: Target, given: KubeObject, writer: Writer): ApiAnswer {
    const { metadata } = given;
    const { name } = metadata;
    if (name === '') return invalid(kind, name, ['metadata.name: Required value: name or generateName is required']);
    if (metadata.namespace !== undefined && metadata.namespace !== target.namespace) {
      return badRequest('the namespace of the provided object does not match the namespace sent on the request');
    }
    if ((metadata.resourceVersion ?? '') !== '')
      return unforeseen('resourceVersion should not be set on objects to be created');
    if (find(kind, { ...target, name }) !== undefined) return alreadyExists(kind, name);
    const object = kind.complete(
      withoutStatus(kind, { ...given, metadata: { ...metadata, ...address(target, name) } }),
    );
    return createNew(kind, target, withManagedFields(object, []), written =>
      updateAs(writer, undefined, written, kind.shape),
    );
  }

  /** Everything about a new object but who owns its fields. */
  function createNew(
    kind: Kind,
    target: Target,
    object: KubeObject,
    own: (object: KubeObject) => KubeObject,
  ): ApiAnswer {
    const { namespace } = target;
    const namespaces = known.get('/api/v1/namespaces');
    if (namespace !== '' && namespaces !== undefined && store.collection(namespaces).get('', namespace) === undefined) {
      return notFound(namespaces, namespace);
    }
    const complaints = kind.complaints(object, undefined);
    if (complaints.length > 0) return invalid(kind, object.metadata.name, complaints);
    const settled = own({
      ...object,
      metadata: {
        ...object.metadata,
        uid: uidOf(++count),
        creationTimestamp: new Date(now()).toISOString().replace(/\.\d+Z$/, 'Z'),
        ...(kind.isNewGeneration && { generation: 1 }),
      },
      ...(kind.firstStatus !== undefined && { status: kind.firstStatus }),
    });
    return done(
      store.commit(
        kind,
        undefined,
        kind.allocate(settled, undefined, () => ++count),
      ),
      201,
    );
  }

  /** A replacement or a merge: `after` is the whole object. */
  function update(kind: Kind, before: KubeObject, given: KubeObject, writer: Writer, isReplaced: boolean): ApiAnswer {
    const refusal = refuseUpdate(kind, before, given.metadata, isReplaced);
    if (refusal !== undefined) return refusal;
    const after = kind.complete(
      kind.allocate(withoutFixed(kind, before, given, writer.subresource), before, () => ++count),
    );
    const complaints = kind.complaints(after, before);
    if (complaints.length > 0) return invalid(kind, before.metadata.name, complaints);
    return keep(kind, before, updateAs(writer, before, after, kind.shape));
  }

  function keep(kind: Kind, before: KubeObject, after: KubeObject): ApiAnswer {
    if (isDeepStrictEqual(before, after)) return done(before);
    const isNew = kind.isNewGeneration?.(before, after) ?? false;
    const generation = Number(before.metadata['generation'] ?? 0) + 1;
    return done(store.commit(kind, before, isNew ? { ...after, metadata: { ...after.metadata, generation } } : after));
  }

  function apply(kind: Kind, target: Target, given: KubeObject, writer: Writer): ApiAnswer {
    const before = find(kind, target);
    const { name } = target;
    const { uid, resourceVersion } = given.metadata;
    if (given.metadata['managedFields'] !== undefined) return badRequest('metadata.managedFields must be nil');
    if (before === undefined && uid !== undefined) {
      return conflict(
        kind,
        name,
        `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
      );
    }
    if (before === undefined && (resourceVersion ?? '') !== '') return notFound(kind, name);
    const refusal = before && refuseUpdate(kind, before, given.metadata, false);
    if (refusal !== undefined) return refusal;
    if (hasTwins(given, kind.shape))
      return unforeseen('failed to create typed patch object: duplicate entries for key');
    const metadata = leaveOut(given.metadata, 'uid', 'resourceVersion');
    const applied = { ...given, metadata: { ...metadata, ...address(target, name) } };
    const outcome = applyAs(writer, before, withoutStatus(kind, applied), {
      force: target.query.get('force') === 'true',
      shape: kind.shape,
      complete: object => {
        const completed = kind.complete(object);
        return before === undefined ? completed : kind.allocate(completed, before, () => ++count);
      },
    });
    if ('conflicts' in outcome) return applyConflicts(outcome.conflicts);
    const { object } = outcome;
    if (before === undefined) return createNew(kind, target, object, one => one);
    const complaints = kind.complaints(object, before);
    return complaints.length > 0 ? invalid(kind, name, complaints) : keep(kind, before, object);
  }

  function remove(kind: Kind, target: Target, body: unknown): ApiAnswer {
    const before = find(kind, target);
    if (before === undefined) return notFound(kind, target.name);
    const { preconditions: wanted = {} } = (body ?? {}) as {
      preconditions?: { uid?: string; resourceVersion?: string };
    };
    const refusal = refuseDeletion(kind, before, wanted);
    if (refusal !== undefined) return refusal;
    store.commit(kind, before, undefined);
    const { uid } = before.metadata;
    return done({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: target.name, ...(kind.group !== '' && { group: kind.group }), kind: kind.resource.plural, uid },
    });
  }

  function change(kind: Kind, target: Target, request: ApiRequest): ApiAnswer {
    const { method, contentType = 'application/json' } = request;
    const body = wire(request.body) as KubeObject;
    const { subresource } = target;
    const writer: Writer = { manager: managerOf(request, target), ...(subresource !== '' && { subresource }) };
    if (subresource !== '' && !(subresource === 'status' && kind.hasStatus)) return notServed();
    if (method === 'POST') return create(kind, target, { ...body, metadata: { ...body.metadata } }, writer);
    if (method === 'PATCH' && contentType === 'application/apply-patch+yaml') return apply(kind, target, body, writer);
    const before = find(kind, target);
    if (before === undefined) return notFound(kind, target.name);
    if (method === 'PUT') {
      if (body.metadata.name !== target.name) {
        return badRequest('the name of the object does not match the name on the URL');
      }
      if ((body.metadata.resourceVersion ?? '') === '' && !kind.takesAnyVersion) {
        return needsVersion(kind, target.name);
      }
      return update(kind, before, body, writer, true);
    }
    if (contentType !== 'application/merge-patch+json')
      return notAllowed(`the body of the request was in an unknown format`);
    return update(kind, before, mergePatch(before, body) as KubeObject, writer, false);
  }

  return {
    store,
    handle(request) {
      const { method, path, body } = request;
      if (path === '/version') return done({ major: '1', minor: '36', gitVersion: 'v1.36.3' });
      const target = parseTarget(path);
      const kind = kindAt(target);
      if (kind === undefined) return notServed();
      if (method === 'GET') {
        if (target.name === '') return lists.list(kind, target);
        const object = find(kind, target);
        return object === undefined ? notFound(kind, target.name) : done(object);
      }
      if (method === 'DELETE' && target.name !== '') return remove(kind, target, wire(body));
      if ((method === 'POST') !== (target.name === '')) return notAllowed(`${method} is not supported on this path`);
      return change(kind, target, request);
    },
    watch(path, push) {
      const target = parseTarget(path);
      const kind = kindAt(target);
      return kind === undefined ? notServed() : watch(store, kind, target, push);
    },
    serve: resource => void served.add(collectionPath(kindFor(resource).resource)),
    unserve: resource => void served.delete(collectionPath(resource)),
    isServed: resource => served.has(collectionPath(resource)),
    collection: resource => store.collection(kindFor(resource)),
    get: (resource, namespace, name) => store.collection(kindFor(resource)).get(namespace, name),
    compact() {
      store.compact();
      lists.compact();
    },
  };
}

function address({ namespace }: Target, name: string): { name: string; namespace?: string } {
  return namespace === '' ? { name } : { name, namespace };
}

function withoutStatus(kind: Kind, object: KubeObject): KubeObject {
  return kind.hasStatus ? (leaveOut(object, 'status') as KubeObject) : object;
}

/** What a write may change: the status by its subresource, everything else by the object itself, its address never. */
function withoutFixed(kind: Kind, before: KubeObject, after: KubeObject, subresource: string | undefined): KubeObject {
  if (subresource === 'status') {
    const status = after['status'] === undefined ? {} : { status: after['status'] };
    return { ...(leaveOut(before, 'status') as KubeObject), ...status };
  }
  const status = kind.hasStatus && before['status'] !== undefined ? { status: before['status'] } : {};
  const { name, uid, namespace, resourceVersion } = before.metadata;
  const { creationTimestamp, generation } = before.metadata as Readonly<Record<string, unknown>>;
  const fixed = { name, uid, namespace, resourceVersion, creationTimestamp, generation };
  const metadata = wire({ ...after.metadata, ...fixed }) as KubeObject['metadata'];
  const { apiVersion, kind: kindName } = kind.resource;
  const object = { ...withoutStatus(kind, after), apiVersion, kind: kindName, metadata, ...status };
  return withManagedFields(object, managedFieldsOf(before));
}

interface Wanted {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** Which state is to be changed is asked first; that it is another object is then noticed as a change of its uid. */
function refuseUpdate(kind: Kind, before: KubeObject, wanted: Wanted, isReplaced: boolean): ApiAnswer | undefined {
  const { name, uid, resourceVersion } = before.metadata;
  const isOther = wanted.uid !== undefined && wanted.uid !== uid;
  if (isOther && isReplaced) return conflict(kind, name, differentUid(wanted, before));
  if ((wanted.resourceVersion ?? resourceVersion) !== resourceVersion && wanted.resourceVersion !== '') {
    return conflict(kind, name, MODIFIED);
  }
  return isOther ? invalid(kind, name, ['metadata.uid: Invalid value: field is immutable']) : undefined;
}

function refuseDeletion(kind: Kind, before: KubeObject, wanted: Wanted): ApiAnswer | undefined {
  const { name, uid, resourceVersion } = before.metadata;
  if (wanted.uid !== undefined && wanted.uid !== uid)
    return failedPrecondition(kind, name, differentUid(wanted, before));
  if (wanted.resourceVersion === undefined || wanted.resourceVersion === resourceVersion) return undefined;
  return failedPrecondition(kind, name, 'the ResourceVersion in the precondition does not match');
}

function differentUid(wanted: Wanted, { metadata }: KubeObject): string {
  return `UID in precondition: ${wanted.uid ?? ''}, UID in object meta: ${metadata.uid ?? ''}`;
}

function managerOf({ userAgent }: ApiRequest, { query }: Target): string {
  return query.get('fieldManager') ?? userAgent.split('/')[0] ?? '';
}

function uidOf(count: number): string {
  return `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
}
