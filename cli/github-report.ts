import { artifactPath } from './artifact-path.ts';
import { printable } from './printable.ts';
import type { Report } from './report.ts';

/** Workflow commands of GitHub Actions, one line a finding: they become annotations on the lines of a pull request. */
export function reportsGithub(reports: readonly Report[]): string {
  return reports.map(report => `${commandOf(report)}\n`).join('');
}

function commandOf({ severity, code, rule, message, fix, place, related }: Report): string {
  const others = related.flatMap(other =>
    other.place ? [`see: ${artifactPath(other.place.file)}:${other.place.start.line}: ${other.message}`] : [],
  );
  const properties = [...placeOf(place), ['title', `${code} ${rule}`] as const];
  const list = properties.map(([name, value]) => `${name}=${escapeProperty(`${value}`)}`).join(',');
  return `::${severity} ${list}::${escapeData([message, `fix: ${fix}`, ...others].join('\n'))}`;
}

/** GitHub takes columns only where the annotation is on one line. */
function placeOf(place: Report['place']): readonly (readonly [name: string, value: string | number])[] {
  if (place === undefined) return [];
  const { start, end } = place;
  return [
    ['file', artifactPath(place.file)],
    ['line', start.line],
    ...(start.line === end.line ? ([['col', start.column]] as const) : []),
    ['endLine', end.line],
    ...(start.line === end.line ? ([['endColumn', end.column]] as const) : []),
  ];
}

function escapeData(text: string): string {
  return printable(text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A'));
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
