import { isError } from '../shared/findings/finding.ts';
import type { Finding } from '../shared/findings/finding.ts';
import { defaultSettings, parseSettings } from '../shared/settings-file.ts';
import type { Settings } from '../shared/settings.ts';
import { Failure } from './failure.ts';
import { readSource } from './files.ts';
import type { SourceFile } from './files.ts';
import { indexLines } from './lines.ts';
import { reportOf } from './report.ts';
import type { Terminal } from './terminal.ts';
import { reportText } from './text-report.ts';

/** Reads the platform's settings; no file = all defaults. Rejects with a Failure that shows everything that is wrong. */
export async function loadSettings(file: string | undefined, terminal: Terminal): Promise<Settings> {
  if (file === undefined) return defaultSettings;
  const source = await readSource(file, terminal);
  const { settings, findings } = parseSettings(source.text, file);
  // What ends the program is printed without control characters, so without colours.
  const text = settingsText(findings, source, settings !== undefined && terminal.color.err);
  if (settings === undefined) throw new Failure(text.trimEnd());
  if (!findings.some(isError) && text !== '') terminal.err(text);
  return settings;
}

/** The places of these findings are those of the file itself. */
function settingsText(findings: readonly Finding[], { name, text }: SourceFile, color: boolean): string {
  const lines = indexLines(text);
  return findings
    .map(finding => {
      const { site } = finding;
      const place = site.in === 'annotation' ? { file: name, start: site.start, end: site.end } : undefined;
      const sourceLine = place === undefined ? '' : lines.line(place.start.line);
      return reportText(reportOf(finding, { place, sourceLine, related: [] }), color);
    })
    .join('');
}
