import { addressesOfNode, blocksOfServices } from '../kube/cluster-objects.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { Change, Informer, InformerOptions, KubeObject } from '../kube/types.ts';
import { clusterAddresses } from '../shared/cluster-addresses.ts';
import type { NodeAddresses } from '../shared/cluster-addresses.ts';
import { NO_FACTS } from '../shared/cluster-facts.ts';
import type { ClusterAddresses, ClusterFacts, ExternalIds, KubernetesVersion } from '../shared/cluster-facts.ts';
import type { Host } from '../shared/host.ts';
import { EXTERNAL_LEDGER, externalIdsOf, parseLedger } from '../shared/external-ledger.ts';
import { controllerOf } from '../shared/plan/live.ts';
import { FIELD_MANAGER, MANAGED_BY } from '../shared/render/labels.ts';
import { horizontalPodAutoscalerName } from '../shared/render/names.ts';
import type { Settings } from '../shared/settings.ts';

/** The facts that admission may ask for, looked up by key, and kept up by whoever watches. */
export interface KnownFacts {
  /** Always as things are now. */
  readonly facts: ClusterFacts;
  /** Of one of ours: the uid of the Deployment that it belongs to. */
  readonly autoscalerChanged: (change: Change<string>) => void;
  readonly nodeChanged: (change: Change<NodeAddresses>) => void;
  readonly serviceBlocksChanged: (change: Change<readonly string[]>) => void;
  /** Of one: what says who owns it. */
  readonly hostChanged: (change: Change<Host>) => void;
  readonly ledgerChanged: (change: Change<ExternalIds>) => void;
  readonly versionRead: (version: KubernetesVersion) => void;
}

/** `onChange`: an answer may be another one from now on. */
export function createFacts(onChange: () => void): KnownFacts {
  const autoscaled = new Map<string, string>();
  const nodes = new Map<string, NodeAddresses>();
  const serviceBlocks = new Map<string, readonly string[]>();
  const hosts = new Map<string, Host>();
  let addresses: ClusterAddresses | undefined;
  let { externalIds } = NO_FACTS;
  let version: KubernetesVersion | undefined;

  function put<T>(map: Map<string, T>, key: string, value: T | undefined): void {
    if (value === undefined) map.delete(key);
    else map.set(key, value);
    onChange();
  }

  return {
    facts: {
      get version() {
        return version;
      },
      /** Laid out when first asked for: a cluster's Nodes come one by one. */
      get addresses() {
        addresses ??= clusterAddresses({
          nodes: nodes.values(),
          serviceCIDRs: [...serviceBlocks.values()].flat(),
          apiServer: [],
        });
        return addresses;
      },
      get externalIds() {
        return externalIds;
      },
      isAutoscaled: (namespace, name, uid) =>
        autoscaled.get(`${namespace}/${horizontalPodAutoscalerName(name)}`) === uid,
      // Others' autoscalers are the controller's to find: they may come at any time.
      scalersOf: () => [],
      traffic: { ...NO_FACTS.traffic, host: name => hosts.get(name) },
    },
    autoscalerChanged: ({ namespace, name, after }) => put(autoscaled, `${namespace}/${name}`, after),
    nodeChanged({ name, after }) {
      addresses = undefined;
      put(nodes, name, after);
    },
    serviceBlocksChanged({ name, after }) {
      addresses = undefined;
      put(serviceBlocks, name, after);
    },
    hostChanged: ({ name, after }) => put(hosts, name, after),
    ledgerChanged({ after }) {
      externalIds = after ?? NO_FACTS.externalIds;
      onChange();
    },
    versionRead(read) {
      if (read.major === version?.major && read.minor === version.minor) return;
      version = read;
      onChange();
    },
  };
}

export type Follow = <T>(given: Omit<InformerOptions<T>, 'client' | 'log' | 'onRestart'>) => Informer<T>;

/**
 * Watches what the facts are made of, and nothing that the settings have no use for. `watched`: the namespaces to look
 * into; empty = all. Answers with what resolves when the first complete lists are there.
 */
export function watchFacts(
  follow: Follow,
  { settings, watched }: { readonly settings: Settings; readonly watched: readonly string[] },
  known: KnownFacts,
): readonly Promise<unknown>[] {
  const { systemNamespace, external } = settings;
  const scopes = watched.length === 0 ? [undefined] : watched;
  const informers: Pick<Informer<unknown>, 'synced'>[] = scopes.map(namespace =>
    follow<string>({
      resource: RESOURCES.horizontalPodAutoscalers,
      namespace,
      labelSelector: `${MANAGED_BY}=${FIELD_MANAGER}`,
      project: ownerUidOf,
      onChange: known.autoscalerChanged,
    }),
  );
  informers.push(
    follow<Host>({ resource: RESOURCES.hosts, optional: true, project: ownershipOf, onChange: known.hostChanged }),
  );
  if (external.strategy !== 'none') {
    informers.push(
      follow<ExternalIds>({
        resource: RESOURCES.configMaps,
        namespace: systemNamespace,
        fieldSelector: `metadata.name=${EXTERNAL_LEDGER}`,
        project: ({ data }) => externalIdsOf(parseLedger(data as Readonly<Record<string, unknown>> | undefined)),
        onChange: known.ledgerChanged,
      }),
    );
  }
  if (external.strategy === 'externalIPs') {
    informers.push(
      follow<NodeAddresses>({ resource: RESOURCES.nodes, project: addressesOfNode, onChange: known.nodeChanged }),
      follow<readonly string[]>({
        resource: RESOURCES.serviceCidrs,
        optional: true,
        project: blocksOfServices,
        onChange: known.serviceBlocksChanged,
      }),
    );
  }
  return informers.map(({ synced }) => synced);
}

/** Not its status: that changes with every Pod, and no answer with it. */
function ownershipOf({ metadata: { name }, spec }: KubeObject): Host | undefined {
  const { namespace } = (spec ?? {}) as Partial<Host['spec']>;
  return namespace === undefined ? undefined : { metadata: { name }, spec: { namespace } };
}

function ownerUidOf(object: KubeObject): string | undefined {
  const owner = controllerOf(object);
  return owner?.kind === 'Deployment' ? owner.uid : undefined;
}
