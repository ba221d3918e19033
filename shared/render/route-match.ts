import { compareCodePoints } from '../json.ts';
import { isJsonObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { NamedMatch, PathMatch, RequestMatch, TextMatch } from '../request-match.ts';

/** As one condition of a VirtualService's entry. */
export function renderMatch({ path, method, headers, query }: RequestMatch): JsonObject {
  return {
    uri: renderPath(path),
    // Istio heeds it for texts only.
    ...(path.ignoresCase && path.kind !== 'regex' && { ignoreUriCase: true }),
    ...(method && { method: { [method.kind]: method.value } }),
    ...(headers.length > 0 && { headers: renderNamed(headers) }),
    ...(query.length > 0 && { queryParams: renderNamed(query) }),
  };
}

const IGNORE_CASE = '(?i)';

function renderPath({ kind, value, ignoresCase }: PathMatch): JsonObject {
  return { [kind]: kind === 'regex' && ignoresCase ? `${IGNORE_CASE}${value}` : value };
}

function renderNamed(matches: readonly NamedMatch[]): JsonObject {
  return Object.fromEntries(
    matches.map(({ name, test }) => [name, 'value' in test ? { [test.kind]: test.value } : {}]),
  );
}

/** What `renderMatch` wrote. Of what somebody else wrote, what can be told. */
export function readMatch(condition: JsonObject): RequestMatch {
  const method = textMatchIn(condition['method']);
  return {
    path: pathIn(condition),
    ...(method && { method }),
    headers: namedIn(condition['headers']),
    query: namedIn(condition['queryParams']),
  };
}

function pathIn({ uri, ignoreUriCase }: JsonObject): PathMatch {
  const text = textMatchIn(uri);
  if (text?.kind === 'regex' && text.value.startsWith(IGNORE_CASE)) {
    return { kind: 'regex', value: text.value.slice(IGNORE_CASE.length), ignoresCase: true };
  }
  const prefix = isJsonObject(uri) && typeof uri['prefix'] === 'string' ? uri['prefix'] : '/';
  return { ...(text ?? { kind: 'prefix', value: prefix }), ignoresCase: ignoreUriCase === true };
}

function namedIn(value: unknown): readonly NamedMatch[] {
  // An object has names that are numbers first.
  const given = isJsonObject(value) ? Object.entries(value).sort(([a], [b]) => compareCodePoints(a, b)) : [];
  return given.map(([name, test]): NamedMatch => ({ name, test: textMatchIn(test) ?? { kind: 'present' } }));
}

function textMatchIn(value: unknown): TextMatch | undefined {
  if (!isJsonObject(value)) return undefined;
  const { exact, regex } = value;
  if (typeof exact === 'string') return { kind: 'exact', value: exact };
  return typeof regex === 'string' ? { kind: 'regex', value: regex } : undefined;
}
