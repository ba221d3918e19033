import { isMethod, isPrefix } from '../fields/mapping-readers.ts';
import type { MappingValues } from '../fields/mapping.ts';
import type { NamedText } from '../fields/named-texts.ts';
import { clipped } from '../fields/field.ts';
import type { NamedMatch, PathMatch, RequestMatch, TextMatch } from '../request-match.ts';
import type { Scene } from './scene.ts';

/** Which requests a Mapping takes; undefined = that cannot be told, and it has been reported. */
export function requestMatchOf(values: MappingValues, scene: Scene): RequestMatch | undefined {
  const path = pathMatchOf(values, scene);
  const method = methodMatchOf(values, scene);
  const headers = namedMatches('headers', values.headers?.value, values.regex_headers?.value, scene);
  const query = namedMatches(
    'query_parameters',
    values.query_parameters?.value,
    values.regex_query_parameters?.value,
    scene,
  );
  return path && { path, ...(method && { method }), headers, query };
}

function pathMatchOf(values: MappingValues, { report }: Scene): PathMatch | undefined {
  const { prefix, prefix_exact: exact, prefix_regex: regex } = values;
  if (exact?.value === true && regex?.value === true) {
    report({
      name: 'FieldsDisagree',
      at: exact.at,
      path: 'prefix_exact',
      must: 'must be left out beside `prefix_regex`: a path is one or the other',
      fix: 'delete one of the two; a pattern is for the whole path anyway',
      related: [{ at: regex.at, message: 'the other one' }],
    });
    return undefined;
  }
  if (prefix === undefined) return undefined;
  const ignoresCase = values.case_sensitive?.value === false;
  const { text } = prefix.value;
  if (regex?.value === true) return { kind: 'regex', value: text, ignoresCase };
  if (!isPrefix(prefix.value, 'prefix', report)) return undefined;
  return { kind: exact?.value === true ? 'exact' : 'prefix', value: text, ignoresCase };
}

function methodMatchOf({ method, method_regex: regex }: MappingValues, { report }: Scene): TextMatch | undefined {
  if (method === undefined) return undefined;
  if (regex?.value === true) return { kind: 'regex', value: method.value.text };
  return isMethod(method.value, 'method', report) ? { kind: 'exact', value: method.value.text } : undefined;
}

function namedMatches(
  field: 'headers' | 'query_parameters',
  texts: readonly NamedText[] = [],
  patterns: readonly NamedText[] = [],
  { report }: Scene,
): readonly NamedMatch[] {
  for (const { name, keyAt } of patterns) {
    const same = texts.find(text => text.name === name);
    if (same === undefined) continue;
    report({
      name: 'FieldsDisagree',
      at: keyAt,
      path: `regex_${field}.${clipped(name)}`,
      must: `must be left out where \`${field}\` has the same name`,
      fix: 'delete one of the two',
      related: [{ at: same.keyAt, message: 'the other one' }],
    });
  }
  return [...texts.map(one => matchOf(one, 'exact')), ...patterns.map(one => matchOf(one, 'regex'))].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

function matchOf({ name, value }: NamedText, kind: TextMatch['kind']): NamedMatch {
  return { name, test: value ? { kind, value: value.text } : { kind: 'present' } };
}
