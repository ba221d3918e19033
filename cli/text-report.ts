import { styleText } from 'node:util';
import stringWidth from 'string-width';
import { objectName } from '../shared/findings/format.ts';
import type { ObjectRef } from '../shared/findings/finding.ts';
import type { FilePlace } from './manifests.ts';
import { printable } from './printable.ts';
import type { Report } from './report.ts';

type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/**
 * One finding in the form that scripts may rely on:
 *
 *   shop.yaml:12:9: error WM049: `replicas.max` must be …
 *         max: 1
 *              ^
 *   fix: write …
 */
export function reportText(report: Report, color: boolean): string {
  const paint: Paint = color ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
  const { severity, code, message, fix, object, place, related } = report;
  const head = paint(severity === 'error' ? 'red' : 'yellow', `${severity} ${code}`);
  const lines = [
    `${placeText(place, object)}: ${head}: ${printable(message)}`,
    ...picture(report, paint),
    printable(`fix: ${fix}`),
    ...related.map(other => `see: ${placeText(other.place, other.object)}: ${printable(other.message)}`),
  ];
  return lines.map(line => `${line}\n`).join('');
}

/** The last line of all: "2 errors, 1 warning". */
export function summaryText(reports: readonly Report[]): string {
  const count = (severity: Report['severity']) => reports.filter(report => report.severity === severity).length;
  const counted = (number: number, noun: string) =>
    number === 0 ? [] : [`${number} ${noun}${number === 1 ? '' : 's'}`];
  return [...counted(count('error'), 'error'), ...counted(count('warning'), 'warning')].join(', ');
}

function placeText(place: FilePlace | undefined, object: ObjectRef): string {
  if (place === undefined) return printable(objectName(object));
  return printable(`${place.file}:${place.start.line}:${place.start.column}`);
}

/** Longest piece of a source line that is shown, in UTF-16 units: minified JSON is one line. */
const SHOWN = 120;

/** The source line, and a caret under the place. */
function picture({ place, sourceLine }: Report, paint: Paint): readonly string[] {
  if (place === undefined) return [];
  const { start, end } = place;
  const column = start.column - 1;
  const first = wholeCharacter(sourceLine, Math.max(0, column - SHOWN / 2));
  const shown = printable(sourceLine.slice(first, wholeCharacter(sourceLine, first + SHOWN)));
  const before = shown.slice(0, column - first);
  const rest = shown.slice(before.length);
  const length = end.line === start.line ? end.column - start.column : rest.length;
  // Tabs stay tabs, so that the caret stands right whatever their width.
  const indent = before
    .split('\t')
    .map(part => ' '.repeat(stringWidth(part)))
    .join('\t');
  const carets = '^'.repeat(Math.max(1, stringWidth(rest.slice(0, length).replaceAll('\t', ' '))));
  return [shown, `${indent}${paint('green', carets)}`];
}

/** The offset, or the one behind it where it would cut a pair of surrogates. */
function wholeCharacter(text: string, offset: number): number {
  return /[\udc00-\udfff]/.test(text[offset] ?? '') && offset > 0 ? offset + 1 : offset;
}
