import type { Report } from '../annotation/complaint.ts';
import { rangeWithin } from '../annotation/node.ts';
import { groupsOf, PATTERN_BUDGET, patternFault, substitutionFault } from '../values/re2.ts';
import type { PatternBudget } from '../values/re2.ts';
import type { MappingValues } from './mapping.ts';
import type { NamedText, WrittenText } from './named-texts.ts';

/** Says of all patterns of a text what Istio or Envoy would refuse. They share a budget: all of them take less than 100 ms. */
export function reportPatterns(mappings: readonly MappingValues[], report: Report): void {
  const budget = { left: PATTERN_BUDGET };
  for (const values of mappings) {
    const ignoresCase = values.case_sensitive?.value === false;
    if (values.prefix_regex?.value === true && values.prefix) {
      isPattern(values.prefix.value, 'prefix', report, budget, ignoresCase ? IGNORE_CASE : '');
    }
    if (values.method_regex?.value === true && values.method) isPattern(values.method.value, 'method', report, budget);
    checkNamed(values.regex_headers?.value, 'regex_headers', report, budget);
    checkNamed(values.regex_query_parameters?.value, 'regex_query_parameters', report, budget);
    checkRegexRewrite(values, report, budget);
  }
}

/** What the gateway is told in front of a pattern in which capitals do not count. */
const IGNORE_CASE = '(?i)';

function checkNamed(named: readonly NamedText[] = [], field: string, report: Report, budget: PatternBudget): void {
  for (const { name, value } of named) if (value) isPattern(value, `${field}.${name}`, report, budget);
}

function checkRegexRewrite({ regex_rewrite: rewrite }: MappingValues, report: Report, budget: PatternBudget): void {
  const { pattern, substitution } = rewrite?.value ?? {};
  const isGood = pattern !== undefined && isPattern(pattern.value, 'regex_rewrite.pattern', report, budget);
  if (substitution === undefined || !isGood) return;
  const { text, node } = substitution.value;
  const path = 'regex_rewrite.substitution';
  if (text === '') {
    report({
      name: 'FieldRefused',
      at: node.at,
      path,
      must: 'must not be empty',
      found: 'since Istio has no empty one',
      fix: 'let the pattern take the slash behind as well, and write that',
    });
    return;
  }
  const must = substitutionFault(text, groupsOf(pattern.value.text));
  if (must !== undefined) {
    report({ name: 'ValueWrong', at: node.at, path, must, fix: "write '\\1' for the first group of the pattern" });
  }
}

function isPattern(
  { text, node }: WrittenText,
  path: string,
  report: Report,
  budget: PatternBudget,
  inFront = '',
): boolean {
  // Of many that are too much together the first one is enough.
  if (budget.left < 0) return false;
  const fault = patternFault(inFront + text, budget);
  if (fault === undefined) return true;
  const { must, found, fix } = fault;
  const [start, end] = [fault.start - inFront.length, fault.end - inFront.length];
  report({ name: 'PatternWrong', at: rangeWithin(node, Math.max(0, start), Math.max(0, end)), path, must, found, fix });
  return false;
}
