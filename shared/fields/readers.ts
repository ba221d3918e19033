import type { Complaint, Report } from '../annotation/complaint.ts';
import type { Node, ScalarNode } from '../annotation/node.ts';
import { isDnsLabel } from '../values/dns.ts';
import { durationMeant, parseDuration } from '../values/duration.ts';
import { nearestName } from '../values/nearest.ts';
import { described } from './field.ts';
import type { Read } from './field.ts';

/**
 * Plain words that YAML 1.1, which other readers of these texts use, takes for something else than text: a header value
 * `yes` was a boolean there, `12:30` a number. Quotes make them clear for everyone.
 */
const OTHER_IN_YAML_1_1 =
  /^(?:y|n|yes|no|on|off|[-+]?0[0-7_]+|[-+]?0b[01_]+|[-+]?\d[\d_]*(?:\.[\d_]*)?|[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.\d*)?)$/i;

/** Any text. Numbers and booleans are not taken for text: `2024.10` would lose its zero. */
export const readText: Read<string> = (node, path, report) => {
  if (node.kind === 'refused') return undefined;
  if (node.kind === 'scalar' && typeof node.value === 'string' && !(node.plain && OTHER_IN_YAML_1_1.test(node.value))) {
    return node.value;
  }
  const quote = node.kind === 'scalar' && node.value !== null;
  const ambiguous = quote && typeof node.value === 'string';
  report({
    name: 'TypeWrong',
    at: node.at,
    path,
    must: 'must be text',
    found: ambiguous ? `but ${node.source} without quotes is no text to every reader of YAML` : described(node),
    fix: quote ? `write '${node.source}' in quotes` : 'write one word or a text in quotes',
  });
  return undefined;
};

/** Text that is not empty. */
export const readFilledText: Read<string> = (node, path, report) => {
  const text = readText(node, path, report);
  if (text === undefined || text !== '') return text;
  reportValue(report, node, path, 'must not be empty', 'fill it in, or leave the field out');
  return undefined;
};

/** Text of a certain form; `read` says what is text at all. */
export function readTextThat(
  holds: (text: string) => boolean,
  must: string,
  fix: string,
  read: Read<string> = readText,
): Read<string> {
  return (node, path, report) => {
    const text = read(node, path, report);
    if (text === undefined || holds(text)) return text;
    reportValue(report, node, path, must, fix);
    return undefined;
  };
}

export const readLabel: Read<string> = (node, path, report) => {
  const text = readText(node, path, report);
  if (text === undefined || isDnsLabel(text)) return text;
  const label = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  reportValue(
    report,
    node,
    path,
    'must be a DNS label: at most 63 lower-case letters, digits and dashes',
    isDnsLabel(label) ? `write '${label}'` : 'shorten it',
  );
  return undefined;
};

/** One of the words, which are text also where other readers see a boolean (`off`); the nearest one is suggested. */
export function readOneOf<T extends string>(...words: readonly T[]): Read<T> {
  const must = `must be one of ${words.map(word => `'${word}'`).join(', ')}`;
  return (node, path, report) => {
    const text = node.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
    const word = words.find(each => each === text);
    if (word !== undefined) return word;
    const fix = `write '${nearestName(text ?? '', words) ?? words[0] ?? ''}'`;
    // Helm and other readers of YAML 1.1 turn a bare `off` into false before it gets here.
    const wasOff = node.kind === 'scalar' && node.value === false && words.some(each => each === 'off');
    if (text === undefined) reportType(report, node, path, must, wasOff ? "write 'off', in quotes" : fix);
    else reportValue(report, node, path, must, fix);
    return undefined;
  };
}

export const readBoolean: Read<boolean> = (node, path, report) => {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
  reportType(report, node, path, 'must be true or false', 'write `true` or `false`, without quotes');
  return undefined;
};

/** A whole number in decimal digits, from `least` to `most`. */
export function readWholeNumber(least: number, most: number): Read<number> {
  const must = `must be a whole number from ${least} to ${most}`;
  return (node, path, report) => {
    if (node.kind === 'scalar' && typeof node.value === 'number' && /^(?:0|-?[1-9]\d{0,15})$/.test(node.source)) {
      if (node.value >= least && node.value <= most) return node.value;
      reportValue(report, node, path, must, `write a number from ${least} to ${most}`);
      return undefined;
    }
    reportType(report, node, path, must, 'write it in decimal digits, without quotes');
    return undefined;
  };
}

/** Milliseconds. */
export const readDuration: Read<number> = (node, path, report) => {
  if (node.kind === 'scalar' && typeof node.value === 'string') {
    const duration = parseDuration(node.value);
    if (duration !== undefined) return duration;
  }
  const must = "must be a time with unit, such as '300s', '5m', '500ms' or '0s', of at most one year";
  const number = node.kind === 'scalar' && typeof node.value === 'number';
  const meant = durationMeant(node.kind === 'scalar' ? String(node.value) : '') ?? '300s';
  reportType(
    report,
    node,
    path,
    must,
    number ? `write \`${node.source}s\`, if seconds are meant` : `write \`${meant}\``,
  );
  return undefined;
};

/** The value has the right type but is not allowed. */
export function reportValue(
  report: Report,
  node: ScalarNode | Node,
  path: string,
  must: string,
  fix: string,
  at: Complaint['at'] = node.at,
): void {
  report({ name: 'ValueWrong', at, path, must, found: described(node), fix });
}

export function reportType(report: Report, node: Node, path: string, must: string, fix: string): void {
  if (node.kind !== 'refused') report({ name: 'TypeWrong', at: node.at, path, must, found: described(node), fix });
}
