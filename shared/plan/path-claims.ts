export interface PathClaim {
  readonly prefix: string;
  /** Orders routes within a namespace only; against other namespaces' it would be a way to take their requests. */
  readonly precedence: number;
  readonly namespace: string;
}

/**
 * Which namespace has which paths of a host that all share. Two namespaces cannot both have a path, one under it or one
 * above it, counted in segments; where one of them asks for an order (`precedence`), already a common beginning of the
 * texts is too much. A question costs the length of its path, however many claims there are.
 */
export class PathClaims<T> {
  readonly #at = new Map<string, Map<string, T>>();
  readonly #under = new Map<string, Map<string, T>>();
  readonly #all: { readonly claim: PathClaim; readonly value: T }[] = [];
  readonly #ordered: { readonly claim: PathClaim; readonly value: T }[] = [];

  add(claim: PathClaim, value: T): void {
    const paths = pathsTo(claim.prefix);
    remember(this.#at, paths.at(-1) ?? '', claim.namespace, value);
    for (const path of paths) remember(this.#under, path, claim.namespace, value);
    this.#all.push({ claim, value });
    if (claim.precedence !== 0) this.#ordered.push({ claim, value });
  }

  /** What another namespace has that keeps this claim out; the claim that was added first, where several do. */
  findOther(claim: PathClaim): T | undefined {
    const paths = pathsTo(claim.prefix);
    for (const path of paths) {
      const above = others(this.#at.get(path), claim.namespace);
      if (above !== undefined) return above;
    }
    const below = others(this.#under.get(paths.at(-1) ?? ''), claim.namespace);
    if (below !== undefined) return below;
    const ordered = claim.precedence === 0 ? this.#ordered : this.#all;
    return ordered.find(other => other.claim.namespace !== claim.namespace && shareBeginning(other.claim, claim))
      ?.value;
  }
}

/** `/a/b/` → ``, `/a`, `/a/b`: the path and all above it. */
function pathsTo(prefix: string): readonly string[] {
  const paths = [''];
  for (const segment of prefix.split('/')) if (segment !== '') paths.push(`${paths.at(-1) ?? ''}/${segment}`);
  return paths;
}

function remember<T>(index: Map<string, Map<string, T>>, path: string, namespace: string, value: T): void {
  const values = index.get(path) ?? new Map<string, T>();
  if (!values.has(namespace)) values.set(namespace, value);
  index.set(path, values);
}

function others<T>(values: ReadonlyMap<string, T> | undefined, namespace: string): T | undefined {
  for (const [owner, value] of values ?? []) if (owner !== namespace) return value;
  return undefined;
}

function shareBeginning(a: PathClaim, b: PathClaim): boolean {
  return a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix);
}
