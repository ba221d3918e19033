import type { KubeObject } from '../../../kube/types.ts';

/** What a URL of the API names. */
export interface Target {
  /** Path of the collection over all namespaces. */
  readonly collection: string;
  /** Empty = all, or the kind has none. */
  readonly namespace: string;
  /** Empty = the collection. */
  readonly name: string;
  readonly query: URLSearchParams;
}

export function parseTarget(url: string): Target {
  const [path = '', search] = url.split('?');
  const match =
    /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+)(?:\/status)?)?$/.exec(path);
  const [, root = '', namespace = '', plural = '', name = ''] = match ?? [];
  return {
    collection: `${root}/${plural}`,
    namespace,
    name: decodeURIComponent(name),
    query: new URLSearchParams(search),
  };
}

/** Namespace, presence and equality of labels, and the field `metadata.name`: the selectors that are used. */
export function matches({ namespace, query }: Target, { metadata }: KubeObject): boolean {
  if (namespace !== '' && metadata.namespace !== namespace) return false;
  const terms = (selector: string | null) =>
    (selector ?? '')
      .split(',')
      .filter(term => term !== '')
      .map(term => term.split('='));
  return (
    terms(query.get('labelSelector')).every(([key = '', value]) =>
      value === undefined ? Object.hasOwn(metadata.labels ?? {}, key) : metadata.labels?.[key] === value,
    ) && terms(query.get('fieldSelector')).every(([key, value]) => key !== 'metadata.name' || metadata.name === value)
  );
}
