import type { ObjectRef } from '../findings/finding.ts';
import { isJsonObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { isLabelledOurs } from '../render/labels.ts';
import type { Owner } from '../render/labels.ts';
import { hostVirtualServiceName, readServiceFqdn, serviceFqdn, upstreamName } from '../render/names.ts';
import { readMatch } from '../render/route-match.ts';
import { readEntryName } from '../render/route-name.ts';
import type { NamedRoute } from '../render/route-name.ts';
import { EVERY_REQUEST } from '../request-match.ts';
import type { RequestMatch } from '../request-match.ts';
import type { ExistingObject, GroupKey, OwnerReference } from '../snapshot.ts';
import { deploymentGroup, hostGroup, upstreamGroup } from './hosts.ts';
import { keyOf, LAST } from './route.ts';
import type { SortKey } from './route.ts';

/** Whose an object is; also of objects that nobody but their own programs read. */
export function controllerOf({
  metadata,
}: {
  readonly metadata: Pick<ExistingObject['metadata'], 'ownerReferences'>;
}): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/**
 * Whether we may write and delete a live object: it has our label, and belongs to `owner` (by uid; offline, where there
 * is none, by name). `owner` absent: it belongs to nobody, as the VirtualService of a host does.
 */
export function isOurs(existing: ExistingObject, owner: Owner | undefined): boolean {
  if (!isLabelledOurs(existing.metadata.labels)) return false;
  const reference = controllerOf(existing);
  if (!owner) return reference === undefined;
  if (owner.uid !== undefined) return reference?.uid === owner.uid;
  return reference === undefined || (reference.kind === 'Deployment' && reference.name === owner.name);
}

/** The group that a live object was built for; `undefined` for objects that are not ours. */
export function groupOf(existing: ExistingObject): GroupKey | undefined {
  if (!isLabelledOurs(existing.metadata.labels)) return undefined;
  const { name, namespace } = existing.metadata;
  const owner = controllerOf(existing);
  if (owner) return owner.kind === 'Deployment' ? deploymentGroup({ namespace, name: owner.name }) : undefined;
  if (existing.kind === 'ServiceEntry' || existing.kind === 'DestinationRule') {
    const host = existing.kind === 'ServiceEntry' ? hostOf(existing) : textIn(existing.spec, 'host');
    return host !== undefined && upstreamName(host) === name ? upstreamGroup(host) : undefined;
  }
  const host = existing.kind === 'VirtualService' ? hostOf(existing) : undefined;
  return host !== undefined && hostVirtualServiceName(host) === name ? hostGroup(host) : undefined;
}

function hostOf({ spec }: ExistingObject): string | undefined {
  const hosts = isJsonObject(spec) ? spec['hosts'] : undefined;
  return Array.isArray(hosts) && typeof hosts[0] === 'string' ? hosts[0] : undefined;
}

/** The host of the VirtualService that a Deployment owns. */
export function liveBuiltInHost(
  existing: readonly ExistingObject[],
  { ref }: { readonly ref: ObjectRef },
): string | undefined {
  const group = deploymentGroup(ref);
  const own = existing.find(object => object.kind === 'VirtualService' && groupOf(object) === group);
  return own && hostOf(own);
}

/** The whole name of the host that a DestinationRule is about, whoever made it: Istio adds to a name without a dot. */
export function ruledHost({ kind, metadata, spec }: ExistingObject, clusterDomain: string): string | undefined {
  const host = kind === 'DestinationRule' ? textIn(spec, 'host') : undefined;
  return host === undefined || host.includes('.') ? host : serviceFqdn(host, metadata.namespace, clusterDomain);
}

/** One entry of a live VirtualService, as it is, with what can be told of it. */
export interface LiveEntry {
  /** At least one: several Mappings may be behind one entry. */
  readonly members: readonly NamedRoute[];
  readonly entry: JsonObject;
  readonly match: RequestMatch;
  readonly key: SortKey;
}

/** The entries that are named after Deployments, in order. Others cannot be ours. */
export function liveEntries({ spec }: ExistingObject): readonly LiveEntry[] {
  return objectsIn(spec, 'http').flatMap(liveEntry);
}

function liveEntry(entry: JsonObject): readonly LiveEntry[] {
  const members = typeof entry['name'] === 'string' ? readEntryName(entry['name']) : [];
  if (members.length === 0) return [];
  const condition = Array.isArray(entry['match']) ? (entry['match'] as unknown[])[0] : undefined;
  if (!isJsonObject(condition)) return [{ members, entry, match: EVERY_REQUEST, key: LAST }];
  const match = readMatch(condition);
  return [{ members, entry, match, key: keyOf(0, match) }];
}

export function isBehind({ members }: Pick<LiveEntry, 'members'>, { namespace, name }: ObjectRef): boolean {
  return members.some(member => member.namespace === namespace && member.deployment === name);
}

/** The Deployments that have routes in a live VirtualService of ours: its group must be compiled with them. */
export function deploymentsOf(existing: ExistingObject): readonly ObjectRef[] {
  const members = liveEntries(existing).flatMap(entry => entry.members);
  const names = new Set(members.map(({ namespace, deployment }) => `${namespace}/${deployment}`));
  return [...names].sort().map(text => {
    const [namespace = '', name = ''] = text.split('/');
    return { kind: 'Deployment', namespace, name };
  });
}

/** The Services of this cluster that the routes of a VirtualService send or copy requests to, each once. */
export function servicesOf({ spec }: { readonly spec?: unknown }, clusterDomain: string): readonly ServiceAddress[] {
  const found = new Map<string, ServiceAddress>();
  for (const { host } of objectsIn(spec, 'http').flatMap(destinationHosts)) {
    const service = readServiceFqdn(host, clusterDomain);
    if (service) found.set(`${service.namespace}/${service.name}`, service);
  }
  return [...found.values()];
}

/** Where one entry of a VirtualService sends requests and copies of them, as it is written. */
export function destinationHosts(
  entry: JsonObject,
): readonly { readonly host: string; readonly port: number | undefined }[] {
  return destinationsOf(entry).flatMap(destination => {
    const host = textIn(destination, 'host');
    const port =
      isJsonObject(destination) && isJsonObject(destination['port']) ? destination['port']['number'] : undefined;
    return host === undefined ? [] : [{ host, port: typeof port === 'number' ? port : undefined }];
  });
}

/** `mirror` is what Istio had before it could copy to several. */
function destinationsOf(entry: JsonObject): readonly unknown[] {
  const [routes, mirrors] = [objectsIn(entry, 'route'), objectsIn(entry, 'mirrors')];
  return [...routes.map(({ destination }) => destination), entry['mirror'], ...mirrors.map(one => one['destination'])];
}

export function objectsIn(value: unknown, key: string): readonly JsonObject[] {
  const list = isJsonObject(value) ? value[key] : undefined;
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

export interface ServiceAddress {
  readonly namespace: string;
  readonly name: string;
}

function textIn(value: unknown, key: string): string | undefined {
  const text = isJsonObject(value) ? value[key] : undefined;
  return typeof text === 'string' ? text : undefined;
}
