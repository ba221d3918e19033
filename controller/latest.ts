import { isOlder } from '../kube/informer-cache.ts';
import { createInformer } from '../kube/informer.ts';
import type { InformerOptions, KubeObject, ObjectVersion } from '../kube/types.ts';

/**
 * The newest that is known of one object: as its watch tells, or ahead of the watch as our own write was answered.
 * Without that, what is decided right after a write would be decided on the state before it.
 */
export interface Latest<T> {
  get(): T | undefined;
  version(): ObjectVersion | undefined;
  wrote(object: KubeObject): void;
  readonly synced: Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

export interface LatestOptions<T> extends InformerOptions<T> {
  readonly name: string;
  readonly project: (object: KubeObject) => T;
}

export function watchOne<T>({ name, onChange, ...options }: LatestOptions<T>): Latest<T> {
  const { project, namespace = '' } = options;
  let ahead: { readonly value: T; readonly version: ObjectVersion } | undefined;

  const informer = createInformer<T>({
    ...options,
    fieldSelector: `metadata.name=${name}`,
    onChange: change => {
      if (change.after === undefined || hasSeen(ahead?.version)) ahead = undefined;
      onChange?.(change);
    },
  });

  function hasSeen(version: ObjectVersion | undefined): boolean {
    const seen = informer.version(namespace, name);
    return version !== undefined && seen !== undefined && !isOlder(seen.resourceVersion, version.resourceVersion);
  }

  return {
    get: () => ahead?.value ?? informer.get(namespace, name),
    version: () => ahead?.version ?? informer.version(namespace, name),
    wrote(object) {
      const { uid = '', resourceVersion = '' } = object.metadata;
      const version = { uid, resourceVersion };
      // The watch may have been faster than the answer.
      ahead = hasSeen(version) ? undefined : { value: project(object), version };
    },
    synced: informer.synced,
    start: () => informer.start(),
    stop: () => informer.stop(),
  };
}
