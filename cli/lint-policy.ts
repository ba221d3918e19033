import type { ClusterOptions } from './cluster.ts';
import { loadWorld } from './load.ts';
import { judgeCluster } from './policy-cluster.ts';
import type { JudgedCluster } from './policy-cluster.ts';
import { judgeFiles } from './policy-judge.ts';
import { survey } from './policy-survey.ts';
import { surveyJson, surveyText, totals } from './policy-text.ts';
import { loadSettings } from './settings.ts';
import type { Terminal } from './terminal.ts';

/** The flags of `waymark lint --policy`. */
export interface LintPolicyOptions extends ClusterOptions {
  /** Absent: the cluster is read. */
  readonly filename?: readonly string[];
  readonly config?: string;
  readonly format: 'text' | 'json';
}

/** Prints what `enforce` would deny at the next apply. Resolves with the exit code: 1 when that is anything. */
export async function lintPolicy(options: LintPolicyOptions, terminal: Terminal): Promise<number> {
  const { settings, namespaces, judged } = await judge(options, terminal);
  const surveys = survey(judged, { settings, namespaces });

  terminal.out(options.format === 'json' ? surveyJson(surveys) : surveyText(surveys));
  if (judged.some(({ isStored }) => isStored)) {
    terminal.err('Deployments that are stored may keep their names: the rule of names is for new ones\n');
  }
  return totals(surveys).denied > 0 ? 1 : 0;
}

async function judge({ filename, ...options }: LintPolicyOptions, terminal: Terminal) {
  if (filename === undefined) {
    const settings = await loadSettings(options.config, terminal);
    const cluster: JudgedCluster = await judgeCluster(options, settings);
    return { settings, ...cluster };
  }
  const world = await loadWorld({ ...options, filename }, terminal);
  return { ...world.snapshot, judged: judgeFiles(world) };
}
