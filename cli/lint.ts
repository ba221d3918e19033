import { compile } from '../shared/compile.ts';
import { enforced } from './enforced.ts';
import { Failure } from './failure.ts';
import { reportsGithub } from './github-report.ts';
import { reportsJson } from './json-report.ts';
import { loadWorld } from './load.ts';
import type { OfflineOptions } from './load.ts';
import { reportsOf } from './report.ts';
import type { Report } from './report.ts';
import { reportsSarif } from './sarif-report.ts';
import type { Terminal } from './terminal.ts';
import { reportText, summaryText } from './text-report.ts';

export type LintFormat = 'text' | 'json' | 'github' | 'sarif';

/** The flags of `waymark lint`. */
export interface LintOptions extends Omit<OfflineOptions, 'filename'> {
  readonly filename?: readonly string[];
  readonly format: LintFormat;
  readonly policy?: true;
  readonly kubeconfig?: string;
  readonly context?: string;
}

type Print = (reports: readonly Report[], terminal: Terminal) => string;

const PRINT: Readonly<Record<LintFormat, Print>> = {
  text: (reports, { color }) => reports.map(report => reportText(report, color.out)).join(''),
  json: reportsJson,
  github: reportsGithub,
  sarif: reportsSarif,
};

/** Prints all findings. Resolves with the exit code: an error is an error whatever the policy. */
export async function lint(options: LintOptions, terminal: Terminal): Promise<number> {
  if (options.policy) return policy(options, terminal);
  const { filename, format } = options;
  if (filename === undefined) throw new Failure('error: lint needs -f, --filename <path...>, or --policy');
  const world = await loadWorld({ ...options, filename }, terminal);
  const { snapshot } = world;
  const reports = reportsOf(compile({ ...snapshot, ...enforced(snapshot) }).findings, world);

  terminal.out(PRINT[format](reports, terminal));
  terminal.err(`${reports.length === 0 ? 'no findings' : summaryText(reports)}\n`);
  return reports.some(({ severity }) => severity === 'error') ? 1 : 0;
}

/** Loaded only when it is asked for: with it comes what speaks to a cluster. */
async function policy({ format, ...options }: LintOptions, terminal: Terminal): Promise<number> {
  if (format !== 'text' && format !== 'json') {
    throw new Failure(`error: --policy prints text or json, but --format is '${format}'`);
  }
  const { lintPolicy } = await import('./lint-policy.ts');
  return lintPolicy({ ...options, format }, terminal);
}
