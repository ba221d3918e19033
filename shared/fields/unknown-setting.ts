import type { Report } from '../annotation/complaint.ts';
import type { Range } from '../source.ts';

export function reportUnknownSetting(at: Range, path: string, nearest: string | undefined, report: Report): void {
  report({
    name: 'FieldUnknown',
    at,
    path,
    must: 'must be a setting',
    found: 'but is none',
    fix: nearest === undefined ? 'delete it' : `write \`${nearest}\``,
  });
}
