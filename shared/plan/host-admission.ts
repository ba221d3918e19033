import type { AdmissionRequest } from '../admission.ts';
import { effectiveSettings } from '../effective-settings.ts';
import { fieldSite, finding } from '../findings/finding.ts';
import type { Finding, ObjectRef } from '../findings/finding.ts';
import type { Host } from '../host.ts';
import type { Intent } from '../intent.ts';
import type { Settings } from '../settings.ts';
import { siteIn } from './conflict-findings.ts';
import { builtInHostOf, hostsOf, mappingHosts, serviceHosts } from './hosts.ts';
import type { HostPlace } from './hosts.ts';

type World = Pick<AdmissionRequest, 'settings' | 'namespaces' | 'facts'>;

/**
 * What admission can tell of hosts that another namespace owns. A host that the Deployment had before, as `oldIntent`
 * says, is not the doing of this update: the loss of it is found where it takes effect, and nobody's edit of something
 * else may suffer from it.
 */
export function hostFindings(
  intent: Intent,
  world: World,
  oldIntent: () => Intent | undefined = () => undefined,
): readonly Finding[] {
  const owned = ownHostPlaces(intent, world.settings).flatMap(place => {
    const host = world.facts?.traffic.host(place.host);
    return host && !mayHave(intent.object.namespace, host, world) ? [{ place, host }] : [];
  });
  if (owned.length === 0) return [];
  const old = oldIntent();
  const had = new Set(old && hostsOf(old, world.settings));
  return owned.flatMap(({ place, host }) => (had.has(place.host) ? [] : [hostOwnedElsewhere(intent, place, host)]));
}

/** Whether Deployments of the namespace may name the host: it is theirs, or is being handed over to them. */
export function mayHave(
  namespace: string,
  { metadata, spec }: Host,
  { settings, namespaces }: Pick<World, 'settings' | 'namespaces'>,
): boolean {
  if (spec.namespace === namespace) return true;
  return effectiveSettings(settings, namespaces.get(spec.namespace)).handOver.get(metadata.name) === namespace;
}

/** `host` is what says that somebody else owns the place. */
export function hostOwnedElsewhere(intent: Intent, place: HostPlace, { metadata: { name }, spec }: Host): Finding {
  const ref: ObjectRef = { kind: 'Host', namespace: '', name };
  return finding('HostTaken', {
    ...siteIn(intent, place.at),
    path: place.path,
    must: 'must be a host that no other namespace has',
    found: `but '${name}' belongs to namespace '${spec.namespace}'`,
    fix: `write another host, or ask '${spec.namespace}' to write \`waymark.dev/hand-over: ${name}=${intent.object.namespace}\` on its Namespace`,
    related: [{ object: ref, site: fieldSite('spec', 'namespace'), message: 'held here' }],
  });
}

/** Where each host that needs an owner is first asked for; in document order. */
function ownHostPlaces(intent: Intent, settings: Settings): readonly HostPlace[] {
  const free = [builtInHostOf(intent, settings), settings.ingressHost];
  const places = [
    ...serviceHosts(intent, settings),
    ...intent.mappings.flatMap(mapping => mappingHosts(mapping, intent, settings).filter(({ named }) => named)),
  ];
  const first = new Map<string, HostPlace>();
  for (const place of places.toSorted((a, b) => a.at.start - b.at.start)) {
    if (!free.includes(place.host) && !first.has(place.host)) first.set(place.host, place);
  }
  return [...first.values()];
}
