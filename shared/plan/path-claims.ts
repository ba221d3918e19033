import type { RequestMatch } from '../request-match.ts';
import { literalBeginning } from './literal-beginning.ts';

export interface PathClaim {
  /** Of a pattern what every path begins with that it takes. */
  readonly path: string;
  readonly ignoresCase: boolean;
  /** Whether it may be asked before longer paths: by `precedence`, or as a pattern, which is as long as its text. */
  readonly isOrdered: boolean;
  readonly namespace: string;
}

export function pathClaim({ path }: RequestMatch, precedence: number, namespace: string): PathClaim {
  const isPattern = path.kind === 'regex';
  const literal = isPattern ? literalBeginning(path.value) : undefined;
  return {
    path: literal?.text ?? path.value,
    ignoresCase: path.ignoresCase || literal?.ignoresCase === true,
    isOrdered: precedence !== 0 || isPattern,
    namespace,
  };
}

/**
 * Which namespace has which paths of a host that all share. Two namespaces cannot both have a path, one under it or one
 * above it, counted in segments; where one of them goes in front of longer paths, already a common beginning of the
 * texts is too much, in whatever case. A question costs the length of its path, however many claims there are.
 */
export class PathClaims<T> {
  readonly #exact = new PathIndex<T>(segmentsTo);
  readonly #folded = new PathIndex<T>(segmentsTo);
  readonly #ignoringCase = new PathIndex<T>(segmentsTo);
  readonly #ordered = new PathIndex<T>(lettersTo);
  readonly #letters = new PathIndex<T>(lettersTo);
  readonly #added: { readonly claim: PathClaim; readonly value: T }[] = [];
  readonly #unindexed: { readonly claim: PathClaim; readonly value: T }[] = [];

  /** Nothing more than remembered: of most hosts nobody ever asks. */
  add(claim: PathClaim, value: T): void {
    this.#added.push({ claim, value });
  }

  #index(claim: PathClaim, value: T): void {
    const folded = { ...claim, path: claim.path.toLowerCase() };
    this.#exact.add(claim, value);
    this.#folded.add(folded, value);
    if (claim.ignoresCase) this.#ignoringCase.add(folded, value);
    if (claim.isOrdered) this.#ordered.add(folded, value);
    this.#unindexed.push({ claim: folded, value });
  }

  /** What another namespace has that keeps this claim out. */
  findOther(claim: PathClaim): T | undefined {
    for (const one of this.#added.splice(0)) this.#index(one.claim, one.value);
    const folded = { ...claim, path: claim.path.toLowerCase() };
    const alike = claim.ignoresCase
      ? this.#folded.findOther(folded)
      : (this.#exact.findOther(claim) ?? this.#ignoringCase.findOther(folded));
    return alike ?? (claim.isOrdered ? this.#byLetters() : this.#ordered).findOther(folded);
  }

  /** Few ask for it, and it is large. */
  #byLetters(): PathIndex<T> {
    for (const { claim, value } of this.#unindexed.splice(0)) this.#letters.add(claim, value);
    return this.#letters;
  }
}

type Place = Pick<PathClaim, 'path' | 'namespace'>;

/** What is the same, above or below, where `pathsTo` says what is above. */
class PathIndex<T> {
  readonly #pathsTo: (path: string) => readonly string[];
  readonly #at = new Map<string, Map<string, T>>();
  readonly #under = new Map<string, Map<string, T>>();

  constructor(pathsTo: (path: string) => readonly string[]) {
    this.#pathsTo = pathsTo;
  }

  add({ path, namespace }: Place, value: T): void {
    const paths = this.#pathsTo(path);
    remember(this.#at, paths.at(-1) ?? '', namespace, value);
    for (const one of paths) remember(this.#under, one, namespace, value);
  }

  findOther({ path, namespace }: Place): T | undefined {
    const paths = this.#pathsTo(path);
    for (const one of paths) {
      const above = others(this.#at.get(one), namespace);
      if (above !== undefined) return above;
    }
    return others(this.#under.get(paths.at(-1) ?? ''), namespace);
  }
}

/** `/a/b/` → ``, `/a`, `/a/b`: the path and all above it. */
function segmentsTo(path: string): readonly string[] {
  const paths = [''];
  for (const segment of path.split('/')) if (segment !== '') paths.push(`${paths.at(-1) ?? ''}/${segment}`);
  return paths;
}

/** `/ab` → ``, `/`, `/a`, `/ab`: every beginning of it. */
function lettersTo(path: string): readonly string[] {
  return Array.from({ length: path.length + 1 }, (_, length) => path.slice(0, length));
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
