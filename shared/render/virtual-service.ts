import type { JsonObject } from '../json.ts';
import type { Settings } from '../settings.ts';
import type { KubernetesObject } from '../snapshot.ts';
import { isSinceIstio } from '../values/istio-version.ts';

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
    apiVersion: networkingApiVersion(istio.version),
    kind: 'VirtualService',
    metadata,
    spec: { hosts: [host], gateways: [gateway], http },
  };
}

/** `networking.istio.io/v1` is served since Istio 1.22; v1beta1 has the same schema. */
export function networkingApiVersion(istioVersion: string): string {
  return isSinceIstio(istioVersion, 22) ? 'networking.istio.io/v1' : 'networking.istio.io/v1beta1';
}
