import type { NamedMatch, PathMatch, RequestMatch, TextMatch } from '../request-match.ts';
import { takesWhole } from './pattern.ts';
import type { SeenRequest } from './request.ts';

/** One of the things that must hold of a request. */
export interface Condition {
  readonly of: 'path' | 'method' | 'header' | 'parameter';
  readonly holds: boolean;
  /** Why it does not hold, as one clause; of one that holds it says nothing. */
  readonly failure: string;
}

/** The path first. Each is told of, whether others hold or not. */
export function conditionsOf({ path, method, headers, query }: RequestMatch, seen: SeenRequest): readonly Condition[] {
  return [
    pathCondition(path, seen.path),
    ...(method ? [methodCondition(method, seen.method)] : []),
    ...headers.map(header => namedCondition('header', header, seen.headers.get(header.name.toLowerCase()))),
    ...query.map(parameter => namedCondition('parameter', parameter, listOf(seen.parameters.get(parameter.name)))),
  ];
}

function pathCondition({ kind, value, ignoresCase }: PathMatch, path: string): Condition {
  const cased = (text: string) => (ignoresCase ? lowerCase(text) : text);
  switch (kind) {
    case 'prefix':
      return {
        of: 'path',
        holds: cased(path).startsWith(cased(value)),
        failure: `the path '${path}' does not begin with '${value}'`,
      };
    case 'exact':
      return { of: 'path', holds: cased(path) === cased(value), failure: `the path is '${path}', not '${value}'` };
    case 'regex':
      return {
        of: 'path',
        holds: takesWhole(ignoresCase ? `(?i)${value}` : value, path),
        failure: `the path '${path}' is not, from its begin to its end, what the pattern '${value}' takes`,
      };
  }
}

/** Envoy knows no other letters. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, letter => letter.toLowerCase());
}

function methodCondition(match: TextMatch, method: string): Condition {
  return { of: 'method', holds: holds(match, method), failure: `the method is ${method}, not ${wanted(match)}` };
}

function namedCondition(
  of: 'header' | 'parameter',
  { name, test }: NamedMatch,
  values: readonly string[] | undefined,
): Condition {
  const subject = of === 'header' ? `header ${name}` : `parameter ${name} of the query`;
  if (values === undefined) return { of, holds: false, failure: `${subject} is missing` };
  if (test.kind === 'present') return { of, holds: true, failure: '' };
  return {
    of,
    holds: values.some(value => holds(test, value)),
    failure: `${subject} is ${valuesText(values)}, not ${wanted(test)}`,
  };
}

function valuesText(values: readonly string[]): string {
  return values.length === 0 ? 'what the gateway writes' : values.map(value => `'${value}'`).join(' and ');
}

function holds({ kind, value }: TextMatch, text: string): boolean {
  return kind === 'exact' ? text === value : takesWhole(value, text);
}

function wanted({ kind, value }: TextMatch): string {
  return kind === 'exact' ? `'${value}'` : `what the pattern '${value}' takes`;
}

function listOf(value: string | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : [value];
}
