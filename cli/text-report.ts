import { styleText } from 'node:util';
import { objectName } from '../shared/findings/format.ts';
import type { ObjectRef } from '../shared/findings/finding.ts';
import type { FilePlace } from './manifests.ts';
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

/** Longest piece of a source line that is shown: minified JSON is one line. */
const SHOWN = 120;

/** The source line, and a caret under the place. */
function picture({ place, sourceLine }: Report, paint: Paint): readonly string[] {
  if (place === undefined) return [];
  const { start, end } = place;
  const first = Math.max(0, start.column - 1 - SHOWN / 2);
  const shown = sourceLine.slice(first, first + SHOWN);
  const before = shown.slice(0, start.column - 1 - first);
  const rest = shown.slice(before.length);
  const length = end.line === start.line ? end.column - start.column : rest.length;
  const marked = rest.slice(0, Math.max(1, length));
  // Tabs stay tabs, so that the caret stands right whatever their width.
  const indent = before.replace(/[^\t]/gu, character => ' '.repeat(columns(character)));
  const width = Array.from(marked, columns).reduce((sum, one) => sum + one, 0);
  const carets = '^'.repeat(Math.max(1, width));
  return [printable(shown), `${indent}${paint('green', carets)}`];
}

const WIDE = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff01-\uff60]/u;

/** How many columns of a terminal a character takes. */
function columns(character: string): number {
  return WIDE.test(character) ? 2 : 1;
}

/** Nothing from a file reaches the terminal as a control sequence. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, character => (character === '\t' ? character : '\ufffd'));
}
