import { RESOURCES } from '../kube/resources.ts';
import type { Change, KubeObject } from '../kube/types.ts';

/** Names the Service whose endpoints a slice holds. */
export const SERVICE_NAME = 'kubernetes.io/service-name';

/** What is kept of an EndpointSlice: there are as many as Services at least. */
export interface Slice {
  readonly service: string;
  /** IPv4, IPv6 or FQDN: a Service of both families has every Pod twice. */
  readonly family: string;
  readonly ready: number;
  /** Another text for every other content. */
  readonly state: string;
}

export const ENDPOINT_SLICES = RESOURCES.endpointSlices;

export function projectSlice({ metadata, addressType, endpoints }: KubeObject): Slice | undefined {
  const service = metadata.labels?.[SERVICE_NAME];
  if (service === undefined) return undefined;
  const list = (endpoints ?? []) as readonly { readonly conditions?: { readonly ready?: boolean | null } }[];
  return {
    service,
    family: String(addressType),
    // "A nil value should be interpreted as true": discovery.k8s.io/v1, EndpointConditions.
    ready: list.filter(({ conditions }) => conditions?.ready !== false).length,
    state: `${metadata.uid ?? ''}:${metadata['generation'] as number}`,
  };
}

export interface Endpoints {
  /** Pods that take requests. */
  readonly ready: number;
  /** Another text whenever an endpoint came, went or changed. */
  readonly state: string;
}

/** Who takes requests for which Service, kept up by the slices. */
export interface EndpointBook {
  of(namespace: string, service: string): Endpoints;
  changed(change: Change<Slice>): void;
}

const NONE: Endpoints = { ready: 0, state: '' };

/** `onService`: its endpoints are others from now on. */
export function createEndpointBook(onService: (namespace: string, service: string) => void): EndpointBook {
  const slices = new Map<string, Map<string, Slice>>();

  function put(key: string, name: string, slice: Slice): void {
    const known = slices.get(key);
    if (known === undefined) slices.set(key, new Map([[name, slice]]));
    else known.set(name, slice);
  }

  function drop(key: string, name: string): void {
    const known = slices.get(key);
    known?.delete(name);
    if (known?.size === 0) slices.delete(key);
  }

  return {
    of(namespace, service) {
      const known = slices.get(`${namespace}/${service}`);
      if (known === undefined) return NONE;
      const byFamily = new Map<string, number>();
      for (const { family, ready } of known.values()) byFamily.set(family, (byFamily.get(family) ?? 0) + ready);
      const states = [...known.values()].map(({ state }) => state);
      return { ready: Math.max(...byFamily.values()), state: states.sort().join() };
    },
    changed({ namespace, name, before, after }) {
      if (before !== undefined) drop(`${namespace}/${before.service}`, name);
      if (after !== undefined) put(`${namespace}/${after.service}`, name, after);
      for (const service of new Set([before?.service, after?.service])) {
        if (service !== undefined) onService(namespace, service);
      }
    },
  };
}
