import type { KubeObject } from '../../../kube/types.ts';
import { badRequest, expired } from './answers.ts';
import type { ApiAnswer } from './answers.ts';
import type { Kind } from './kinds.ts';
import type { Store, StoredEvent } from './store.ts';
import { isSelected, selectionOf } from './target.ts';
import type { Selection, Target } from './target.ts';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: unknown;
}

export interface Watch {
  /** What happened since the version that was asked for. */
  readonly past: readonly WatchEvent[];
  /** Says up to which version everything has been told by now. */
  bookmark(): WatchEvent;
  close(): void;
}

/** A version that is too old is not refused: the stream begins, tells of the error, and ends. */
export function watch(store: Store, kind: Kind, target: Target, push: (event: WatchEvent) => void): Watch | ApiAnswer {
  const selection = selectionOf(target);
  if (selection === undefined) return badRequest('field label not supported');
  const collection = store.collection(kind);
  const version = target.query.get('resourceVersion') ?? '';
  const from = version === '' || version === '0' ? undefined : Number(version);
  const past = from === undefined ? collection.list().map(added) : collection.eventsSince(from);
  if (past === undefined) {
    const { body } = expired(`too old resource version: ${version}`);
    return { past: [{ type: 'ERROR', object: body }], bookmark: () => bookmarkOf(kind, store), close: () => undefined };
  }
  const close = collection.subscribe(event => {
    const seen = asSelected(selection, event);
    if (seen !== undefined) push(seen);
  });
  return {
    past: past.flatMap(event => asSelected(selection, event) ?? []),
    bookmark: () => bookmarkOf(kind, store),
    close,
  };
}

function added(object: KubeObject): StoredEvent {
  return { type: 'ADDED', object, revision: Number(object.metadata.resourceVersion) };
}

/** An object that comes into a selection was added to it, one that leaves it was deleted from it. */
function asSelected(selection: Selection, { type, object, before }: StoredEvent): WatchEvent | undefined {
  const isIn = type !== 'DELETED' && isSelected(selection, object);
  const wasIn = before !== undefined && isSelected(selection, before);
  if (isIn) return { type: wasIn ? 'MODIFIED' : 'ADDED', object };
  if (!wasIn) return undefined;
  const { resourceVersion = '' } = object.metadata;
  return { type: 'DELETED', object: { ...before, metadata: { ...before.metadata, resourceVersion } } };
}

function bookmarkOf({ resource: { apiVersion, kind } }: Kind, store: Store): WatchEvent {
  const metadata = { resourceVersion: String(store.revision()), creationTimestamp: null };
  return { type: 'BOOKMARK', object: { kind, apiVersion, metadata } };
}
