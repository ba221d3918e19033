import { compile } from '../shared/compile.ts';
import { effectiveSettings } from '../shared/effective-settings.ts';
import { isError } from '../shared/findings/finding.ts';
import type { Finding } from '../shared/findings/finding.ts';
import type { Snapshot } from '../shared/snapshot.ts';
import { printJson, printYaml } from '../shared/render/yaml.ts';
import { loadWorld } from './load.ts';
import type { OfflineOptions } from './load.ts';
import { reportsOf } from './report.ts';
import type { Terminal } from './terminal.ts';
import { reportText, summaryText } from './text-report.ts';

export interface RenderOptions extends OfflineOptions {
  readonly output: 'yaml' | 'json';
}

/**
 * Prints the admitted Deployments in input order, then what would be built from them. A Deployment with an error is
 * left out. Resolves with the exit code.
 */
export async function render(options: RenderOptions, terminal: Terminal): Promise<number> {
  const world = await loadWorld(options, terminal);
  const { admitted, objects, findings } = compile(world.snapshot);

  const shown = [...admitted, ...objects.map(({ object }) => object)];
  terminal.out(options.output === 'json' ? printJson(shown) : printYaml(shown));

  const reports = reportsOf(findings, world);
  for (const report of reports) terminal.err(reportText(report, terminal.color.err));
  if (reports.length > 0) terminal.err(`${summaryText(reports)}\n`);
  const all = [...findings, ...world.collisions.flatMap(collision => collision.findings)];
  return all.some(finding => isError(finding) && isEnforced(finding, world.snapshot)) ? 1 : 0;
}

/** Under the other policies the cluster admits the Deployment, and says what is wrong with it. */
function isEnforced({ object }: Finding, { settings, namespaces }: Snapshot): boolean {
  return effectiveSettings(settings, namespaces.get(object.namespace)).policy === 'enforce';
}
