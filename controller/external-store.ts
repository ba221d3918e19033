import { isOlder } from '../kube/informer-cache.ts';
import { createInformer } from '../kube/informer.ts';
import { readObject } from '../kube/read-object.ts';
import { RESOURCES, collectionPath, objectPath } from '../kube/resources.ts';
import type { Change, InformerOptions, KubeClient, KubeObject, ObjectVersion } from '../kube/types.ts';
import { EXTERNAL_LEDGER } from '../shared/external-ledger.ts';
import { OUR_LABELS } from '../shared/render/labels.ts';

export type LedgerData = Readonly<Record<string, unknown>>;

/** The one ConfigMap that is the ledger. It is made when there is something to write. */
export interface ExternalStore {
  readonly synced: Promise<void>;
  start(): void;
  stop(): Promise<void>;
  /** What it holds, as far as is known; nothing when it is not there. */
  data(): LedgerData;
  /** What it holds by what the API server says now. Rejects with KubeError. */
  load(): Promise<LedgerData>;
  /** Writes what differs; rejects with KubeError, 409 or 404 when somebody else was faster. */
  save(data: LedgerData): Promise<void>;
}

export interface ExternalStoreOptions extends Pick<InformerOptions<unknown>, 'log' | 'onRestart' | 'clock' | 'random'> {
  /** Reads for the watch. */
  readonly client: KubeClient;
  /** Refuses to write while this process does not lead. */
  readonly writing: KubeClient;
  readonly namespace: string;
  readonly onWrite: (kind: string, verb: 'create' | 'patch') => void;
  /** It may hold something else from now on. */
  readonly onChange: () => void;
}

interface Stored extends ObjectVersion {
  readonly data: LedgerData;
}

export function createExternalStore(options: ExternalStoreOptions): ExternalStore {
  const { client, writing, namespace, onWrite, onChange, ...watching } = options;
  const resource = RESOURCES.configMaps;
  const path = objectPath(resource, namespace, EXTERNAL_LEDGER);
  /** Ahead of the watch as our own requests were answered. */
  let known: Stored | undefined;

  const informer = createInformer<Stored>({
    ...watching,
    client,
    resource,
    namespace,
    fieldSelector: `metadata.name=${EXTERNAL_LEDGER}`,
    project: storedOf,
    onChange: changed,
  });

  function changed({ before, after }: Change<Stored>): void {
    if (after === undefined) {
      if (known?.uid === before?.uid) known = undefined;
    } else if (known === undefined || !isOlder(after.resourceVersion, known.resourceVersion)) known = after;
    onChange();
  }

  async function create(data: LedgerData): Promise<unknown> {
    onWrite(resource.kind, 'create');
    const metadata = { name: EXTERNAL_LEDGER, namespace, labels: OUR_LABELS };
    const body = { apiVersion: resource.apiVersion, kind: resource.kind, metadata, data };
    return writing.request({ method: 'POST', path: collectionPath(resource, namespace), body });
  }

  async function change({ uid, resourceVersion }: Stored, data: LedgerData): Promise<unknown> {
    onWrite(resource.kind, 'patch');
    return writing.request({
      method: 'PATCH',
      path,
      contentType: 'application/merge-patch+json',
      body: { metadata: { uid, resourceVersion, labels: OUR_LABELS }, data },
    });
  }

  return {
    synced: informer.synced,
    start: () => informer.start(),
    stop: () => informer.stop(),
    data: () => known?.data ?? {},
    async load() {
      const found = await readObject(client, path);
      known = found && storedOf(found);
      return known?.data ?? {};
    },
    async save(data) {
      const difference = differenceOf(known?.data ?? {}, data);
      if (Object.keys(difference).length === 0) return;
      const answer = await (known === undefined ? create(data) : change(known, difference));
      const written = storedOf(answer as KubeObject);
      // The watch may have been faster than the answer.
      if (known === undefined || !isOlder(written.resourceVersion, known.resourceVersion)) known = written;
    },
  };
}

function storedOf({ metadata: { uid = '', resourceVersion = '' }, data }: KubeObject): Stored {
  return { uid, resourceVersion, data: (data ?? {}) as LedgerData };
}

/** As a merge patch: what is new or another, and null for what is to go. */
function differenceOf(before: LedgerData, after: LedgerData): LedgerData {
  const gone = Object.keys(before).filter(key => !Object.hasOwn(after, key));
  const changed = Object.entries(after).filter(([key, value]) => before[key] !== value);
  return Object.fromEntries([...gone.map(key => [key, null] as const), ...changed]);
}
