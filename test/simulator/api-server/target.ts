import type { KubeObject } from '../../../kube/types.ts';

/** What a URL of the API names. */
export interface Target {
  /** `/api/v1` or `/apis/<group>/<version>`. */
  readonly root: string;
  readonly plural: string;
  /** Empty = all, or the kind has none. */
  readonly namespace: string;
  /** Empty = the collection. */
  readonly name: string;
  /** `status`, `scale`, or empty. */
  readonly subresource: string;
  readonly query: URLSearchParams;
}

/** Subresources of a Namespace: what else follows its name is a collection in it. */
const OF_NAMESPACES = new Set(['status', 'finalize']);

export function parseTarget(url: string): Target {
  const [path = '', search] = url.split('?');
  const parts = path.split('/').filter(part => part !== '');
  const depth = parts[0] === 'api' ? 2 : 3;
  const root = `/${parts.slice(0, depth).join('/')}`;
  let rest = parts.slice(depth).map(decodeURIComponent);
  let namespace = '';
  const [first, second = '', third] = rest;
  if (first === 'namespaces' && third !== undefined && !OF_NAMESPACES.has(third)) {
    namespace = second;
    rest = rest.slice(2);
  }
  const [plural = '', name = '', subresource = ''] = rest;
  return {
    root,
    plural,
    namespace,
    name,
    subresource,
    query: search === undefined ? EMPTY : new URLSearchParams(search),
  };
}

const EMPTY = new URLSearchParams();

/** Which objects of a kind a list or a watch is about. */
export interface Selection {
  readonly namespace: string;
  readonly labels: readonly Term[];
  readonly name: string | undefined;
}

type Term =
  | { readonly key: string; readonly asks: 'is' | 'is not'; readonly value: string }
  | { readonly key: string; readonly asks: 'exists' | 'does not exist' };

/** `undefined` = it asks for what is not to be had: another field than the name. */
export function selectionOf({ namespace, query }: Target): Selection | undefined {
  const fields = termsOf(query.get('fieldSelector'));
  if (fields.some(({ key, asks }) => key !== 'metadata.name' || asks !== 'is')) return undefined;
  const [field] = fields;
  const name = field?.asks === 'is' ? field.value : undefined;
  return { namespace, labels: termsOf(query.get('labelSelector')), name };
}

function termsOf(selector: string | null): readonly Term[] {
  return (selector ?? '')
    .split(',')
    .filter(term => term !== '')
    .map(term => {
      const [, key = '', operator, value = ''] = /^([^=!]+)(!=|==?)(.*)$/.exec(term) ?? [];
      if (operator !== undefined) return { key, asks: operator === '!=' ? 'is not' : 'is', value };
      return term.startsWith('!') ? { key: term.slice(1), asks: 'does not exist' } : { key: term, asks: 'exists' };
    });
}

export function isSelected({ namespace, labels, name }: Selection, { metadata }: KubeObject): boolean {
  if (namespace !== '' && metadata.namespace !== namespace) return false;
  if (name !== undefined && metadata.name !== name) return false;
  return labels.every(term => holds(term, metadata.labels?.[term.key]));
}

function holds(term: Term, value: string | undefined): boolean {
  switch (term.asks) {
    case 'is':
      return value === term.value;
    case 'is not':
      return value !== term.value;
    case 'exists':
      return value !== undefined;
    case 'does not exist':
      return value === undefined;
  }
}
