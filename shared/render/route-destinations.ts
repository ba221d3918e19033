import type { Mapping } from '../intent.ts';
import { sameJson } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { RouteDestination, RouteDestinations } from '../plan/route-destinations.ts';
import type { Settings } from '../settings.ts';
import { renderHeaders, requestEdits, responseEdits, withHost } from './header-edits.ts';
import { serviceFqdn } from './names.ts';

export interface RenderedDestinations {
  /** Fields of a VirtualService's entry. */
  readonly entry: JsonObject;
  /** What all destinations see as host; absent = what the client wrote, or what `entry` says of each. */
  readonly authority?: string;
}

interface Edited {
  readonly request: JsonObject;
  readonly response: JsonObject;
  readonly host: string | undefined;
}

/** What all destinations agree on is said once, of the entry. */
export function renderDestinations(
  { destinations, mirrors }: RouteDestinations,
  settings: Pick<Settings, 'clusterDomain'>,
): RenderedDestinations {
  const edits = destinations.map(destination => editsOf(destination, settings));
  const [first] = edits;
  const sameHost = first !== undefined && edits.every(({ host }) => host === first.host);
  const sameHeaders = first !== undefined && edits.every(edit => hasSameHeaders(edit, first));
  const isShared = destinations.length > 1;
  const own = ({ request, response, host }: Edited) =>
    renderHeaders(withHost(sameHeaders ? {} : request, sameHost ? undefined : host), sameHeaders ? {} : response);
  return {
    entry: {
      route: destinations.map(({ to, percent }, index) => ({
        destination: renderDestination(to, settings),
        // One destination has no weight: Istio would read it as a share of itself.
        ...(isShared && { weight: percent }),
        ...own(edits[index] ?? NONE),
      })),
      ...(mirrors.length > 0 && {
        mirrors: mirrors.map(({ to, percent }) => ({
          destination: renderDestination(to, settings),
          percentage: { value: percent },
        })),
      }),
      ...(sameHeaders && renderHeaders(first.request, first.response)),
    },
    ...(sameHost && first.host !== undefined && { authority: first.host }),
  };
}

const NONE: Edited = { request: {}, response: {}, host: undefined };

function editsOf({ to, mapping }: RouteDestination, settings: Pick<Settings, 'clusterDomain'>): Edited {
  return {
    request: requestEdits(mapping),
    response: responseEdits(mapping),
    host: seenHost(mapping, to, settings),
  };
}

function hasSameHeaders(a: Edited, b: Edited): boolean {
  return sameJson(a.request, b.request) && sameJson(a.response, b.response);
}

function seenHost(
  mapping: Mapping | undefined,
  to: RouteDestination['to'],
  settings: Pick<Settings, 'clusterDomain'>,
): string | undefined {
  if (mapping?.action.does !== 'forward') return undefined;
  const { host } = mapping.action;
  return host === 'destination' ? hostOf(to, settings) : host?.name;
}

function renderDestination(to: RouteDestination['to'], settings: Pick<Settings, 'clusterDomain'>): JsonObject {
  return { host: hostOf(to, settings), port: { number: to.port } };
}

/** Without a domain Istio would look a Service's name with a dot up as it is, and find nothing. */
function hostOf(to: RouteDestination['to'], { clusterDomain }: Pick<Settings, 'clusterDomain'>): string {
  return to.kind === 'external' ? to.host : serviceFqdn(to.name, to.namespace, clusterDomain);
}
