import { findingLine } from '../shared/findings/format.ts';
import { reportJson } from './json-report.ts';
import type { JudgedError } from './policy-judge.ts';
import type { NamespaceSurvey } from './policy-survey.ts';
import { printable } from './printable.ts';

/**
 * One block a namespace, one line a finding:
 *
 *   shop: policy audit; enforce would deny 1 of 12 Deployments
 *     web-shop-1
 *       shop.yaml:14:7: WM020: `hpa` must be …; fix: write `metrics`
 */
export function surveyText(surveys: readonly NamespaceSurvey[]): string {
  const blocks = surveys.map(({ namespace, policy, deployments, denied, warnings }) => [
    `${namespace}: policy ${policy}; enforce would deny ${denied.length} of ${counted(deployments, 'Deployment')}`,
    ...warnings.map(warning => `  warning ${findingLine(warning)}`),
    ...denied.flatMap(({ name, errors }) => [`  ${name}`, ...errors.map(error => `    ${errorLine(error)}`)]),
    '',
  ]);
  const { deployments, denied } = totals(surveys);
  const total = `${counted(deployments, 'Deployment')} in ${counted(surveys.length, 'namespace')}; enforce would deny ${denied}`;
  return [...blocks.flat(), total].map(line => `${printable(line)}\n`).join('');
}

/** The same for scripts; keys are a promise to them. A place that is in no file has the file '' and the line 0. */
export function surveyJson(surveys: readonly NamespaceSurvey[]): string {
  const namespaces = surveys.map(({ namespace, policy, deployments, denied, warnings }) => ({
    namespace,
    policy,
    deployments,
    warnings: warnings.map(findingLine),
    denied: denied.map(({ name, errors }) => ({
      name,
      findings: errors.map(({ report, site }) => ({ ...reportJson(report), site })),
    })),
  }));
  return `${JSON.stringify({ namespaces, ...totals(surveys) }, undefined, 2)}\n`;
}

export function totals(surveys: readonly NamespaceSurvey[]): { deployments: number; denied: number } {
  return {
    deployments: surveys.reduce((sum, one) => sum + one.deployments, 0),
    denied: surveys.reduce((sum, { denied }) => sum + denied.length, 0),
  };
}

function errorLine({ report, site }: JudgedError): string {
  const { place, code, message, fix } = report;
  const where = place === undefined ? site : `${place.file}:${place.start.line}:${place.start.column}`;
  return `${where}: ${code}: ${message}; fix: ${fix}`.replaceAll(/[\r\n]+/g, ' ');
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
