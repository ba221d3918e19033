import { NO_FACTS } from '../cluster-facts.ts';
import { whoHasAddress } from '../cluster-addresses.ts';
import { isPortRange, MAX_EXTERNAL_ID, MAX_EXTERNAL_PORTS } from '../values/external-ports.ts';
import type { Finding, ObjectRef } from '../findings/finding.ts';
import type { External, Intent } from '../intent.ts';
import { read } from '../read.ts';
import { externalServiceName } from '../render/names.ts';
import type { GroupKey, Snapshot } from '../snapshot.ts';
import type { Holder } from './conflict-findings.ts';
import { externalAddressOfCluster, externalIdsExhausted, externalIdTaken } from './external-findings.ts';
import { notOwned } from './existing.ts';
import { deploymentGroup } from './hosts.ts';
import type { Member } from './member.ts';

/** Access by address and port as a Deployment has it. */
export interface ExternalGrant {
  readonly id: number;
  /** Empty with a strategy that needs none. */
  readonly addresses: readonly string[];
}

/** Who gets which number. Asked about one Deployment after the other, the oldest first. */
export interface ExternalAccess {
  /** Why it does not get what it asks for, or not all of it. */
  ask(member: Member): readonly Finding[];
  /** It has what it has just asked for. */
  grant(member: Member): void;
  readonly granted: ReadonlyMap<GroupKey, ExternalGrant>;
}

/**
 * A number that is written is had by who holds it already, else by the oldest that writes it. All others keep what they
 * hold, else get back what they had last, else the lowest one that nobody holds or writes. Those are given only to the
 * Deployment in focus, since nobody else is built.
 */
export function planExternal(members: readonly Member[], snapshot: Snapshot): ExternalAccess {
  const { settings, focus, facts = NO_FACTS } = snapshot;
  const { external } = settings;
  const { externalIds } = facts;
  const { held, wanted } = externalIds;
  const written = writtenIds(snapshot);
  /** A Deployment may have the name of another one's second Service: its own first Service comes first. */
  const firstServices = new Set(
    members.filter(({ intent }) => intent?.ports.length !== 0).map(({ ref }) => keyOf(ref)),
  );
  const taken = new Map<number, Holder>();
  const granted = new Map<GroupKey, ExternalGrant>();
  let wish: { readonly member: Member; readonly grant: ExternalGrant } | undefined;
  let lowest = 1;

  const isFree = (id: number) => !held.has(id) && !taken.has(id) && !written.has(id) && !wanted.has(id);

  function otherHolder(id: number, ref: ObjectRef): Holder | undefined {
    const holder = held.get(id);
    if (holder === undefined || holder === keyOf(ref)) return taken.get(id);
    const known = members.find(member => keyOf(member.ref) === holder);
    return { ref: refOf(holder), ...placed(known?.intent, id) };
  }

  function ownId({ ref }: Member, ports: number): number | undefined {
    const key = keyOf(ref);
    const own = externalIds.idsOf(key).find(id => isPortRange(external, id, ports) && !taken.has(id));
    if (own !== undefined) return own;
    const last = externalIds.remembered(key);
    return last !== undefined && isFree(last) && isPortRange(external, last, ports) ? last : undefined;
  }

  /** One that all ten ports can be had of, so that nobody moves who adds a port. */
  function freeId(): number | undefined {
    while (lowest <= MAX_EXTERNAL_ID && !(isFree(lowest) && isPortRange(external, lowest, MAX_EXTERNAL_PORTS)))
      lowest++;
    return lowest <= MAX_EXTERNAL_ID ? lowest : undefined;
  }

  function askFor(member: Member, intent: Intent, { at, id: written, strategy, ...access }: External) {
    const service = { namespace: member.ref.namespace, name: externalServiceName(member.ref.name) };
    if (firstServices.has(keyOf(service)))
      return [notOwned(member.ref, { apiVersion: 'v1', kind: 'Service', metadata: service })];
    const { addresses, faults } = usableAddresses(intent, access.addresses, snapshot);
    if (strategy === 'externalIPs' && addresses.length === 0) return faults;
    if (written === undefined && focus !== undefined && focus !== deploymentGroup(member.ref)) return faults;
    const holder = written && otherHolder(written.value, member.ref);
    if (written && holder) return [...faults, externalIdTaken(intent, written, holder)];
    const id = written?.value ?? ownId(member, intent.ports.length) ?? freeId();
    if (id === undefined) return [...faults, externalIdsExhausted(intent, at)];
    wish = { member, grant: { id, addresses } };
    return faults;
  }

  return {
    granted,
    ask(member) {
      const { intent } = member;
      wish = undefined;
      return intent?.service?.external ? askFor(member, intent, intent.service.external) : [];
    },
    grant(member) {
      if (wish?.member !== member) return;
      const { id } = wish.grant;
      granted.set(deploymentGroup(member.ref), wish.grant);
      taken.set(id, { ref: member.ref, ...placed(member.intent, id) });
    },
  };
}

/** By anybody in sight, also by who does not get it: nobody else has one of them without asking for it. */
function writtenIds(snapshot: Snapshot): ReadonlySet<number> {
  const ids = snapshot.deployments.map(one => read(one, snapshot).intent?.service?.external?.id?.value);
  return new Set(ids.filter(id => id !== undefined));
}

/** Those of the cluster itself are left out. */
export function usableAddresses(
  intent: Intent,
  addresses: External['addresses'],
  { facts = NO_FACTS }: Pick<Snapshot, 'facts'>,
): { readonly addresses: readonly string[]; readonly faults: readonly Finding[] } {
  const usable: string[] = [];
  const faults: Finding[] = [];
  for (const address of addresses) {
    const owner = whoHasAddress(facts.addresses, address.value);
    if (owner === undefined) usable.push(address.value);
    else faults.push(externalAddressOfCluster(intent, address, owner));
  }
  return { addresses: usable, faults };
}

/** Where a Deployment writes the number that it has. */
function placed(intent: Intent | undefined, id: number): Pick<Holder, 'at'> {
  const written = intent?.service?.external?.id;
  return intent && written?.value === id ? { at: { intent, range: written.at } } : {};
}

/** How the ledger calls a Deployment. */
export function keyOf({ namespace, name }: Pick<ObjectRef, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

export function refOf(holder: string): ObjectRef {
  const [namespace = '', name = ''] = holder.split('/');
  return { kind: 'Deployment', namespace, name };
}

/** Of the group of a Deployment. */
export function holderOf(group: GroupKey): string {
  return group.slice('Deployment/'.length);
}
