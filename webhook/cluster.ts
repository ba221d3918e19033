import { namespaceOf, readVersion } from '../kube/cluster-objects.ts';
import { loadCredentials } from '../kube/credentials.ts';
import { KubeError } from '../kube/kube-error.ts';
import { RESOURCES } from '../kube/resources.ts';
import { CannotStart } from '../runtime/listen.ts';
import type { Credentials, Informer, InformerOptions, KubeClient, KubeObject } from '../kube/types.ts';
import type { Logger } from '../runtime/log.ts';
import type { Settings } from '../shared/settings.ts';
import type { Namespace } from '../shared/snapshot.ts';
import { watchFacts } from './facts.ts';
import type { KeyPair } from './certificate.ts';
import type { KnownFacts } from './facts.ts';

/** All that the webhook knows of a cluster: read-only, and it goes on with what it has when the cluster is away. */
export interface Cluster {
  /** Resolves after the first complete lists of all that is watched but the Secret. */
  readonly synced: Promise<unknown>;
  /** Reports the pair now and whenever it changes. A deleted Secret is no change: the pair serves on. */
  watchSecret(namespace: string, name: string, onPair: (pair: KeyPair) => void): void;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Absent: found as kubectl finds them. */
  readonly credentials?: Credentials | undefined;
  readonly settings: Settings;
  /** Names of the Namespaces to watch; empty = all. */
  readonly watched: readonly string[];
  /** By name; filled and kept up by a watch. */
  readonly namespaces: Map<string, Namespace>;
  /** Filled and kept up by watches. */
  readonly known: KnownFacts;
  readonly log: Logger;
  /** One of `namespaces` has changed. */
  readonly onNamespace: () => void;
  /** A watch of this kind was opened again. */
  readonly onRestart: (kind: string) => void;
}

/** Undefined when no cluster is configured at all. Rejects with CannotStart when one is, and cannot be used. */
export async function openCluster(options: ClusterOptions): Promise<Cluster | undefined> {
  const client = await connect(options);
  return client && watchCluster(client, options);
}

async function watchCluster(client: KubeClient, options: ClusterOptions): Promise<Cluster> {
  const { namespaces, watched, log, onNamespace, onRestart } = options;
  const { createInformer } = await import('../kube/informer.ts');
  const informers: Informer<unknown>[] = [];
  const rereadVersion = versionReader(client, options);
  function follow<T>(given: Omit<InformerOptions<T>, 'client' | 'log' | 'onRestart'>): Informer<T> {
    const restarted = (): void => {
      onRestart(given.resource.kind);
      // An upgrade of the API server ends every watch.
      void rereadVersion();
    };
    const informer = createInformer({ ...given, client, log, onRestart: restarted });
    informers.push(informer);
    informer.start();
    return informer;
  }

  // One watch for all, or one for each name: the account need not be allowed to see more.
  const selectors = watched.length === 0 ? [{}] : watched.map(name => ({ fieldSelector: `metadata.name=${name}` }));
  const synced = selectors.map(
    selector =>
      follow<Namespace>({
        resource: RESOURCES.namespaces,
        ...selector,
        project: namespaceOf,
        onChange: ({ name, after }) => {
          if (after === undefined) namespaces.delete(name);
          else namespaces.set(name, after);
          onNamespace();
        },
      }).synced,
  );

  const facts = watchFacts(follow, options, options.known);
  return {
    synced: Promise.all([...synced, ...facts, rereadVersion()]),
    watchSecret(namespace, name, onPair) {
      follow<KeyPair>({
        resource: RESOURCES.secrets,
        namespace,
        fieldSelector: `metadata.name=${name}`,
        project: pairOf,
        onChange: ({ after }) => {
          if (after !== undefined) onPair(after);
        },
      });
    },
    async stop() {
      await Promise.all(informers.map(informer => informer.stop()));
      await client.close();
    },
  };
}

/** One request at a time. Never rejects: what is not known is asked again when a watch has to be opened anew. */
function versionReader(client: KubeClient, { known, log }: ClusterOptions): () => Promise<void> {
  let running: Promise<void> | undefined;

  async function read(): Promise<void> {
    const version = await readVersion(client, log);
    if (version !== undefined) known.versionRead(version);
  }

  return () => {
    running ??= read().finally(() => (running = undefined));
    return running;
  };
}

async function connect(options: ClusterOptions): Promise<KubeClient | undefined> {
  const credentials = options.credentials ?? (await findCredentials(options));
  if (credentials === undefined) return undefined;
  // Loaded only now: without a cluster the HTTP client costs neither time nor memory.
  const { createClient } = await import('../kube/client.ts');
  return createClient(credentials, { userAgent: 'waymark-webhook' });
}

async function findCredentials({ kubeconfig, context }: ClusterOptions): Promise<Credentials | undefined> {
  try {
    return await loadCredentials({ kubeconfig, context });
  } catch (error) {
    if (!(error instanceof KubeError) || error.code !== 'credentials') throw error;
    const asked = kubeconfig !== undefined || context !== undefined || process.env['KUBECONFIG'] !== undefined;
    if (asked) throw new CannotStart(error.message, { cause: error });
    return undefined;
  }
}

function pairOf({ data }: KubeObject): KeyPair | undefined {
  const { 'tls.crt': cert, 'tls.key': key } = (data ?? {}) as Readonly<Record<string, string | undefined>>;
  if (cert === undefined || key === undefined) return undefined;
  return { cert: Buffer.from(cert, 'base64').toString(), key: Buffer.from(key, 'base64').toString() };
}
