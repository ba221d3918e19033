import { fieldSite, finding, siteInAnnotation } from '../findings/finding.ts';
import type { Finding, ObjectRef, Related, Site } from '../findings/finding.ts';
import type { Intent, ServiceDestination } from '../intent.ts';
import type { Range } from '../source.ts';
import type { HostPlace } from './hosts.ts';
import { matchOf } from './route.ts';
import type { Route } from './route.ts';
import type { UpstreamAsk } from './upstream-asks.ts';

/** Who has what another one wants. Of what is known only from the cluster there is no place in a text. */
export interface Holder {
  readonly ref: ObjectRef;
  readonly at?: { readonly intent: Intent; readonly range: Range };
}

export function hostTaken(intent: Intent, place: HostPlace, holder: Holder): Finding {
  return heldHost(intent, place, holder, {
    must: 'must be a host that no other Deployment has',
    fix: `write another host, or take '${place.host}' out of ${describe(holder.ref)}`,
  });
}

/** Another line has the whole host: nobody would know which of the two a request is for. */
export function lineConflict(intent: Intent, place: HostPlace, holder: Holder): Finding {
  return finding('LineConflict', {
    ...siteIn(intent, place.at),
    path: place.path,
    must: 'must be a host that no service of another type, model or environment has, or be shared by paths or by `split`',
    found: `but '${place.host}' is led by ${describe(holder.ref)}`,
    fix: `write another host, a Mapping with a path of its own, or a \`split\` that names '${holder.ref.name}'`,
    related: [related(holder, 'held here')],
  });
}

/** Nobody wrote such a host: it comes of the platform's template and of names. */
export function builtInHostTaken(intent: Intent, place: HostPlace, holder: Holder): Finding {
  return heldHost(intent, place, holder, {
    must: 'must have a host that no other Deployment has',
    fix: "rename one of the two, or ask the platform for a `hostTemplate` with '{namespace}' as a label of its own",
  });
}

function heldHost(intent: Intent, place: HostPlace, holder: Holder, words: Pick<Finding, 'must' | 'fix'>): Finding {
  return finding('HostTaken', {
    ...siteIn(intent, place.at),
    path: place.path,
    found: `but '${place.host}' is held by ${describe(holder.ref)}`,
    related: [related(holder, 'held here')],
    ...words,
  });
}

export function pathTaken(route: Route, holder: Holder, prefix: string): Finding {
  return finding('PathTaken', {
    ...siteIn(route.intent, route.mapping?.prefixAt ?? route.place.at),
    path: 'prefix',
    must: `must be a path of '${route.place.host}' that no other namespace has, also none above or below one`,
    found: `but '${matchOf(route).path.value}' meets '${prefix}' of ${describe(holder.ref)}`,
    fix: `write another path, for example \`prefix: /${route.intent.object.namespace}${matchOf(route).path.value}\``,
    related: [related(holder, 'taken here')],
  });
}

export function modelPathTaken({ intent, place, modelPath = '' }: Route, holder: Holder, prefix: string): Finding {
  return finding('ModelPathTaken', {
    ...siteIn(intent, place.at),
    path: place.path,
    must: `must be a name that no other model has on '${place.host}' for there to be a path of it`,
    found: `but '${modelPath}' ${modelPath === prefix ? 'goes to' : `meets '${prefix}' of`} ${describe(holder.ref)}`,
    fix: 'write another `model`, or a Mapping with another `prefix`; nothing else depends on it',
    related: [related(holder, 'taken here')],
  });
}

export function routeConflict(route: Route, holder: Holder): Finding {
  const { mapping, place, intent } = route;
  const other = holder.at?.intent === intent ? 'an earlier document' : describe(holder.ref);
  return finding('RouteConflict', {
    ...siteIn(intent, mapping?.at ?? place.at),
    path: mapping ? '' : place.path,
    must: `must match other requests of '${place.host}' than every other route`,
    found: `but '${matchOf(route).path.value}' is matched alike by ${other}`,
    fix: 'write another `prefix`, `method` or `headers`, or take one of the two away',
    related: [related(holder, 'matched here')],
  });
}

/** Of a Service that is there. `ports`: at least one. */
export function portUnknown(intent: Intent, destination: ServiceDestination, ports: readonly number[]): Finding {
  const { at, namespace, name, port } = destination;
  const own = namespace === intent.object.namespace;
  return finding('PortUnknown', {
    ...siteIn(intent, at),
    path: 'service',
    must: `must have a port of Service ${namespace}/${name}: ${ports.join(', ')}`,
    found: `but has ${port}`,
    fix: `write '${own ? name : `${name}.${namespace}`}:${ports[0] ?? port}'`,
  });
}

/** Connections are made to a port of a host, not for one of those who send there. */
export function connectionsConflict(intent: Intent, ask: UpstreamAsk, holder: Holder): Finding {
  const { mapping, host, port, policy } = ask;
  return finding('ConnectionsConflict', {
    ...siteIn(intent, policy?.at ?? mapping.at),
    must: `must ask for the same connections to '${host}:${port}' as everybody who sends there`,
    found: `but ${holder.at?.intent === intent ? 'an earlier document' : describe(holder.ref)} has them made in another way`,
    fix: 'write the same in both, or leave the fields out of both',
    related: [related(holder, 'asked for here')],
  });
}

export function siteIn(intent: Intent, range: Range): { readonly object: ObjectRef; readonly site: Site } {
  return { object: intent.object, site: siteInAnnotation(intent.key, intent.text, range) };
}

export function related({ ref, at }: Holder, message: string): Related {
  const site = at ? siteInAnnotation(at.intent.key, at.intent.text, at.range) : fieldSite('metadata', 'name');
  return { object: ref, site, message };
}

export function describe({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace}/${name}`;
}
