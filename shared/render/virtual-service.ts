import type { Forward, Redirect } from '../intent.ts';
import type { JsonObject } from '../json.ts';
import type { Route } from '../plan/route.ts';
import { destinationsOf } from '../plan/route-destinations.ts';
import type { RouteDestination, RouteDestinations } from '../plan/route-destinations.ts';
import type { Settings } from '../settings.ts';
import type { KubernetesObject } from '../snapshot.ts';
import { renderMatch } from './route-match.ts';
import type { PathMatch } from '../request-match.ts';
import { CATCH_ALL, MODEL_PATH, routeName, serviceFqdn } from './names.ts';

export interface VirtualServiceParts {
  readonly metadata: KubernetesObject['metadata'];
  readonly host: string;
  /** Rendered entries, in the order in which Envoy must ask them. */
  readonly http: readonly JsonObject[];
}

/** One host on the platform's gateway. */
export function renderVirtualService(
  { metadata, host, http }: VirtualServiceParts,
  { gateway, istio }: Pick<Settings, 'gateway' | 'istio'>,
): KubernetesObject {
  return {
    apiVersion: virtualServiceApiVersion(istio.version),
    kind: 'VirtualService',
    metadata,
    spec: { hosts: [host], gateways: [gateway], http },
  };
}

/** `networking.istio.io/v1` is served since Istio 1.22; v1beta1 has the same schema. */
export function virtualServiceApiVersion(istioVersion: string): string {
  const [major = 0, minor = 0] = istioVersion.split('.').map(Number);
  return major > 1 || (major === 1 && minor >= 22) ? 'networking.istio.io/v1' : 'networking.istio.io/v1beta1';
}

export function renderRoute(route: Route, settings: Pick<Settings, 'clusterDomain'>): JsonObject {
  const { intent, mapping, modelPath } = route;
  const { namespace, name } = intent.object;
  const sent = renderDestinations(destinationsOf(route), settings);
  if (!mapping) {
    return {
      name: routeName(namespace, name, modelPath === undefined ? CATCH_ALL : MODEL_PATH),
      ...(modelPath !== undefined && { match: [{ uri: { prefix: modelPath } }], rewrite: { uri: '/' } }),
      ...sent,
      ...renderTimeout(intent.service?.timeout ?? 0),
    };
  }
  const entry = { name: routeName(namespace, name, mapping.name), match: [renderMatch(mapping.match)] };
  const { action } = mapping;
  if (action.does === 'redirect') return { ...entry, redirect: renderRedirect(action) };
  return {
    ...entry,
    ...renderRewrite(action, mapping.match.path),
    ...sent,
    ...renderTimeout(action.timeout),
    // Ambassador does not retry; Istio would, twice.
    retries: { attempts: 0 },
  };
}

function renderRedirect({ host, code }: Redirect): JsonObject {
  return { authority: host, redirectCode: code };
}

/** Istio cannot write an empty rewrite, and one to the same text is none. */
function renderRewrite({ rewrite }: Forward, path: PathMatch): JsonObject {
  if (rewrite.kind !== 'prefix' || rewrite.value === path.value) return {};
  return { rewrite: { uri: rewrite.value } };
}

/** One destination has no weight: Istio would read it as a share of itself. */
function renderDestinations(
  sent: RouteDestinations | undefined,
  settings: Pick<Settings, 'clusterDomain'>,
): JsonObject {
  if (!sent) return {};
  const { destinations, mirrors } = sent;
  const isShared = destinations.length > 1;
  return {
    route: destinations.map(({ to, percent }) => ({
      destination: renderDestination(to, settings),
      ...(isShared && { weight: percent }),
    })),
    ...(mirrors.length > 0 && {
      mirrors: mirrors.map(({ to, percent }) => ({
        destination: renderDestination(to, settings),
        percentage: { value: percent },
      })),
    }),
  };
}

function renderDestination(to: RouteDestination['to'], { clusterDomain }: Pick<Settings, 'clusterDomain'>): JsonObject {
  // Without a domain Istio would look a name with a dot up as it is, and find nothing.
  const host = to.kind === 'external' ? to.host : serviceFqdn(to.name, to.namespace, clusterDomain);
  return { host, port: { number: to.port } };
}

function renderTimeout(milliseconds: number): JsonObject {
  return milliseconds === 0 ? {} : { timeout: durationText(milliseconds) };
}

/** Seconds with a fraction: the form that every reader of protobuf's JSON takes. */
function durationText(milliseconds: number): string {
  return `${milliseconds / 1000}s`;
}
