/** What requests a route takes; all of it must hold. */
export interface RequestMatch {
  readonly path: PathMatch;
  /** Absent = every method. */
  readonly method?: TextMatch;
  /** Names in lower case, each once, sorted. */
  readonly headers: readonly NamedMatch[];
  /** Of the query's parameters: names as written, each once, sorted. */
  readonly query: readonly NamedMatch[];
}

/** `prefix` is compared letter by letter, `regex` (RE2) with the whole path. */
export interface PathMatch {
  readonly kind: 'prefix' | 'exact' | 'regex';
  readonly value: string;
  readonly ignoresCase: boolean;
}

/** `regex`: RE2, of the whole text. */
export interface TextMatch {
  readonly kind: 'exact' | 'regex';
  readonly value: string;
}

export interface NamedMatch {
  readonly name: string;
  readonly test: TextMatch | { readonly kind: 'present' };
}

export const EVERY_REQUEST: RequestMatch = {
  path: { kind: 'prefix', value: '/', ignoresCase: false },
  headers: [],
  query: [],
};

/** Requests under a path, compared letter by letter. */
export function underPrefix(prefix: string): RequestMatch {
  return { ...EVERY_REQUEST, path: { kind: 'prefix', value: prefix, ignoresCase: false } };
}

/** Asked for many times of each, and a host may have thousands. */
const keys = new WeakMap<RequestMatch, string>();

/** Equal for equal matches only. */
export function matchKey(match: RequestMatch): string {
  const known = keys.get(match);
  if (known !== undefined) return known;
  const key = textOf(match);
  keys.set(match, key);
  return key;
}

function textOf({ path, method, headers, query }: RequestMatch): string {
  return JSON.stringify([
    [path.kind, path.value, path.ignoresCase],
    method === undefined ? [] : [method.kind, method.value],
    headers.map(keyOf),
    query.map(keyOf),
  ]);
}

function keyOf({ name, test }: NamedMatch): readonly string[] {
  return 'value' in test ? [name, test.kind, test.value] : [name, test.kind];
}
