import { sameJson } from '../json.ts';
import type { Forward, Mapping } from '../intent.ts';
import type { NamedMatch, RequestMatch, TextMatch } from '../request-match.ts';

/** In what a Mapping is unlike the one that has its requests: clauses of a finding. */
export interface Difference {
  /** The field to look at. */
  readonly field: string;
  /** "be rewritten like": what follows names the other one, by its requests. */
  readonly must: string;
  /** "is not rewritten like": what follows names the other one, by who wrote it. */
  readonly found: string;
}

/**
 * What keeps two Mappings that match alike from being one route. Of a shadow only what becomes of the path counts:
 * nobody waits for its answers.
 */
export function differenceOf({ action: first }: Mapping, { action: other }: Mapping): Difference | undefined {
  if (first.does === 'redirect' || other.does === 'redirect') {
    return differs('host_redirect', 'be answered like', 'is not answered like');
  }
  const { rewrite } = other;
  const either = [first.rewrite.kind, rewrite.kind];
  if (!sameJson(first.rewrite, rewrite)) {
    const field = either.includes('regex') ? 'regex_rewrite' : 'rewrite';
    return differs(field, 'be rewritten like', 'is not rewritten like');
  }
  if (other.isShadow) return undefined;
  const odd = COMPARED.find(({ of }) => !sameJson(first[of], other[of]));
  return odd && differs(odd.field, odd.must, odd.found);
}

const COMPARED: readonly (Difference & { readonly of: keyof Forward })[] = [
  { of: 'timeout', ...differs('timeout_ms', 'have the timeout of', 'has not the timeout of') },
  { of: 'retries', ...differs('retry_policy', 'be tried again like', 'is not tried again like') },
  { of: 'cors', ...differs('cors', 'answer preflights like', 'does not answer preflights like') },
];

function differs(field: string, must: string, found: string): Difference {
  return { field, must, found };
}

/**
 * Equal for Mappings that are one group of Ambassador's, which looks at texts: whether a text is a prefix, a whole path
 * or a pattern does not count.
 */
export function textKey({ path, method, headers, query }: RequestMatch, precedence: number): string {
  const texts = (matches: readonly NamedMatch[]) => matches.map(({ name, test }) => [name, textOf(test)]);
  return JSON.stringify([precedence, path.value, method?.value ?? '', texts(headers), texts(query)]);
}

function textOf(test: NamedMatch['test']): string {
  return 'value' in test ? test.value : '*';
}

/** Of two matches of one text, as `textKey` has it: how the later one reads it otherwise. */
export function matchDifference(first: RequestMatch, other: RequestMatch): Difference {
  const must = 'be read like';
  if (first.path.kind !== other.path.kind) {
    return differs('prefix', must, `is ${KINDS[other.path.kind]}, and ${KINDS[first.path.kind]} in`);
  }
  if (first.path.ignoresCase !== other.path.ignoresCase) {
    return differs('case_sensitive', must, 'is not read like that of');
  }
  if (kindOf(first.method) !== kindOf(other.method)) return differs('method_regex', must, 'is not read like that of');
  const inQuery = sameJson(first.headers, other.headers);
  return differs(inQuery ? 'query_parameters' : 'headers', must, 'is not read like that of');
}

const KINDS: Readonly<Record<RequestMatch['path']['kind'], string>> = {
  prefix: 'a prefix',
  exact: 'a whole path',
  regex: 'a pattern',
};

function kindOf(test: TextMatch | undefined): string {
  return test?.kind ?? '';
}
