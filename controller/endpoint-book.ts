import { RESOURCES } from '../kube/resources.ts';
import type { Change, KubeObject } from '../kube/types.ts';

/** Names the Service whose endpoints a slice holds. */
export const SERVICE_NAME = 'kubernetes.io/service-name';

/** What is kept of an EndpointSlice: there are as many as Services at least. */
export interface Slice {
  readonly name: string;
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
    name: metadata.name,
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
  /** Most have one slice, and never many. */
  const slices = new Map<string, readonly Slice[]>();

  function others(key: string, { name }: Slice): readonly Slice[] {
    return (slices.get(key) ?? []).filter(other => other.name !== name);
  }

  function put(key: string, slice: Slice): void {
    slices.set(key, [...others(key, slice), slice]);
  }

  function drop(key: string, slice: Slice): void {
    const left = others(key, slice);
    if (left.length === 0) slices.delete(key);
    else slices.set(key, left);
  }

  return {
    of(namespace, service) {
      const known = slices.get(`${namespace}/${service}`);
      if (known === undefined) return NONE;
      const byFamily = new Map<string, number>();
      for (const { family, ready } of known) byFamily.set(family, (byFamily.get(family) ?? 0) + ready);
      const states = known.map(({ state }) => state);
      return { ready: Math.max(...byFamily.values()), state: states.sort().join() };
    },
    changed({ namespace, before, after }) {
      if (before !== undefined) drop(`${namespace}/${before.service}`, before);
      if (after !== undefined) put(`${namespace}/${after.service}`, after);
      for (const service of new Set([before?.service, after?.service])) {
        if (service !== undefined) onService(namespace, service);
      }
    },
  };
}
