import type { FilePlace } from './manifests.ts';
import type { Report } from './report.ts';

/** An array with one object for a finding; keys are a promise to scripts. */
export function reportsJson(reports: readonly Report[]): string {
  return `${JSON.stringify(reports.map(reportJson), undefined, 2)}\n`;
}

/** Of one finding. */
export function reportJson({ code, severity, object, place, path, message, fix, related }: Report) {
  return {
    code,
    severity,
    ...startJson(place),
    endLine: place?.end.line ?? 0,
    endColumn: place?.end.column ?? 0,
    namespace: object.namespace,
    name: object.name,
    path,
    message,
    fix,
    ...(related.length > 0 && {
      related: related.map(other => ({ ...startJson(other.place), message: other.message })),
    }),
  };
}

/** An object that is in none of the files has no place. */
function startJson(place: FilePlace | undefined) {
  return { file: place?.file ?? '', line: place?.start.line ?? 0, column: place?.start.column ?? 0 };
}
