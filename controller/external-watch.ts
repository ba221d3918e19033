import type { Change } from '../kube/types.ts';
import { NO_FACTS } from '../shared/cluster-facts.ts';
import type { ClusterFacts } from '../shared/cluster-facts.ts';
import { whoHasAddress } from '../shared/cluster-addresses.ts';
import type { Intent } from '../shared/intent.ts';
import type { ExternalSettings } from '../shared/settings.ts';
import type { ExistingObject } from '../shared/snapshot.ts';
import { watchAddresses } from './address-book.ts';
import type { Watch } from './address-book.ts';
import { deploymentOfExternal, isExternalName } from './external-services.ts';
import type { ExternalIdKeeper } from './external-ids.ts';
import type { ExternalWants } from './external-wants.ts';

/** What the world holds for access by address and port. */
export interface ExternalWorld {
  readonly ids: Pick<ExternalIdKeeper, 'facts' | 'serviceChanged'>;
  readonly wants: ExternalWants;
}

export interface ExternalWatch {
  facts(): Pick<ClusterFacts, 'addresses' | 'externalIds'>;
  /** Its text, or its meaning, is another one; wakes those that want the same number, or the same name. */
  deploymentChanged(deployment: string, intent: Intent | undefined): void;
  serviceChanged(change: Change<ExistingObject>): void;
}

/** `wake`: something has changed for the Deployment `<namespace>/<name>`. */
export function watchExternal(
  watch: Watch,
  { strategy }: ExternalSettings,
  { ids, wants }: ExternalWorld,
  wake: (deployment: string) => void,
): ExternalWatch {
  let owners: ReadonlyMap<string, string | undefined> = new Map();
  // Nobody else's addresses are written into Services.
  const book = strategy === 'externalIPs' ? watchAddresses(watch, addressesChanged) : NO_FACTS;

  function addressesChanged(): void {
    const now = new Map([...wants.addresses()].map(one => [one, whoHasAddress(book.addresses, one)]));
    for (const [address, owner] of now) {
      if (owner !== owners.get(address)) for (const user of wants.usersOf(address)) wake(user);
    }
    owners = now;
  }

  return {
    facts: () => ({ addresses: book.addresses, externalIds: ids.facts }),
    deploymentChanged(deployment, intent) {
      for (const rival of wants.ask(deployment, intent)) wake(rival);
      // Its first Service may have the name of that one's second.
      if (isExternalName(deployment)) wake(deploymentOfExternal(deployment));
    },
    serviceChanged: change => ids.serviceChanged(change),
  };
}
