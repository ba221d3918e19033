import { addressesOfEndpoints, addressesOfNode, blocksOfServices } from '../kube/cluster-objects.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { Informer, InformerOptions, Resource } from '../kube/types.ts';
import { clusterAddresses } from '../shared/cluster-addresses.ts';
import type { NodeAddresses } from '../shared/cluster-addresses.ts';
import type { ClusterAddresses } from '../shared/cluster-facts.ts';

export type Watch = <T>(
  resource: Resource,
  given: Pick<InformerOptions<T>, 'project' | 'onChange'> & Partial<InformerOptions<T>>,
) => Informer<T>;

/** Which addresses are the cluster's own, kept up by watches. */
export interface AddressBook {
  readonly addresses: ClusterAddresses;
}

/** Where the API server says how it is reached. */
const API_SERVER = { namespace: 'default', name: 'kubernetes' };

/** `onChange`: an address may belong to somebody else from now on. Called once for each change, also before `synced`. */
export function watchAddresses(watch: Watch, onChange: () => void): AddressBook {
  let known: ClusterAddresses | undefined;
  const changed = (): void => {
    known = undefined;
    onChange();
  };
  const nodes = watch<NodeAddresses>(RESOURCES.nodes, { project: addressesOfNode, onChange: changed });
  const blocks = watch<readonly string[]>(RESOURCES.serviceCidrs, {
    optional: true,
    project: blocksOfServices,
    onChange: changed,
  });
  const apiServer = watch<readonly string[]>(RESOURCES.endpointSlices, {
    namespace: API_SERVER.namespace,
    fieldSelector: `metadata.name=${API_SERVER.name}`,
    project: addressesOfEndpoints,
    onChange: changed,
  });
  return {
    /** Laid out when first asked for: a cluster's Nodes come one by one. */
    get addresses() {
      known ??= clusterAddresses({
        nodes: nodes.values(),
        serviceCIDRs: [...blocks.values()].flat(),
        apiServer: [...apiServer.values()].flat(),
      });
      return known;
    },
  };
}
