import type { Range } from '../source.ts';
import { isLabelKey, isLabelValue } from '../values/label.ts';
import { clipped, quoted } from './field.ts';
import type { Read } from './field.ts';
import { readText, reportType } from './readers.ts';

/** A label, and where it is written. */
export interface WrittenLabel {
  readonly key: string;
  readonly value: string;
  readonly at: Range;
}

export const readMetadataLabels: Read<readonly WrittenLabel[]> = (node, path, report) => {
  if (node.kind !== 'map') {
    reportType(report, node, path, 'must be a map of labels', 'write `{team: search}`');
    return undefined;
  }
  return node.entries.flatMap(({ key, keyAt, value: given }): WrittenLabel[] => {
    const item = `${path}.${clipped(key)}`;
    const value = readText(given, item, report);
    if (value === undefined) return [];
    if (!isLabelKey(key)) {
      report({
        name: 'ValueWrong',
        at: keyAt,
        path: item,
        must: 'must be the name of a label: at most 63 letters, digits, dashes, dots and underscores, perhaps with a DNS name and a slash in front',
        found: `but is ${quoted(key)}`,
        fix: "write a name such as 'example.com/team'",
      });
      return [];
    }
    if (isLabelValue(value)) return [{ key, value, at: keyAt }];
    report({
      name: 'ValueWrong',
      at: given.at,
      path: item,
      must: 'must be the value of a label: at most 63 letters, digits, dashes, dots and underscores, with a letter or digit at both ends',
      found: `but is ${quoted(value)}`,
      fix: "write a value such as 'search'",
    });
    return [];
  });
};
