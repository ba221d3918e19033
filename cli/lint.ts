import { compile } from '../shared/compile.ts';
import type { Settings } from '../shared/settings.ts';
import { reportsJson } from './json-report.ts';
import { loadWorld } from './load.ts';
import type { OfflineOptions } from './load.ts';
import { reportsOf } from './report.ts';
import type { Terminal } from './terminal.ts';
import { reportText, summaryText } from './text-report.ts';

export interface LintOptions extends OfflineOptions {
  readonly format: 'text' | 'json';
}

/** Prints all findings. Resolves with the exit code: an error is an error whatever the policy. */
export async function lint(options: LintOptions, terminal: Terminal): Promise<number> {
  const world = await loadWorld(options, terminal);
  const reports = reportsOf(
    compile({ ...world.snapshot, settings: enforced(world.snapshot.settings) }).findings,
    world,
  );

  if (options.format === 'json') terminal.out(reportsJson(reports));
  else for (const report of reports) terminal.out(reportText(report, terminal.color.out));
  terminal.err(`${reports.length === 0 ? 'no findings' : summaryText(reports)}\n`);
  return reports.some(({ severity }) => severity === 'error') ? 1 : 0;
}

/** Everywhere: what a policy says is done about an error is for the cluster. */
function enforced(settings: Settings): Settings {
  const namespaceSettings = settings.namespaceSettings.filter(setting => setting !== 'policy');
  return { ...settings, policy: 'enforce', namespaceSettings };
}
