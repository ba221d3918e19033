import type { Mapping } from '../intent.ts';
import type { JsonObject } from '../json.ts';
import type { Route } from '../plan/route.ts';
import { plainTraffic } from '../plan/traffic.ts';
import type { Traffic } from '../plan/traffic.ts';
import type { Settings } from '../settings.ts';
import type { KubernetesObject } from '../snapshot.ts';
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

export function renderRoute(
  { intent, mapping, modelPath, traffic }: Route,
  settings: Pick<Settings, 'clusterDomain'>,
): JsonObject {
  const { namespace, name } = intent.object;
  if (!mapping) {
    return {
      name: routeName(namespace, name, modelPath === undefined ? CATCH_ALL : MODEL_PATH),
      ...(modelPath !== undefined && { match: [{ uri: { prefix: modelPath } }], rewrite: { uri: '/' } }),
      ...renderTraffic(traffic ?? plainTraffic(intent), settings),
      ...renderTimeout(intent.service?.timeout ?? 0),
    };
  }
  return {
    name: routeName(namespace, name, mapping.name),
    match: [renderMatch(mapping)],
    ...renderRewrite(mapping),
    ...(mapping.destination.to === 'service'
      ? { route: [{ destination: renderDestination(mapping.destination, settings) }] }
      : renderTraffic(traffic ?? plainTraffic(intent), settings)),
    ...renderTimeout(mapping.timeout),
    // Ambassador does not retry; Istio would, twice.
    retries: { attempts: 0 },
  };
}

function renderMatch({ prefix, method, headers }: Mapping): JsonObject {
  return {
    uri: { prefix: prefix.value },
    ...(method !== undefined && { method: { exact: method } }),
    ...(headers.length > 0 && {
      headers: Object.fromEntries(headers.map(({ name, value }) => [name, { exact: value }])),
    }),
  };
}

/** Istio cannot write an empty rewrite, and one to the same text is none. */
function renderRewrite({ rewrite, prefix }: Mapping): JsonObject {
  return rewrite === '' || rewrite === prefix.value ? {} : { rewrite: { uri: rewrite } };
}

/** One destination has no weight: Istio would read it as a share of itself. */
function renderTraffic({ destinations, mirrors }: Traffic, settings: Pick<Settings, 'clusterDomain'>): JsonObject {
  const isShared = destinations.length > 1;
  return {
    route: destinations.map(({ percent, ...service }) => ({
      destination: renderDestination(service, settings),
      ...(isShared && { weight: percent }),
    })),
    ...(mirrors.length > 0 && {
      mirrors: mirrors.map(({ percent, ...service }) => ({
        destination: renderDestination(service, settings),
        percentage: { value: percent },
      })),
    }),
  };
}

function renderDestination(
  { namespace, name, port }: { readonly namespace: string; readonly name: string; readonly port: number },
  { clusterDomain }: Pick<Settings, 'clusterDomain'>,
): JsonObject {
  // Without a domain Istio would look a name with a dot up as it is, and find nothing.
  return { host: serviceFqdn(name, namespace, clusterDomain), port: { number: port } };
}

function renderTimeout(milliseconds: number): JsonObject {
  return milliseconds === 0 ? {} : { timeout: durationText(milliseconds) };
}

/** Seconds with a fraction: the form that every reader of protobuf's JSON takes. */
function durationText(milliseconds: number): string {
  return `${milliseconds / 1000}s`;
}
