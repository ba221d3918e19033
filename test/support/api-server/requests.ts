import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../../../kube/types.ts';
import { applyServerSide, updateAs } from './server-side-apply.ts';
import { matches, parseTarget } from './target.ts';
import type { Collection, Store } from './store.ts';
import type { Target } from './target.ts';

export interface ApiRequest {
  readonly store: Store;
  readonly method: string;
  readonly url: string;
  readonly contentType: string;
  readonly userAgent: string;
  readonly body: string;
  readonly response: ServerResponse;
}

/** Everything but watches. */
export function answerRequest(request: ApiRequest): void {
  const { store, method, url, response } = request;
  const target = parseTarget(url);
  const collection = store.at(target.collection);
  if (collection === undefined) {
    sendStatus(response, 404, 'NotFound', 'the server could not find the requested resource');
    return;
  }
  if (method === 'GET' && target.name === '') list(store, collection, target, response);
  else if (method === 'GET') get(collection, target, response);
  else if (method === 'POST') create(collection, target, request);
  else if (method === 'PUT') replace(collection, target, request);
  else if (method === 'PATCH' && request.contentType === 'application/apply-patch+yaml')
    apply(collection, target, request);
  else if (method === 'PATCH') mergePatch(collection, target, request);
  else if (method === 'DELETE') remove(collection, target, request);
  else sendStatus(response, 405, 'MethodNotAllowed', `${method} is not supported`);
}

export function sendStatus(response: ServerResponse, code: number, reason: string, message: string): void {
  send(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message });
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function notFound(response: ServerResponse, { collection, name }: Target): void {
  sendStatus(response, 404, 'NotFound', `${collection} "${name}" not found`);
}

/** Continue tokens name the version of the first page; a compaction since then makes them useless, as in etcd. */
function list(store: Store, collection: Collection, target: Target, response: ServerResponse): void {
  const { query } = target;
  const limit = Number(query.get('limit') ?? '0');
  const [version = String(store.version()), from = '0'] = query.get('continue')?.split(':') ?? [];
  if (query.has('continue') && collection.eventsSince(Number(version)) === undefined) {
    sendStatus(response, 410, 'Expired', 'the provided continue parameter is too old');
    return;
  }
  const all = collection.list().filter(object => matches(target, object));
  const end = limit === 0 ? all.length : Number(from) + limit;
  // As the real one: items of built-in kinds say neither kind nor version.
  const items = all
    .slice(Number(from), end)
    .map(object =>
      Object.fromEntries(Object.entries(object).filter(([name]) => name !== 'apiVersion' && name !== 'kind')),
    );
  send(response, 200, {
    kind: `${collection.resource.kind}List`,
    apiVersion: collection.resource.apiVersion,
    metadata: { resourceVersion: version, ...(end < all.length && { continue: `${version}:${end}` }) },
    items,
  });
}

function get(collection: Collection, target: Target, response: ServerResponse): void {
  const object = collection.get(target.namespace, target.name);
  if (object === undefined) notFound(response, target);
  else send(response, 200, object);
}

function create(collection: Collection, target: Target, request: ApiRequest): void {
  const object = JSON.parse(request.body) as KubeObject;
  const { name } = object.metadata;
  if (collection.get(target.namespace, name) !== undefined) {
    sendStatus(request.response, 409, 'AlreadyExists', `${target.collection} "${name}" already exists`);
    return;
  }
  send(request.response, 201, collection.put(updateAs(request.userAgent, undefined, object)));
}

function replace(collection: Collection, target: Target, request: ApiRequest): void {
  const before = collection.get(target.namespace, target.name);
  const object = JSON.parse(request.body) as KubeObject;
  if (before === undefined) notFound(request.response, target);
  else if (conflicts(before, object.metadata)) sendConflict(request.response, target);
  else send(request.response, 200, collection.put(updateAs(request.userAgent, before, object)));
}

function apply(collection: Collection, target: Target, { body, response }: ApiRequest): void {
  const applied = JSON.parse(body) as KubeObject;
  const before = collection.get(target.namespace, target.name);
  if (conflicts(before, applied.metadata)) {
    sendConflict(response, target);
    return;
  }
  const manager = target.query.get('fieldManager') ?? '';
  const outcome = applyServerSide(before, applied, manager, target.query.get('force') === 'true');
  if ('conflicts' in outcome) {
    sendStatus(response, 409, 'Conflict', `Apply failed with conflicts: ${outcome.conflicts.join(', ')}`);
  } else send(response, before === undefined ? 201 : 200, collection.put(outcome.object));
}

/** RFC 7386. A version in the patch is a precondition, as of the real server. */
function mergePatch(collection: Collection, target: Target, { body, userAgent, response }: ApiRequest): void {
  const before = collection.get(target.namespace, target.name);
  if (before === undefined) {
    notFound(response, target);
    return;
  }
  const patch = JSON.parse(body) as Partial<KubeObject>;
  if (conflicts(before, patch.metadata ?? {})) sendConflict(response, target);
  else send(response, 200, collection.put(updateAs(userAgent, before, merge(before, patch) as KubeObject)));
}

function merge(before: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const old = isMap(before) ? before : {};
  const kept = Object.entries(old).filter(([key]) => !Object.hasOwn(patch, key));
  const given = Object.entries(patch).filter(([, value]) => value !== null);
  return Object.fromEntries([...kept, ...given.map(([key, value]) => [key, merge(old[key], value)] as const)]);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function remove(collection: Collection, target: Target, { body, response }: ApiRequest): void {
  const before = collection.get(target.namespace, target.name);
  const { preconditions = {} } = (body === '' ? {} : JSON.parse(body)) as {
    preconditions?: { uid?: string; resourceVersion?: string };
  };
  if (before === undefined) notFound(response, target);
  else if (conflicts(before, preconditions)) sendConflict(response, target);
  else send(response, 200, collection.delete(target.namespace, target.name));
}

function conflicts(before: KubeObject | undefined, wanted: { uid?: string; resourceVersion?: string }): boolean {
  const { uid, resourceVersion } = wanted;
  return (
    (uid !== undefined && before?.metadata.uid !== uid) ||
    (resourceVersion !== undefined && resourceVersion !== '' && before?.metadata.resourceVersion !== resourceVersion)
  );
}

function sendConflict(response: ServerResponse, { name }: Target): void {
  sendStatus(response, 409, 'Conflict', `Operation cannot be fulfilled on "${name}": the object has been modified`);
}
